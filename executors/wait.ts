/**
 * Waiting for several futures of executors at once.
 *
 * @module
 */

import { type DurationLike, toMilliseconds } from "../duration.ts";
import { ValueError } from "../errors.ts";
import type { ConcurrentFuture } from "./concurrent_future.ts";

/** For {@linkcode wait}: return when any future is done. */
export const FIRST_COMPLETED = "FIRST_COMPLETED" as const;
/** For {@linkcode wait}: return when any future raised, or all are done. */
export const FIRST_EXCEPTION = "FIRST_EXCEPTION" as const;
/** For {@linkcode wait}: return when all futures are done. */
export const ALL_COMPLETED = "ALL_COMPLETED" as const;

/** setTimeout's delay is a 32-bit integer: 24 days. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** When {@linkcode wait} returns. */
export type ReturnWhen =
  | typeof FIRST_COMPLETED
  | typeof FIRST_EXCEPTION
  | typeof ALL_COMPLETED;

/** Options of {@linkcode wait}. */
export interface WaitOptions {
  /** How long to wait at most; for ever by default. */
  timeout?: DurationLike | null | undefined;
  /** What to wait for; `ALL_COMPLETED` by default. */
  returnWhen?: ReturnWhen | undefined;
}

/**
 * Waits for futures of executors. It neither cancels them nor throws their
 * errors, and a time-out is no error either. Nothing is left at the futures when it returns.
 *
 * One that was cancelled is done once its executor knows, which is at once for those of `submit`.
 *
 * Port of {@link https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.wait | concurrent.futures.wait};
 * durations are in milliseconds.
 *
 * @typeParam F The futures' type.
 * @param futures What to wait for.
 * @param options When to return.
 * @returns The futures that are done, and those that aren't.
 * @throws {ValueError} If `returnWhen` is none of the three constants.
 *
 * @example Usage
 * ```ts
 * import { InlineExecutor, wait } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * await using pool = new InlineExecutor();
 * const futures = [1, 2, 3].map((n) => pool.submit((n: number) => n * n, n));
 * const [done, notDone] = await wait(futures);
 *
 * assertEquals([done.size, notDone.size], [3, 0]);
 * ```
 */
export function wait<F extends ConcurrentFuture<unknown>>(
  futures: Iterable<F>,
  options: WaitOptions = {},
): Promise<[done: Set<F>, notDone: Set<F>]> {
  const { timeout = null, returnWhen = ALL_COMPLETED } = options;
  if (
    returnWhen !== ALL_COMPLETED && returnWhen !== FIRST_COMPLETED &&
    returnWhen !== FIRST_EXCEPTION
  ) {
    throw new ValueError(`Cannot wait as 'returnWhen' is unknown: current value is ${returnWhen}`);
  }
  const all = new Set(futures);
  const limit = timeout === null ? null : toMilliseconds(timeout, "timeout");
  return new Promise((resolve) => {
    let left = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = (future: ConcurrentFuture<unknown>): boolean =>
      left === 0 || returnWhen === FIRST_COMPLETED ||
      (returnWhen === FIRST_EXCEPTION && future._hasThrown);
    const finish = (): void => {
      clearTimeout(timer);
      const done = new Set<F>();
      const notDone = new Set<F>();
      for (const future of all) {
        (future._isOver ? done : notDone).add(future);
        future.removeDoneCallback(onDone);
      }
      resolve([done, notDone]);
    };
    const onDone = (future: ConcurrentFuture<unknown>): void => {
      // Cancelled, which its executor has yet to learn: as in Python, it isn't done before.
      if (!future._isOver) return future._whenOver(onDone);
      left -= 1;
      if (enough(future)) finish();
    };
    for (const future of all) if (!future._isOver) left += 1;
    for (const future of all) if (future._isOver && enough(future)) return finish();
    if (left === 0) return finish();
    for (const future of all) if (!future._isOver) future._whenOver(onDone);
    // A limit that setTimeout can't take is none.
    if (limit !== null && limit <= LONGEST_TIMEOUT) timer = setTimeout(finish, Math.max(0, limit));
  });
}
