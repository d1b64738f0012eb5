/** The queue of what is ready to run. @module */

import type { Runnable } from "./context.ts";

/** A ring buffer: `Array.shift` of a long array would cost a move of all that is behind. */
export class ReadyQueue {
  #slots: (Runnable | undefined)[] = new Array(16).fill(undefined);
  #head = 0;
  #mask = 15;
  /** How many are waiting. */
  length = 0;

  push(item: Runnable): void {
    if (this.length > this.#mask) this.#grow();
    this.#slots[(this.#head + this.length++) & this.#mask] = item;
  }

  /** The next one. There must be one. */
  peek(): Runnable {
    return this.#slots[this.#head]!;
  }

  /** Takes the next one. There must be one. */
  shift(): Runnable {
    const item = this.#slots[this.#head]!;
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.length--;
    return item;
  }

  clear(): void {
    if (this.length === 0 && this.#mask === 15) return; // all slots are empty
    this.#slots = new Array(16).fill(undefined);
    this.#head = this.length = 0;
    this.#mask = 15;
  }

  #grow(): void {
    const size = this.length;
    const slots = new Array<Runnable | undefined>(size * 2).fill(undefined);
    for (let i = 0; i < size; i++) slots[i] = this.#slots[(this.#head + i) & this.#mask];
    this.#slots = slots;
    this.#head = 0;
    this.#mask = size * 2 - 1;
  }
}
