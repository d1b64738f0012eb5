/**
 * A queue with two ends: what is ready to run, what queues hold, which calls wait.
 *
 * It is a ring, for `Array.shift` of a long array would cost a move of all that is behind.
 *
 * @module
 */

/** How many slots there are at first; a power of two, as always. */
const SLOTS = 16;
/** A ring that has more slots than this is dropped when `shift` has emptied it. */
const KEPT = 4096;

/** Takes from the front, and puts at both ends. */
export class Deque<T> {
  // Plain fields: this is on the hot path of the loop, of queues and of pools.
  _slots: (T | undefined)[] = new Array(SLOTS).fill(undefined);
  _head = 0;
  _mask: number = SLOTS - 1;
  /** How many items there are. */
  length = 0;

  /** Adds an item at the end. */
  push(item: T): void {
    if (this.length > this._mask) this.#grow();
    this._slots[(this._head + this.length++) & this._mask] = item;
  }

  /** The first item, if there is one. */
  peek(): T | undefined {
    return this._slots[this._head];
  }

  /** Takes the first item. There must be one. */
  take(): T {
    const item = this._slots[this._head] as T;
    this._slots[this._head] = undefined;
    this._head = (this._head + 1) & this._mask;
    this.length--;
    return item;
  }

  /** Takes the first item, if there is one. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.take();
    if (this.length === 0 && this._mask >= KEPT) this.clear();
    return item;
  }

  /** Puts items back before the first, in their order. */
  putBack(items: readonly T[]): void {
    while (this.length + items.length > this._mask + 1) this.#grow();
    const head = this._head = (this._head - items.length) & this._mask;
    this.length += items.length;
    for (let i = 0; i < items.length; i++) this._slots[(head + i) & this._mask] = items[i]!;
  }

  /** The first items as they lie there, so many at most. */
  glance(count: number): T[] {
    const items: T[] = [];
    for (let i = 0; i < Math.min(count, this.length); i++) {
      items.push(this._slots[(this._head + i) & this._mask] as T);
    }
    return items;
  }

  /** Takes from `at` on, counted from the first item. */
  truncate(at: number): T[] {
    const items: T[] = [];
    const from = Math.max(0, at);
    for (let i = from; i < this.length; i++) {
      const slot = (this._head + i) & this._mask;
      items.push(this._slots[slot] as T);
      this._slots[slot] = undefined;
    }
    this.length -= items.length;
    return items;
  }

  /** Takes everything. */
  drain(): T[] {
    const items = this.glance(this.length);
    this.clear();
    return items;
  }

  /** Drops all items. */
  clear(): void {
    if (this.length === 0 && this._mask === SLOTS - 1) return; // all slots are empty
    this._slots = new Array(SLOTS).fill(undefined);
    this._head = this.length = 0;
    this._mask = SLOTS - 1;
  }

  #grow(): void {
    const size = this._mask + 1;
    const slots = new Array<T | undefined>(size * 2).fill(undefined);
    for (let i = 0; i < size; i++) slots[i] = this._slots[(this._head + i) & this._mask];
    this._slots = slots;
    this._head = 0;
    this._mask = size * 2 - 1;
  }
}
