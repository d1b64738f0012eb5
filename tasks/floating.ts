/**
 * The end of calls that nobody awaits.
 *
 * Python never starts a coroutine that nobody awaits. A call of an async function starts, and may
 * outlive its task; but not its loop. So when that is about to close, what the call waits for is
 * cancelled, for its `finally` to run.
 *
 * @module
 */

import { cancelBody } from "./_cancel.ts";
import { CancelledError } from "../errors.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { floatingOf, LEFT_ALONE } from "./_floating.ts";
import type { Owner } from "./_native_code.ts";
import { sleep } from "./sleep.ts";
import { takeRejections } from "./_runtime/rejections.ts";
import { until } from "./until.ts";
import { wereCancelled } from "./_abandoned.ts";

/** How long they may take to clean up, in milliseconds. */
const PATIENCE = 5000;
/** The same for those that may have been cancelled together with their task or block. */
const GRACE = 1000;

/** Are there any? */
export function hasFloating(loop: EventLoop): boolean {
  return floatingOf(loop).length > 0;
}

/** Cancels them, and waits until they have ended; tells of those whose end nobody sees. */
export async function endFloating(loop: EventLoop): Promise<void> {
  const stopTaking = takeRejections((reason) => {
    if (!(reason instanceof CancelledError) || reason.message !== LEFT_ALONE) return false;
    loop.callExceptionHandler({
      message: "A call that nobody awaited was still waiting when run() ended, and was cancelled",
      exception: reason,
    });
    return true;
  });
  try {
    await loop.runUntilComplete(cancelFloating(loop));
  } finally {
    stopTaking();
  }
}

function* cancelFloating(loop: EventLoop): Generator<unknown, void, unknown> {
  // A second cancellation would end their clean-up.
  if (wereCancelled(loop)) yield* waitForEnd(loop, GRACE, () => {});
  const cancelled = new Set<unknown>();
  yield* waitForEnd(loop, PATIENCE, (owner) => {
    if (cancelled.has(owner)) return;
    cancelled.add(owner);
    cancelBody(owner, LEFT_ALONE);
  });
}

/** Waits until there are none left, and shows those that are now and then. */
function* waitForEnd(
  loop: EventLoop,
  time: number,
  look: (owner: Owner) => void,
): Generator<unknown, void, unknown> {
  const end = loop.time() + time;
  let delay = 0; // mostly it is over at once
  while (hasFloating(loop) && loop.time() < end) {
    for (const owner of floatingOf(loop) as Owner[]) look(owner);
    yield* sleep(delay);
    delay = 1;
    // Their code runs on in microtasks, and may wait again.
    yield* until(new Promise<void>((resolve) => loop._driver.later(resolve, false)));
  }
}
