/**
 * Whether the platform had its chance lately.
 *
 * Invariants:
 * - A breath is a macrotask: only what ran in one is known to follow others. Being woken by a
 *   microtask tells nothing.
 * - It is the platform's, not a loop's: many loops one after the other, or beside each other, may
 *   starve it as one does.
 *
 * Whoever is woken, and doesn't know by whom, asks {@link isOverdue}. When that isn't known either,
 * it sends for a macrotask that only takes note; if the next who asks after a while finds it has
 * not come, none has. What passes through no loop, as an await of what is done already, asks too,
 * now and then.
 *
 * @module
 */

import type { Driver } from "./driver.ts";

/** How long code may run on before the platform gets its chance, in milliseconds. */
export const BUDGET = 1;
/** The same as a count, for platforms whose clock stands still while code runs. */
const BUDGET_COUNT = 1_000;

const clock = globalThis.performance ?? Date;

let last = -Infinity;
let count = 0;
let isSentFor = false;

/** This is a macrotask. */
export function noteMacrotask(): void {
  last = clock.now();
  count = 0;
  isSentFor = false;
}

/** Has code been running on, as far as can be known, without a macrotask in between? */
export function isOverdue(driver: Driver): boolean {
  const now = clock.now();
  if (now - last < BUDGET && ++count < BUDGET_COUNT) return false;
  if (isSentFor) return true;
  isSentFor = true;
  last = now;
  count = 0;
  driver.later(noteMacrotask, false);
  return false;
}

/** How many awaits that needn't wait may follow each other before one of them asks. */
const ASK_EVERY = 8;

let unasked = 0;

/** As {@link isOverdue}, for what comes often: asks each few times. */
export function isNowOverdue(driver: Driver): boolean {
  if (++unasked < ASK_EVERY) return false;
  unasked = 0;
  return isOverdue(driver);
}
