import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { toMilliseconds, ValueError } from "@aio/asyncio";

describe("toMilliseconds()", () => {
  it("takes milliseconds, objects of units, and Temporal.Duration", () => {
    assertEquals(toMilliseconds(5), 5);
    assertEquals(toMilliseconds(-5), -5);
    assertEquals(toMilliseconds(Infinity), Infinity);
    assertEquals(toMilliseconds({ seconds: 1.5 }), 1500);
    assertEquals(
      toMilliseconds({ days: 1, hours: 1, minutes: 1, microseconds: 500 }),
      90_060_000.5,
    );
    const { Temporal } = globalThis as unknown as {
      Temporal?: { Duration: { from(text: string): { seconds: number } } };
    };
    if (Temporal !== undefined) {
      assertEquals(toMilliseconds(Temporal.Duration.from("PT1M2.5S")), 62_500);
    }
  });

  it("refuses NaN and what is no duration, and names the parameter", () => {
    assertThrows(
      () => toMilliseconds(NaN, "limit"),
      ValueError,
      "Cannot wait as 'limit' must be a number: current value is NaN",
    );
    assertThrows(
      () => toMilliseconds({ second: 1 } as never),
      TypeError,
      "Cannot wait as 'delay' must be milliseconds, { seconds: n } or a Temporal.Duration: " +
        'current value is {"second":1}',
    );
    for (const wrong of ["5", null, undefined, true, []]) {
      assertThrows(() => toMilliseconds(wrong as never), TypeError, "'delay' must be milliseconds");
    }
  });
});
