/** What is least goes first. @module */

import { describeValue } from "../../loop/describe.ts";

/** Tells which of two items goes first: negative for `a`, positive for `b`. */
export type Compare<T> = (a: T, b: T) => number;

/**
 * A binary heap. Items that are equal come out in the order in which Python's heapq
 * gives them, for it makes the very same comparisons: an item that is added climbs
 * from the end, and when the top is taken, the gap sinks to a leaf and the last item
 * climbs from there.
 */
export class Heap<T> {
  #items: T[] = [];
  readonly #isLess: (a: T, b: T) => boolean;

  constructor(compare: Compare<T> | undefined) {
    this.#isLess = compare === undefined ? isLess : (a, b) => compare(a, b) < 0;
  }

  /** How many items there are. */
  get length(): number {
    return this.#items.length;
  }

  /** Adds an item. If it can't be compared, nothing has changed. */
  push(item: T): void {
    const items = this.#items;
    const end = items.length;
    let place = end;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.#isLess(item, items[above]!)) break;
      place = above;
    }
    // All comparisons are made, so nothing can fail from here on.
    items.push(item);
    this.#carryUp(items, end, place);
  }

  #carryUp(items: T[], end: number, place: number): void {
    const item = items[end]!;
    let index = end;
    while (index > place) {
      const above = (index - 1) >> 1;
      items[index] = items[above]!;
      index = above;
    }
    items[place] = item;
  }

  /** Takes the least item. There must be one. If it can't be told, nothing has changed. */
  take(): T {
    const items = this.#items;
    const end = items.length - 1;
    const last = items[end]!;
    const leaf = this.#sink(end);
    // As the gap sinks, what is below it on the way moves up by one.
    let place = leaf;
    while (place > 0 && this.#isLess(last, items[place]!)) place = (place - 1) >> 1;
    let carried = items[place]!;
    items[place] = last;
    while (place > 0) {
      place = (place - 1) >> 1;
      const next = items[place]!;
      items[place] = carried;
      carried = next;
    }
    items.pop();
    return carried;
  }

  /** The leaf at which a gap arrives that sinks from the top, among the first `end` items. */
  #sink(end: number): number {
    const items = this.#items;
    let gap = 0;
    for (let child = 1; child < end; child = 2 * gap + 1) {
      if (child + 1 < end && !this.#isLess(items[child]!, items[child + 1]!)) child++;
      gap = child;
    }
    return gap;
  }

  /** The first items as they lie there, so many at most. */
  glance(count: number): T[] {
    return this.#items.slice(0, count);
  }

  /** Drops all items. */
  clear(): void {
    this.#items = [];
  }
}

/** `a < b`, for whatever has an order; arrays by their first items that differ, as Python's tuples. */
function isLess(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return a < b;
  if (Array.isArray(a) && Array.isArray(b)) {
    const shared = Math.min(a.length, b.length);
    for (let i = 0; i < shared; i++) {
      if (!isSame(a[i], b[i])) return isLess(a[i], b[i]);
    }
    return a.length < b.length;
  }
  const [kindA, kindB] = [orderOf(a), orderOf(b)];
  if (kindA === undefined || kindA !== kindB) {
    throw new TypeError(
      `Cannot compare ${describeValue(a)} with ${describeValue(b)}: a PriorityQueue takes ` +
        "numbers, strings, or arrays such as [priority, item]; for others hand it a 'compare' function",
    );
  }
  return (a as number) < (b as number);
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  }
  const kind = orderOf(a);
  return kind !== undefined && kind === orderOf(b) && !(a! < b!) && !(b! < a!);
}

/** Values of the same kind have an order; `undefined` if there is none. */
function orderOf(value: unknown): string | undefined {
  const primitive = typeof value === "object" && value !== null ? value.valueOf() : value;
  const kind = typeof primitive;
  if (kind === "bigint") return "number";
  return kind === "number" || kind === "string" || kind === "boolean" ? kind : undefined;
}
