import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ExceptionGroup } from "@aio/asyncio";

const [type, range, syntax] = [new TypeError("t"), new RangeError("r"), new SyntaxError("s")];
const nested = new ExceptionGroup("outer", [type, new ExceptionGroup("inner", [range, syntax])]);

/** The messages in a group, nested as they are. */
function shape(error: unknown): unknown {
  if (!(error instanceof ExceptionGroup)) return (error as Error).message;
  return [error.message, ...error.exceptions.map(shape)];
}

describe("ExceptionGroup", () => {
  it("is an AggregateError with a message and errors", () => {
    const group = new ExceptionGroup("both", [type, range], { cause: "why" });
    assert(group instanceof AggregateError);
    assertEquals([group.name, group.message, group.cause], ["ExceptionGroup", "both", "why"]);
    assertEquals(group.exceptions, [type, range]);
    assertStrictEquals(group.exceptions, group.errors);
  });

  it("of no errors is refused", () => {
    assertThrows(
      () => new ExceptionGroup("none", []),
      RangeError,
      "Cannot make an ExceptionGroup of no errors: at least one is required",
    );
  });

  it("split() takes it apart by class, and keeps the nesting", () => {
    const [matching, rest] = nested.split(RangeError);
    assertEquals(shape(matching), ["outer", ["inner", "r"]]);
    assertEquals(shape(rest), ["outer", "t", ["inner", "s"]]);
  });

  it("split() takes several classes, or a test", () => {
    assertEquals(nested.split([TypeError, SyntaxError]).map(shape), [
      ["outer", "t", ["inner", "s"]],
      ["outer", ["inner", "r"]],
    ]);
    const [matching] = nested.split((error) => (error as Error).message === "s");
    assertEquals(shape(matching), ["outer", ["inner", "s"]]);
  });

  it("split() gives null for a part that is empty", () => {
    assertEquals(nested.split(EvalError)[0], null);
    const [matching, rest] = nested.split(Error);
    assertStrictEquals(matching, nested);
    assertEquals(rest, null);
  });

  it("subgroup() gives those that fit, or null", () => {
    assertEquals(shape(nested.subgroup(TypeError)), ["outer", "t"]);
    assertEquals(nested.subgroup(EvalError), null);
  });

  it("derive() says what a part of a subclass is", () => {
    class Annotated extends ExceptionGroup {
      readonly note: string;
      constructor(message: string, errors: Iterable<unknown>, note: string) {
        super(message, errors);
        this.note = note;
      }
      override derive(errors: Iterable<unknown>): Annotated {
        return new Annotated(this.message, errors, this.note);
      }
    }
    const part = new Annotated("noted", [type, range], "kept").subgroup(TypeError);
    assert(part instanceof Annotated);
    assertEquals(part.note, "kept");
  });
});
