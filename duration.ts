/**
 * Durations: milliseconds by default, and the two spellings that name a unit.
 *
 * @module
 */

import { ValueError } from "./errors.ts";

/**
 * The part of `Temporal.Duration` that is needed to read one; a real one fits,
 * and so does any object that counts the same units.
 */
export interface DurationFields {
  /** Days, of 24 hours each. */
  readonly days?: number;
  /** Hours. */
  readonly hours?: number;
  /** Minutes. */
  readonly minutes?: number;
  /** Seconds. */
  readonly seconds?: number;
  /** Milliseconds. */
  readonly milliseconds?: number;
  /** Microseconds. */
  readonly microseconds?: number;
  /** Nanoseconds. */
  readonly nanoseconds?: number;
}

/**
 * A length of time: a number of milliseconds, or an object that names its units,
 * such as `{ seconds: 5 }` or a `Temporal.Duration`.
 */
export type DurationLike = number | DurationFields;

const UNITS = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  milliseconds: 1,
  microseconds: 1e-3,
  nanoseconds: 1e-6,
} as const;

/**
 * Converts a duration to milliseconds.
 *
 * @param duration What to convert. Negative ones are kept as they are.
 * @param what The parameter's name, for the error message.
 * @returns The duration in milliseconds.
 * @throws {ValueError} If it is NaN.
 * @throws {TypeError} If it is no duration at all.
 *
 * @example Usage
 * ```ts
 * import { toMilliseconds } from "@aio/asyncio/loop";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(toMilliseconds({ minutes: 1, seconds: 5 }), 65_000);
 * ```
 */
export function toMilliseconds(duration: DurationLike, what = "delay"): number {
  const ms = typeof duration === "number" ? duration : sumOfUnits(duration, what);
  if (ms !== ms) {
    throw new ValueError(`Cannot wait as '${what}' must be a number: current value is NaN`);
  }
  return ms;
}

function sumOfUnits(duration: DurationFields, what: string): number {
  let total = 0;
  let named = false;
  if (typeof duration === "object" && duration !== null) {
    for (const unit of Object.keys(UNITS) as (keyof typeof UNITS)[]) {
      const count = duration[unit];
      if (count === undefined) continue;
      named = true;
      total += Number(count) * UNITS[unit];
    }
  }
  if (named) return total;
  throw new TypeError(
    `Cannot wait as '${what}' must be milliseconds, { seconds: n } or a Temporal.Duration: ` +
      `current value is ${
        typeof duration === "object" ? JSON.stringify(duration) : String(duration)
      }`,
  );
}
