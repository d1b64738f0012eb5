/**
 * Time that jumps.
 *
 * @module
 */

import { DeadlockError } from "../errors.ts";
import type { Driver } from "../loop/driver.ts";
import { EventLoop } from "../loop/event_loop.ts";
import { platformDriver } from "../loop/platform_driver.ts";

/**
 * Makes a loop on a virtual clock: it starts at 0 and jumps to the next timer when
 * nothing is ready, so that a program that sleeps for hours runs in milliseconds, and
 * always in the same way.
 *
 * A program that waits for what can never come ends with a DeadlockError that lists
 * its tasks. While a foreign promise is awaited, the clock lets the platform run once
 * before it jumps.
 *
 * It doesn't move with the fake timers of other libraries, nor need them; for tests that use those,
 * take the platform's clock, which follows them: see `@aio/asyncio/testing`.
 *
 * @returns A loop; hand this function to `run` as its `loopFactory`.
 *
 * @example Usage
 * ```ts
 * import { DeadlockError, Future, getRunningLoop, run, sleep } from "@aio/asyncio";
 * import { virtualTime } from "@aio/asyncio/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const time = await run(async () => {
 *   await sleep({ hours: 1 });
 *   return getRunningLoop().time();
 * }, { loopFactory: virtualTime });
 * assertEquals(time, 3_600_000);
 *
 * const stuck = () => run(() => new Future(), { loopFactory: virtualTime });
 * await assertRejects(stuck, DeadlockError, "wait_for=<Future pending");
 * ```
 */
export function virtualTime(): EventLoop {
  return new EventLoop(virtualDriver());
}

/**
 * Makes the driver behind {@link virtualTime}: for an `EventLoop` of your own.
 *
 * @example Usage
 * ```ts
 * import { EventLoop } from "@aio/asyncio/loop";
 * import { virtualDriver } from "@aio/asyncio/testing";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new EventLoop(virtualDriver()).time(), 0);
 * ```
 */
export function virtualDriver(): Driver {
  const platform = platformDriver();
  let now = 0;
  return {
    now: () => now,
    later: platform.later,
    at(ms, wake, loop) {
      const isAided = loop.outside() > 0;
      if (ms >= Number.MAX_VALUE) {
        if (isAided) return () => {};
        throw new DeadlockError(describeDeadlock(loop.describeWaiting()));
      }
      let isWanted = true;
      const jump = () => {
        if (!isWanted) return;
        now = Math.max(now, ms);
        wake();
      };
      if (isAided) platform.later(jump, false); // a rest would outlive a wake-up before it
      else Promise.resolve().then(jump);
      return () => {
        isWanted = false;
      };
    },
  };
}

function describeDeadlock(waiting: string[]): string {
  return `Deadlock: nothing is ready and no timer is set, but ${waiting.length} ` +
    `task${waiting.length === 1 ? " waits" : "s wait"}:\n${
      waiting.map((line) => `  ${line}\n`).join("")
    }`.trimEnd();
}
