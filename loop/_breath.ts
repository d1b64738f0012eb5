/**
 * Whether the platform had its chance lately.
 *
 * Invariants:
 * - A breath is a macrotask: only what ran in one is known to follow others. Being woken by a
 *   microtask tells nothing.
 * - It is the platform's, not a loop's: many loops one after the other, or beside each other, may
 *   starve it as one does.
 *
 * Whoever is woken, and doesn't know by whom, asks {@link isOverdue}; so does what passes through no
 * loop, as an await of what is done already, now and then.
 *
 * @module
 */

/** How long code may run on before the platform gets its chance, in milliseconds. */
export const BUDGET = 1;
/** The same as a count, for platforms whose clock stands still while code runs. */
const BUDGET_COUNT = 1_000;
/** If the last macrotask was so long ago, it is sleep rather than work that lies between. */
const LONG_AGO = 4;
/** How many awaits that needn't wait may follow each other before one of them asks. */
const ASK_EVERY = 8;

const clock = globalThis.performance ?? Date;

let last = -Infinity;
let count = 0;
let unasked = 0;

/** This is a macrotask. */
export function noteMacrotask(): void {
  last = clock.now();
  count = 0;
}

/** Has code been running on, as far as is known, without a macrotask in between? */
export function isOverdue(): boolean {
  return clock.now() - last >= BUDGET || ++count >= BUDGET_COUNT;
}

/** As {@link isOverdue}, for what comes often: asks each few times. */
export function isNowOverdue(): boolean {
  if (++unasked < ASK_EVERY) return false;
  unasked = 0;
  return isOverdue();
}

/** Is it overdue again and again? Then what must not be starved is to get its chance, too. */
export function isBusy(): boolean {
  return clock.now() - last < LONG_AGO;
}
