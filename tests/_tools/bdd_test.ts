import { assert, assertEquals, fail } from "@std/assert";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";

const events: string[] = [];

describe("describe() with hooks", () => {
  beforeAll(() => void events.push("beforeAll"));
  beforeEach(() => void events.push("outer beforeEach"));
  afterEach(() => void events.push("outer afterEach"));
  afterAll(() => void events.push("afterAll"));

  it("it() runs beforeAll() hooks first", () => {
    assertEquals(events, ["beforeAll", "outer beforeEach"]);
  });

  it("it() runs each hook around each test, and waits for it", async () => {
    await Promise.resolve();
    assertEquals(events.slice(2), ["outer afterEach", "outer beforeEach"]);
  });

  describe("and a suite inside", () => {
    beforeEach(() => void events.push("inner beforeEach"));

    it("it() runs outer hooks before inner ones", () => {
      assertEquals(events.slice(-2), ["outer beforeEach", "inner beforeEach"]);
    });
  });
});

describe("describe() without hooks", () => {
  it("it() doesn't run the hooks of other suites", () => {
    const before = events.length;
    assertEquals(events.length, before);
    assertEquals(events.filter((event) => event === "beforeAll").length, 1);
  });

  it.skip("it.skip() doesn't run", () => assert(false));
  it("it() takes options", { ignore: true }, () => assert(false));
});

it("it() stands alone, too", () => assert(true));

describe.skip("describe.skip()", () => {
  beforeAll(() => fail("a hook of a skipped suite was run"));
  it("skips its tests and hooks", () => fail("a test of a skipped suite was run"));
});
