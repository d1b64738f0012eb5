import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertIsError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotStrictEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
  unreachable,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertType, type Has, type IsExact } from "@std/testing/types";

/** Tells whether an assertion fails, as it should: with an AssertionError. */
function fails(assertion: () => void): boolean {
  try {
    assertion();
  } catch (error) {
    assert(error instanceof AssertionError, `threw ${error}`);
    return true;
  }
  return false;
}

describe("assertions of values", () => {
  it("hold for what they say", () => {
    assert(1);
    assertFalse(0);
    assertEquals({ a: [1, new Map([["k", new Set([1])]])] }, {
      a: [1, new Map([["k", new Set([1])]])],
    });
    assertEquals(NaN, NaN);
    assertNotEquals({ a: 1 }, { a: 2 });
    assertStrictEquals(NaN, NaN);
    assertNotStrictEquals({}, {});
    assertExists(0);
    assertInstanceOf(new RangeError(), Error);
    assertMatch("abc", /b/);
    assertStringIncludes("abc", "bc");
    assertArrayIncludes([1, { a: 1 }], [{ a: 1 }]);
    assertGreater(2, 1);
    assertGreaterOrEqual(2n, 2n);
    assertLess("a", "b");
    assertLessOrEqual(1, 1);
    assertAlmostEquals(0.1 + 0.2, 0.3);
    assertObjectMatch({ a: { b: 1, c: 2 }, d: [1, { e: 1, f: 2 }] }, {
      a: { b: 1 },
      d: [1, { e: 1 }],
    });
    assertIsError(new TypeError("what"), TypeError, "wha");
  });

  it("fail for all else", () => {
    assert(fails(() => assert(0)));
    assert(fails(() => assertFalse(1)));
    assert(fails(() => assertEquals({ a: 1 }, { a: 2 })));
    assert(fails(() => assertEquals<unknown>([undefined], [null])));
    assert(fails(() => assertEquals<unknown>({ a: undefined }, {})));
    assert(fails(() => assertNotEquals([1], [1])));
    assert(fails(() => assertStrictEquals({}, {})));
    assert(fails(() => assertNotStrictEquals(1, 1)));
    assert(fails(() => assertExists(null)));
    assert(fails(() => assertInstanceOf(new Error(), RangeError)));
    assert(fails(() => assertMatch("abc", /x/)));
    assert(fails(() => assertStringIncludes("abc", "x")));
    assert(fails(() => assertArrayIncludes([1], [2])));
    assert(fails(() => assertGreater(1, 1)));
    assert(fails(() => assertGreaterOrEqual(1, 2)));
    assert(fails(() => assertLess(1, 1)));
    assert(fails(() => assertLessOrEqual(2, 1)));
    assert(fails(() => assertAlmostEquals(1, 2)));
    assert(fails(() => assertObjectMatch({ a: { b: 1 } }, { a: { b: 2 } })));
    assert(fails(() => assertObjectMatch({ a: 1 }, { b: 1 })));
    assert(fails(() => assertIsError(new TypeError("what"), RangeError)));
    assert(fails(() => assertIsError(new TypeError("what"), TypeError, "who")));
    assert(fails(() => fail("x")));
    assert(fails(() => unreachable()));
  });
});

describe("assertThrows()", () => {
  it("returns the error, typed as its class", () => {
    const error = assertThrows(() => JSON.parse("{"), SyntaxError, "JSON");
    assertType<IsExact<typeof error, SyntaxError>>(true);
    assertInstanceOf(error, SyntaxError);
    assertEquals(
      assertThrows(() => {
        throw 1;
      }),
      1,
    );
  });

  it("fails if nothing, another class or another message is thrown", () => {
    const throws = () => {
      throw new TypeError("what");
    };
    assert(fails(() => assertThrows(() => {})));
    assert(fails(() => assertThrows(throws, RangeError)));
    assert(fails(() => assertThrows(throws, TypeError, "who")));
  });
});

describe("assertRejects()", () => {
  it("resolves to the error, typed as its class", async () => {
    const error = await assertRejects(
      () => Promise.reject(new RangeError("far")),
      RangeError,
      "far",
    );
    assertType<IsExact<typeof error, RangeError>>(true);
    assertEquals(error.message, "far");
  });

  it("awaits a thenable that is no promise", async () => {
    const thenable: PromiseLike<never> = {
      then: (_, onRejected) => Promise.reject(new RangeError("far")).then(null, onRejected),
    };
    await assertRejects(() => thenable, RangeError, "far");
  });

  it("fails if the promise is fulfilled, if there is none, and if the call throws", async () => {
    await assertRejects(() => assertRejects(() => Promise.resolve()), AssertionError);
    await assertRejects(() => assertRejects(() => 1 as never), AssertionError);
    await assertRejects(
      () =>
        assertRejects(() => {
          throw new Error("early");
        }),
      AssertionError,
    );
  });
});

describe("tests of types", () => {
  it("tell types apart", () => {
    assertType<IsExact<string, string>>(true);
    // deno-lint-ignore no-explicit-any
    assertType<IsExact<any, string>>(false);
    assertType<IsExact<{ a?: string }, { a: string }>>(false);
    assertType<Has<string | number, number>>(true);
    assertType<Has<string, number>>(false);
  });
});
