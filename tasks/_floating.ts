/**
 * Tasks that have ended while native code of theirs still waits: calls of async functions that
 * nobody awaits, and what lost a `Promise.race`.
 *
 * @module
 */

import type { EventLoop } from "../loop/event_loop.ts";

/** The message of their cancellation: an error that has it and that nobody takes is of such a call. */
export const LEFT_ALONE = "nobody awaited the call before its run() ended";

interface Ended {
  readonly _loop: EventLoop;
}

const all = new WeakMap<EventLoop, Set<Ended>>();

/** Code of `task`, which has ended, waits. */
export function noteFloating(task: Ended): void {
  const known = all.get(task._loop);
  if (known === undefined) all.set(task._loop, new Set([task]));
  else known.add(task);
}

/** No code of `task` waits any more, of this module's at least. */
export function forgetFloating(task: Ended): void {
  all.get(task._loop)?.delete(task);
}

/** Those of a loop. */
export function floatingOf(loop: EventLoop): Ended[] {
  const ended = all.get(loop);
  return ended === undefined ? [] : [...ended];
}
