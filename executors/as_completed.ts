/**
 * Futures of executors in the order in which they finish.
 *
 * @module
 */

import { type DurationLike, toMilliseconds } from "../duration.ts";
import { TimeoutError } from "../errors.ts";
import { Deque } from "../deque.ts";
import type { ConcurrentFuture } from "./concurrent_future.ts";

/** setTimeout's delay is a 32-bit integer: 24 days. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** Options of {@linkcode asCompleted}. */
export interface AsCompletedOptions {
  /** How long all of them may take, from this call on; for ever by default. */
  timeout?: DurationLike | null | undefined;
}

/**
 * A future that is done: all of it but `then`, which TypeScript would have `for await` call.
 *
 * @typeParam F The future's type.
 */
export type DoneFuture<F> = Omit<F, "then">;

/**
 * Iterates over futures of executors as they finish: those that are done
 * already first. What it yields are the futures themselves, all of them done.
 *
 * Port of {@link https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.as_completed | concurrent.futures.as_completed};
 * durations are in milliseconds.
 *
 * @typeParam F The futures' type.
 * @param futures What to wait for; one given twice comes once.
 * @param options A limit of time for all of them.
 * @returns An async iterator; its `next()` rejects with `TimeoutError` when the time is up.
 *
 * @example Usage
 * ```ts
 * import { asCompleted, InlineExecutor } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * await using pool = new InlineExecutor();
 * const futures = [3, 1].map((n) => pool.submit((n: number) => n, n));
 * const results: number[] = [];
 * for await (const future of asCompleted(futures)) results.push(future.result());
 *
 * assertEquals(results, [3, 1]);
 * ```
 */
export function asCompleted<F extends ConcurrentFuture<unknown>>(
  futures: Iterable<F>,
  options: AsCompletedOptions = {},
): AsyncIterableIterator<DoneFuture<F>> {
  const { timeout = null } = options;
  const limit = timeout === null ? Infinity : toMilliseconds(timeout, "timeout");
  return new Completions(new Set(futures), limit);
}

/** Not a generator: an async generator would await the futures that it yields. */
class Completions<F extends ConcurrentFuture<unknown>>
  implements AsyncIterableIterator<DoneFuture<F>> {
  readonly #pending: Set<F>;
  readonly #total: number;
  readonly #finished: Deque<F> = new Deque();
  readonly #deadline: number;
  readonly #onDone = (future: ConcurrentFuture<unknown>): void => {
    if (!future._isOver) return future._whenOver(this.#onDone); // cancelled, and nobody knows yet
    this.#pending.delete(future as F);
    this.#finished.push(future as F);
    this.#wake?.();
  };
  #wake: (() => void) | null = null;

  constructor(futures: Set<F>, limit: number) {
    this.#pending = new Set(futures);
    this.#total = futures.size;
    this.#deadline = performance.now() + limit;
    for (const future of futures) {
      if (future._isOver) this.#onDone(future);
    }
    for (const future of this.#pending) future._whenOver(this.#onDone);
  }

  async next(): Promise<IteratorResult<DoneFuture<F>>> {
    while (this.#finished.length === 0) {
      if (this.#pending.size === 0) return { done: true, value: undefined };
      await this.#nextCompletion();
    }
    return { done: false, value: this.#finished.shift()! };
  }

  return(): Promise<IteratorResult<DoneFuture<F>>> {
    for (const future of this.#pending) future.removeDoneCallback(this.#onDone);
    this.#pending.clear();
    this.#finished.drain();
    this.#wake?.();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #nextCompletion(): Promise<void> {
    return new Promise((resolve, reject) => {
      const left = Math.max(0, this.#deadline - performance.now());
      // A limit that setTimeout can't take is none.
      const timer = left > LONGEST_TIMEOUT ? undefined : setTimeout(() => {
        const text = `${this.#pending.size} (of ${this.#total}) futures unfinished`;
        reject(new TimeoutError(text));
        this.return(); // `for await` doesn't when `next()` throws
      }, left);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }
}
