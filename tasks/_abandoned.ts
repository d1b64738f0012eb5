/**
 * Cancelled calls that nobody awaits.
 *
 * A native task may have several calls under way, and be cancelled: each gets its CancelledError,
 * and the first ends the function that was to await the others. Their promises then are
 * rejected with nobody there, for which platforms end the process. But a cancellation that reached
 * the code of its task is handled, here as in Python.
 *
 * @module
 */

import type { CancelledError } from "../errors.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { expectRejections } from "./_runtime/rejections.ts";

const delivered = new WeakSet<object>();
const watched = new WeakSet<EventLoop>();

/** `error` is about to be thrown in native code. */
export function noteCancelled(loop: EventLoop, error: CancelledError): void {
  delivered.add(error);
  if (watched.has(loop) || loop.isClosed()) return;
  watched.add(loop);
  const release = expectRejections((reason) => delivered.has(reason as object));
  loop._holders.add({ loopClosed: release });
}

/** It is the outcome of its task: who asks for that has to handle it. */
export function noteOutcome(error: CancelledError): void {
  delivered.delete(error);
}
