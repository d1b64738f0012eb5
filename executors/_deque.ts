/** A queue with two ends: an array and the index of its first item. */

/** Takes from the front and puts at both ends without moving the rest. */
export class Deque<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  /** How many items there are. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** The first item. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Adds to the end. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Puts items back before the first, in their order. */
  putBack(items: readonly T[]): void {
    this.#items.splice(0, this.#head, ...items);
    this.#head = 0;
  }

  /** Takes the first item. */
  shift(): T | undefined {
    const head = this.#head;
    if (head === this.#items.length) return undefined;
    const item = this.#items[head];
    this.#items[head] = undefined;
    this.#head = head + 1;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= 4096 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Takes from `at` on, counted from the first item. */
  truncate(at: number): T[] {
    return this.#items.splice(this.#head + Math.max(0, at)) as T[];
  }

  /** Takes everything. */
  drain(): T[] {
    const items = this.#items.slice(this.#head) as T[];
    this.#items = [];
    this.#head = 0;
    return items;
  }
}
