/**
 * Keeping work from being cancelled.
 *
 * @module
 */

import type { Awaitable, ResultOf } from "./awaitable.ts";
import { CANCELLED, FAILED, Future } from "./future.ts";
import { ensureFuture } from "./create_task.ts";

/**
 * Waits for `awaitable`, and keeps a cancellation of the waiter from reaching it.
 *
 * Cancellation: the waiter is cancelled, the awaitable goes on. If that is cancelled
 * itself, so is this. Keep the task that you shield, so as to await it later; an error
 * that it has after the waiter was cancelled is reported, not lost.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.shield | asyncio.shield}.
 *
 * @typeParam A The awaitable's type.
 * @param awaitable What to shield; a coroutine becomes a task.
 * @returns A future of its outcome; the awaitable's own future if that is done.
 * @throws {TypeError} If it can't be awaited.
 *
 * @example Usage
 * ```ts
 * import { createTask, run, shield, sleep, TimeoutError, waitFor } from "@aio/asyncio";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await run(async () => {
 *   const work = createTask(sleep(5, "saved"));
 *   await assertRejects(async () => await waitFor(shield(work), 1), TimeoutError);
 *   assertEquals(await work, "saved");
 * });
 * ```
 */
export function shield<A extends Awaitable<unknown>>(awaitable: A): Future<ResultOf<A>> {
  const inner = ensureFuture(awaitable);
  if (inner.done()) return inner;
  const outer = new Future<ResultOf<A>>({ loop: inner._loop });
  const innerDone = () => {
    if (outer._state === CANCELLED) return inner._retrieved();
    if (inner._state === CANCELLED) return outer.cancel();
    const hasFailed = inner._state === FAILED;
    const value = hasFailed ? inner._takeError() : inner._value;
    // If somebody else has settled it, this says so, and that is reported.
    outer._checkPending(hasFailed ? "set the exception of" : "set the result of");
    outer._finish(inner._state, value);
  };
  const follow = () => inner.done() ? innerDone() : inner.addDoneCallback(innerDone);
  if (!inner._loop._baton.afterFirstStep(inner, follow)) follow();
  outer.addDoneCallback(() => {
    if (!inner.done()) inner.removeDoneCallback(innerDone);
  });
  return outer;
}
