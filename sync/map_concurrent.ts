/**
 * Calling a function for many items, a few at a time.
 *
 * @module
 */

import type { Body } from "../tasks/awaitable.ts";
import { refuseAsyncGenerator } from "../tasks/body.ts";
import { checkCount } from "./_check.ts";
import { type Coroutine, fromGenerator } from "../tasks/coroutine.ts";
import { describeValue } from "../loop/describe.ts";
import { Mapping } from "./_mapping/mapping.ts";
import { openSource, type Source } from "./_streams/source.ts";

/** Options of `mapConcurrent`. */
export interface MapConcurrentOptions {
  /** How many calls run at a time at most: 1 or more, `Infinity` for no limit. */
  concurrency: number;
  /** Gives the results in the order of the items; false gives them as they come. True by default. */
  ordered?: boolean;
}

/**
 * What `mapConcurrent` gives: the results, to be taken once, with `for await` or all
 * together. In a generator coroutine, `yield*` its `next()`.
 */
export class MappedResults<R> implements AsyncIterable<R, undefined> {
  readonly #mapping: Mapping<unknown, R>;

  /**
   * Made by `mapConcurrent()`.
   * @internal
   */
  constructor(mapping: Mapping<unknown, R>) {
    this.#mapping = mapping;
  }

  /** What `for await` calls. There is one row of results, however often it is asked for. */
  [Symbol.asyncIterator](): AsyncIterator<R, undefined> {
    const mapping = this.#mapping;
    // Coroutines are no Promises, but `for await` only awaits them.
    return { next: () => mapping.nextNative() as never, return: () => mapping.return() as never };
  }

  /**
   * Waits for the next result. The first call starts the work.
   *
   * Cancellation: ends it all: cancels the running calls and waits until they have ended.
   *
   * @returns `{ done: false, value }`, or `{ done: true }` at the end.
   * @throws The first error of a call or of the source, when everything has ended.
   */
  next(): Coroutine<IteratorResult<R, undefined>> {
    return this.#mapping.next();
  }

  /**
   * Ends it early: closes the source, cancels the running calls, and waits until all
   * that has ended. `for await` calls it when the loop is left.
   *
   * @throws An error of a call or of the source that wasn't thrown yet.
   */
  return(): Coroutine<IteratorResult<R, undefined>> {
    return this.#mapping.return();
  }

  /**
   * Waits for all results.
   *
   * Cancellation: as of `next`.
   *
   * @returns An array of them.
   * @throws The first error of a call or of the source, when everything has ended.
   *
   * @example Usage
   * ```ts
   * import { mapConcurrent, run, sleep } from "@aio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const lengths = await run(function* () {
   *   const measure = function* (word: string) {
   *     yield* sleep(1);
   *     return word.length;
   *   };
   *   return yield* mapConcurrent(["a", "bc"], measure, { concurrency: 2 }).toArray();
   * });
   * assertEquals(lengths, [1, 2]);
   * ```
   */
  toArray(): Coroutine<R[]> {
    return fromGenerator("toArray", () => this.#mapping.collect());
  }
}

/**
 * Calls `fn` for each item of a source, some at a time, and gives the results.
 *
 * Items are drawn only as calls can start, and calls start only as results are taken: at
 * most `concurrency` run, and about as many results wait.
 *
 * On the first error of a call or of the source, the other calls are cancelled and the
 * source is closed; when all that has ended, the results from before are given, then the
 * error is thrown. The same happens when the consumer leaves its loop early.
 *
 * Each call runs in a copy of the caller's context. `currentTask()` in it is a worker, which
 * makes one call after another.
 *
 * Cancellation: cancelling the consumer cancels all calls and waits until they have ended. So it
 * does with the source, if that waits for something of this module's. One that waits for something
 * foreign is left; it is asked to close, and has a second for it, but an async generator can't close
 * before its wait is over.
 *
 * It has no counterpart in Python's standard library.
 *
 * @typeParam T The items' type.
 * @typeParam R The type of the results.
 * @param source An iterable, an async iterable or a ReadableStream.
 * @param fn An async function or generator function; gets the item and its number, from 0.
 * @param options See {@link MapConcurrentOptions}.
 * @returns The results, as an async iterable; with `toArray()` for all of them.
 * @throws {ValueError} If `concurrency` is below one or NaN.
 * @throws {TypeError} If the source can't be iterated or `fn` is no function.
 *
 * @example Usage
 * ```ts
 * import { mapConcurrent, run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * async function fetchPage(n: number) {
 *   await sleep(10 - n);
 *   return `page ${n}`;
 * }
 * await run(async () => {
 *   const pages: string[] = [];
 *   for await (const page of mapConcurrent([1, 2, 3], fetchPage, { concurrency: 2 })) {
 *     pages.push(page);
 *   }
 *   assertEquals(pages, ["page 1", "page 2", "page 3"]);
 * });
 * ```
 */
export function mapConcurrent<T, R>(
  source: Source<T>,
  fn: Body<[item: T, index: number], R>,
  options: MapConcurrentOptions,
): MappedResults<R> {
  const concurrency = checkCount(options?.concurrency, 1, "map", "concurrency");
  if (typeof fn !== "function") {
    throw new TypeError(
      `Cannot map as 'fn' must be a function: current value is ${describeValue(fn)}`,
    );
  }
  refuseAsyncGenerator(fn);
  const opened = openSource(source, "map");
  const mapping = new Mapping(opened, fn, concurrency, options.ordered !== false);
  return new MappedResults(mapping as Mapping<unknown, R>);
}
