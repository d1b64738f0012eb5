/**
 * Cancelled calls that nobody awaits.
 *
 * A native task may have several calls under way, and be cancelled: each gets its CancelledError,
 * and the first ends the function that was to await the others. Their promises then are
 * rejected with nobody there, for which platforms end the process. But a cancellation that reached
 * the code of its task is handled, here as in Python.
 *
 * So the platform's report is listened to from then on, and where a listener has effects of its own,
 * until the loop has no code left that waits.
 *
 * @module
 */

import type { CancelledError } from "../errors.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { floatingOf, LEFT_ALONE } from "./_floating.ts";
import { mayListenForEver, takeRejections } from "./_runtime/rejections.ts";

const delivered = new WeakSet<object>();
const cancelled = new WeakSet<EventLoop>();
/** Gives the listening up, for each loop that asked for it. */
const watching = new Map<EventLoop, () => void>();
let isListening = false;

/** `error` is about to be thrown in native code of a task. */
export function noteCancelled(loop: EventLoop, error: CancelledError): void {
  if (error.message === LEFT_ALONE) return; // that is told
  delivered.add(error);
  if (cancelled.has(loop)) return;
  cancelled.add(loop);
  if (mayListenForEver && isListening) return;
  isListening = true;
  const stop = takeRejections((reason) => delivered.has(reason as object));
  if (!mayListenForEver) watching.set(loop, stop);
}

/** Was code of a loop cancelled that waits still, or did lately? */
export function wereCancelled(loop: EventLoop): boolean {
  return cancelled.has(loop);
}

/** It is the outcome of its task: who asks for that has to handle it. */
export function noteOutcome(error: CancelledError): void {
  delivered.delete(error);
}

/** A task of a loop, or code that outlived its own, has ended: was it the last? */
export function noteLastEnd(loop: EventLoop): void {
  if (watching.size === 0 || loop._lastTask !== null || floatingOf(loop).length > 0) return;
  watching.get(loop)?.();
  if (watching.delete(loop)) cancelled.delete(loop);
}
