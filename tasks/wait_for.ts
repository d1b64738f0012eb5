/**
 * Waiting with a time limit.
 *
 * @module
 */

import type { Awaitable, ResultOf } from "./awaitable.ts";
import { CancelledError, TimeoutError } from "../errors.ts";
import { type Coroutine, fromGenerator } from "./coroutine.ts";
import { type DurationLike, toMilliseconds } from "../duration.ts";
import { ensureFuture } from "./create_task.ts";
import { finishUnlessDone, Future } from "./future.ts";
import { getRunningLoop } from "../loop/running.ts";
import { FIRST_STEPS } from "./_strand.ts";
import { runWithin, Timeout } from "./timeout.ts";
import { holdForeign } from "./until.ts";
import { within } from "./body.ts";

/**
 * Waits for `awaitable`, and cancels it when `limit` passes.
 *
 * It ends only when the awaitable has: a TimeoutError means that the work was
 * cancelled and has ended, and a result that comes together with the end of the time
 * is not lost. A coroutine runs within the current task.
 *
 * Cancellation: cancelling the caller cancels the awaitable. To keep that alive, wrap
 * it in `shield()`.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.wait_for | asyncio.wait_for};
 * in milliseconds.
 *
 * @typeParam A The awaitable's type.
 * @param awaitable What to wait for.
 * @param limit Milliseconds, or a `DurationLike`; null for no limit. With 0 or less, only what is done by now is in time.
 * @returns The awaitable's result.
 * @throws {TimeoutError} If the time passed; never if the awaitable ended by itself before.
 *
 * @example Usage
 * ```ts
 * import { run, sleep, TimeoutError, waitFor } from "@aio/asyncio";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await run(async () => {
 *   assertEquals(await waitFor(sleep(1, "a"), 1000), "a");
 *   await assertRejects(async () => await waitFor(sleep(1000), 1), TimeoutError);
 * });
 * ```
 */
export function waitFor<A extends Awaitable<unknown>>(
  awaitable: A,
  limit: DurationLike | null,
): Coroutine<ResultOf<A>> {
  const milliseconds = limit === null ? null : toMilliseconds(limit, "limit");
  const held = holdForeign(awaitable);
  return fromGenerator("waitFor", () => waitForWithin(held, milliseconds)) as Coroutine<
    ResultOf<A>
  >;
}

function* waitForWithin(
  awaitable: Awaitable<unknown>,
  limit: number | null,
): Generator<unknown, unknown, unknown> {
  if (limit !== null && limit <= 0) {
    const future = ensureFuture(awaitable);
    yield FIRST_STEPS; // if it is an eager task, it may be done after its first
    return yield* expectDone(future);
  }
  const when = limit === null ? null : getRunningLoop().time() + limit;
  return yield* runWithin(new Timeout(when), () => within(awaitable));
}

function* expectDone(future: Future<unknown>): Generator<unknown, unknown, unknown> {
  if (future.done()) return future.result();
  yield* cancelAndWait(future);
  try {
    return future.result();
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    throw new TimeoutError("It was not done by now", { cause: error });
  }
}

/** Cancels a future and waits until it has ended; can itself be cancelled meanwhile. */
function* cancelAndWait(future: Future<unknown>): Generator<unknown, void, unknown> {
  const ended = new Future<void>({ loop: future._loop });
  const end = () => finishUnlessDone(ended, undefined);
  future._whenDone(end);
  try {
    future.cancel();
    yield* ended;
  } finally {
    future.removeDoneCallback(end);
  }
}
