/** Checks of what callers hand in. @module */

import { describeValue } from "../loop/describe.ts";
import { ValueError } from "../errors.ts";

/** Lets whole numbers and Infinity pass, if they aren't below `least`. */
export function checkCount(value: number, least: number, what: string, name: string): number {
  const refuse = (rule: string) =>
    `Cannot ${what} as '${name}' must be ${rule}: current value is ${describeValue(value)}`;
  if (typeof value !== "number") throw new TypeError(refuse("a number"));
  if (!(value >= least)) throw new ValueError(refuse(`>= ${least}`));
  if (!Number.isInteger(value) && value !== Infinity) throw new ValueError(refuse("an integer"));
  return value;
}
