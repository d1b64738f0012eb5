/** What comes first goes first. @module */

/** A ring buffer: `Array.shift` of a long array would cost a move of all that is behind. */
export class Deque<T> {
  // Plain fields: this is on the hot path of queues.
  _slots: (T | undefined)[] = new Array(16).fill(undefined);
  _head = 0;
  /** How many items there are. */
  length = 0;

  /** Adds an item at the end. */
  push(item: T): void {
    if (this.length === this._slots.length) this.#grow();
    this._slots[(this._head + this.length++) & (this._slots.length - 1)] = item;
  }

  /** Takes the first item. There must be one. */
  take(): T {
    const slots = this._slots;
    const item = slots[this._head] as T;
    slots[this._head] = undefined;
    this._head = (this._head + 1) & (slots.length - 1);
    this.length--;
    return item;
  }

  /** The first item, if there is one. */
  peek(): T | undefined {
    return this._slots[this._head];
  }

  /** The first items as they lie there, so many at most. */
  glance(count: number): T[] {
    const items: T[] = [];
    for (let i = 0; i < Math.min(count, this.length); i++) {
      items.push(this._slots[(this._head + i) & (this._slots.length - 1)] as T);
    }
    return items;
  }

  /** Drops all items. */
  clear(): void {
    this._slots = new Array(16).fill(undefined);
    this._head = this.length = 0;
  }

  #grow(): void {
    const slots = this._slots;
    const size = slots.length;
    const grown = new Array<T | undefined>(size * 2).fill(undefined);
    for (let i = 0; i < size; i++) grown[i] = slots[(this._head + i) & (size - 1)];
    this._slots = grown;
    this._head = 0;
  }
}
