/**
 * Queues that give the latest item first.
 *
 * @module
 */

import { Queue } from "./queue.ts";
import { Stack } from "./_stores/store.ts";

/**
 * A queue whose latest item comes out first. All else is as in {@link Queue}.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-queue.html#asyncio.LifoQueue | asyncio.LifoQueue}.
 *
 * @typeParam T The items' type.
 *
 * @example Usage
 * ```ts
 * import { LifoQueue } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new LifoQueue<string>();
 * queue.putNowait("first");
 * queue.putNowait("last");
 * assertEquals(queue.getNowait(), "last");
 * ```
 */
export class LifoQueue<T> extends Queue<T> {
  /**
   * Makes a queue.
   *
   * @param maxsize How many items it holds at most; 0 and below mean no limit.
   * @throws {ValueError} If `maxsize` is NaN.
   */
  constructor(maxsize = 0) {
    super(maxsize);
    this._store = new Stack<T>();
  }
}
