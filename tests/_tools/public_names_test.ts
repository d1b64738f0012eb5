import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compareNames, namesOf } from "../../_tools/public_names.ts";

const INTERNAL = { tags: [{ kind: "internal" }] };

describe("namesOf()", () => {
  it("gives names with their kinds, and the members of classes", () => {
    const symbols = [
      { name: "wait", declarations: [{ kind: "function" }] },
      {
        name: "Lock",
        declarations: [{
          kind: "class",
          def: { methods: [{ name: "locked" }], properties: [{ name: "name" }] },
        }],
      },
    ];
    assertEquals(namesOf({ symbols }), ["Lock class", "Lock.locked", "Lock.name", "wait function"]);
  });

  it("leaves out what isn't for users", () => {
    const methods = [
      { name: "wake", jsDoc: INTERNAL },
      { name: "_wake" },
      { name: "grow", accessibility: "protected" },
      { name: "get" },
    ];
    const symbols = [
      { name: "Queue", declarations: [{ kind: "class", def: { methods } }] },
      { name: "hidden", declarations: [{ kind: "function", jsDoc: INTERNAL }] },
    ];
    assertEquals(namesOf({ symbols }), ["Queue class", "Queue.get"]);
  });
});

describe("compareNames()", () => {
  it("tells what was lost and what is new", () => {
    assertEquals(compareNames(["a", "b"], ["b", "c"]), ["lost: a", "new: c"]);
    assertEquals(compareNames(["a"], ["a"]), []);
  });
});
