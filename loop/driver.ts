/**
 * The seam between the event loop and the platform below it.
 *
 * @module
 */

/**
 * What an event loop needs from below: a clock, a way to let the platform run,
 * and an alarm. The platform's own is the default; the virtual-time driver of
 * `@aio/asyncio/testing` makes time jump; bring your own with
 * `new EventLoop(driver)` and `install(() => new EventLoop(driver))`.
 *
 * @example A driver whose clock starts at zero
 * ```ts
 * import { type Driver, EventLoop, platformDriver } from "@aio/asyncio/loop";
 * import { run, sleep } from "@aio/asyncio";
 * import { assert } from "@std/assert";
 *
 * function zeroed(): Driver {
 *   const below = platformDriver();
 *   const start = below.now();
 *   const at: Driver["at"] = (ms, wake, loop) => below.at(ms + start, wake, loop);
 *   return { ...below, now: () => below.now() - start, at };
 * }
 * await run(() => sleep(1), { loopFactory: () => new EventLoop(zeroed()) });
 * assert(zeroed().now() < 1000);
 * ```
 */
export interface Driver {
  /** The time in milliseconds, from any start, never going back. */
  now(): number;
  /**
   * Calls `turn` from a macrotask: after the platform has had its chance to run
   * timers, I/O and rendering.
   *
   * @param busy Have turns been running on end? Then what must not be starved by a
   * series of such calls is to get its chance as well; else sooner is better.
   */
  later(turn: () => void, busy: boolean): void;
  /**
   * The loop has nothing to run. Calls `wake` at the time `ms`, unless the
   * returned function is called before.
   *
   * @param ms A time on this clock; `Infinity` if no timer is pending, `Number.MAX_VALUE` if the
   * next one is set for ever, as that of `sleep(Infinity)`.
   * @param wake To be called once. Not from within `at`.
   * @param loop Whose nothing it is: tells what else could still wake it.
   * @returns Gives up the alarm.
   * @throws If nothing can ever wake the loop: that ends its run with this error.
   */
  at(ms: number, wake: () => void, loop: Idle): () => void;
}

/** What a loop with nothing to run tells its driver. */
export interface Idle {
  /** How many things outside of the loop are awaited: promises, requests, workers. */
  outside(): number;
  /** A line for each task that waits: its representation, with what it waits for. */
  describeWaiting(): string[];
}
