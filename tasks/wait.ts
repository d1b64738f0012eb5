/**
 * Waiting for some of several futures.
 *
 * @module
 */

import type { FutureLike } from "../loop/awaitable.ts";
import type { ResultOf } from "./awaitable.ts";
import { type Coroutine, fromGenerator, isCoroutine } from "./coroutine.ts";
import { describeValue } from "../loop/describe.ts";
import { type DurationLike, toMilliseconds } from "../duration.ts";
import { ensureFuture } from "./create_task.ts";
import { FAILED, finishUnlessDone, Future } from "./future.ts";
import { toArray } from "./gather.ts";
import { ValueError } from "../errors.ts";
import { holdForeign } from "./until.ts";

/** For `wait`: until the first of them is done. */
export const FIRST_COMPLETED = "FIRST_COMPLETED";
/** For `wait`: until the first of them has failed, or all are done. */
export const FIRST_EXCEPTION = "FIRST_EXCEPTION";
/** For `wait`: until all are done. */
export const ALL_COMPLETED = "ALL_COMPLETED";

/** Until when to wait. */
export type ReturnWhen = typeof FIRST_COMPLETED | typeof FIRST_EXCEPTION | typeof ALL_COMPLETED;

/** Options of `wait`. */
export interface WaitOptions {
  /** How long at most: milliseconds, or a `DurationLike`; null, the default, for no limit. */
  timeout?: DurationLike | null;
  /** Until when; `ALL_COMPLETED` by default. */
  returnWhen?: ReturnWhen;
}

/**
 * Waits until some or all of the awaitables are done, or the time has passed.
 *
 * It throws nothing of theirs, and no TimeoutError: look at the two sets.
 *
 * Cancellation: ends the wait alone; what is waited for goes on.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.wait | asyncio.wait};
 * in milliseconds.
 *
 * @typeParam A The futures' type.
 * @param awaitables Futures and tasks, and foreign promises. Not coroutines: as they would
 * become tasks that you don't know, Python has refused them since 3.11.
 * @param options See {@link WaitOptions}.
 * @returns Those that are done and those that are not, in the order of the arguments.
 * @throws {ValueError} If there are none, or `returnWhen` is unknown.
 * @throws {TypeError} If one of them is a coroutine, or can't be awaited.
 *
 * @example Usage
 * ```ts
 * import { createTask, FIRST_COMPLETED, run, sleep, wait } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const tasks = [sleep(1, "a"), sleep(1000, "b")].map((nap) => createTask(nap));
 *   const [done, pending] = await wait(tasks, { returnWhen: FIRST_COMPLETED });
 *   assertEquals([...done].map((task) => task.result()), ["a"]);
 *   for (const task of pending) task.cancel();
 * });
 * ```
 */
export function wait<A extends FutureLike<unknown> | PromiseLike<unknown>>(
  awaitables: Iterable<A>,
  options: WaitOptions = {},
): Coroutine<[done: Set<Future<ResultOf<A>>>, pending: Set<Future<ResultOf<A>>>]> {
  const all = toArray(awaitables, "wait");
  const { timeout = null, returnWhen = ALL_COMPLETED } = options;
  if (all.length === 0) throw new ValueError("Cannot wait for an empty set of awaitables");
  if (![FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED].includes(returnWhen)) {
    throw new ValueError(
      "Cannot wait as 'returnWhen' must be FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED: " +
        `current value is ${String(returnWhen)}`,
    );
  }
  for (const each of all) {
    if (!isCoroutine(each) && typeof each !== "function") continue;
    throw new TypeError(
      `Cannot wait for the coroutine ${
        describeValue(each)
      }: make a task of it first, so that you ` +
        "know it in the result: wait([createTask(f)])",
    );
  }
  const limit = timeout === null ? null : toMilliseconds(timeout, "timeout");
  const held = all.map(holdForeign);
  return fromGenerator("wait", () => {
    const futures = new Set(held.map((awaitable) => ensureFuture(awaitable)));
    return waitForSome(futures, limit, returnWhen);
  });
}

function* waitForSome<T>(
  futures: Set<Future<T>>,
  limit: number | null,
  returnWhen: ReturnWhen,
): Generator<unknown, [Set<Future<T>>, Set<Future<T>>], unknown> {
  const [first] = futures;
  const loop = first!._loop;
  const ended = new Future<void>({ loop });
  const end = () => finishUnlessDone(ended, undefined);
  const timer = limit === null ? null : loop.callLater(limit, end);
  let left = futures.size;
  const completed = (future: Future<T>) => {
    left--;
    if (
      left <= 0 || returnWhen === FIRST_COMPLETED ||
      (returnWhen === FIRST_EXCEPTION && future._state === FAILED)
    ) {
      timer?.cancel();
      end();
    }
  };
  for (const future of futures) future.addDoneCallback(completed);
  try {
    yield* ended;
  } finally {
    timer?.cancel();
    for (const future of futures) future.removeDoneCallback(completed);
  }
  const done = new Set<Future<T>>();
  const pending = new Set<Future<T>>();
  for (const future of futures) (future.done() ? done : pending).add(future);
  return [done, pending];
}
