/**
 * Queues that give the least item first.
 *
 * @module
 */

import { Heap } from "./_stores/heap.ts";
import { describeValue } from "../loop/describe.ts";
import { Queue } from "./queue.ts";

/** Options of `PriorityQueue`. */
export interface PriorityQueueOptions<T> {
  /**
   * Tells which of two items comes out first, as for `Array.sort`: negative for `a`,
   * positive for `b`. By default it is the lesser: of numbers, of strings, and of
   * arrays the one whose first item that differs is the lesser.
   */
  compare?: (a: T, b: T) => number;
}

/**
 * A queue whose least item comes out first. All else is as in {@link Queue}.
 *
 * Items are mostly pairs: `[priority, item]`. Of pairs with the same priority the items
 * are compared, as in Python; put a number between them, or hand over a `compare`, if those
 * have no order.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-queue.html#asyncio.PriorityQueue | asyncio.PriorityQueue}.
 *
 * @typeParam T The items' type.
 *
 * @example Usage
 * ```ts
 * import { PriorityQueue } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new PriorityQueue<[number, string]>();
 * queue.putNowait([10, "later"]);
 * queue.putNowait([9, "soon"]);
 * assertEquals(queue.getNowait(), [9, "soon"]);
 *
 * const longest = new PriorityQueue<string>(0, { compare: (a, b) => b.length - a.length });
 * longest.putNowait("ab");
 * longest.putNowait("abc");
 * assertEquals(longest.getNowait(), "abc");
 * ```
 */
export class PriorityQueue<T> extends Queue<T> {
  /**
   * Makes a queue.
   *
   * @param maxsize How many items it holds at most; 0 and below mean no limit.
   * @param options See {@link PriorityQueueOptions}.
   * @throws {ValueError} If `maxsize` is NaN.
   */
  constructor(maxsize = 0, options: PriorityQueueOptions<T> = {}) {
    super(maxsize);
    const { compare } = options;
    if (compare !== undefined && typeof compare !== "function") {
      throw new TypeError(
        `Cannot make a PriorityQueue as 'compare' must be a function: current value is ${
          describeValue(compare)
        }`,
      );
    }
    this._store = new Heap<T>(compare);
  }
}
