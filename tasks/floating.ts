/**
 * The end of calls that nobody awaits.
 *
 * Python never starts a coroutine that nobody awaits. A call of an async function starts, and may
 * outlive its task; but not its loop. So when that is about to close, what the call waits for is
 * cancelled, for its `finally` to run.
 *
 * @module
 */

import { cancelStrand, type Owner } from "./_strand.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { floatingOf } from "./_floating.ts";
import { sleep } from "./sleep.ts";
import { until } from "./until.ts";

/** How long they may take to clean up, in milliseconds. */
const PATIENCE = 5000;

/** The message of their cancellation: an error that has it and that nobody takes is of such a call. */
export const LEFT_ALONE = "nobody awaited the call before its run() ended";

/** Are there any? */
export function hasFloating(loop: EventLoop): boolean {
  return floatingOf(loop).length > 0;
}

/** Cancels them, and waits until they have ended. */
export function* cancelFloating(loop: EventLoop): Generator<unknown, void, unknown> {
  const cancelled = new Set<unknown>();
  const end = loop.time() + PATIENCE;
  let delay = 0; // mostly it is over at once
  do {
    for (const owner of floatingOf(loop) as Owner[]) {
      if (cancelled.has(owner)) continue;
      cancelled.add(owner);
      for (let strand = owner._inner; strand !== null; strand = strand._older) {
        cancelStrand(strand, LEFT_ALONE);
      }
    }
    yield* sleep(delay);
    delay = 1;
    // Their code runs on in microtasks, and may wait again.
    yield* until(new Promise<void>((resolve) => loop._driver.later(resolve, false)));
  } while (hasFloating(loop) && loop.time() < end);
}
