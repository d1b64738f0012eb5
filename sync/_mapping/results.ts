/** Results of calls, in the order in which they are to be given. @module */

import { Deque } from "../../deque.ts";

/** A result that is there, or is to come. */
export interface Slot<R> {
  readonly index: number;
  isThere: boolean;
  value: R | undefined;
}

/** Results that wait to be taken; or, once `collectIn` was called, that are all kept. */
export class Results<R> {
  readonly #isOrdered: boolean;
  readonly #waiting = new Deque<Slot<R>>();
  #collected: R[] | null = null;
  #begun = 0;

  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered;
  }

  /** To be called before the first call: results go into this array. */
  collectIn(results: R[]): void {
    this.#collected = results;
  }

  /** Is none to be taken, as all are kept? */
  get areCollected(): boolean {
    return this.#collected !== null;
  }

  /** Is there one that can be taken now? */
  isReady(): boolean {
    return this.#waiting.peek()?.isThere === true;
  }

  /** Takes it. */
  take(): R {
    return this.#waiting.take().value as R;
  }

  /** A call begins. */
  open(): Slot<R> {
    const slot: Slot<R> = { index: this.#begun++, isThere: false, value: undefined };
    if (this.#isOrdered && this.#collected === null) this.#waiting.push(slot);
    return slot;
  }

  /** A call has ended. */
  put(slot: Slot<R>, value: R): void {
    if (this.#collected !== null) {
      if (this.#isOrdered) this.#collected[slot.index] = value;
      else this.#collected.push(value);
      return;
    }
    slot.isThere = true;
    slot.value = value;
    if (!this.#isOrdered) this.#waiting.push(slot);
  }

  /** Drops all that wait. */
  clear(): void {
    this.#waiting.clear();
  }
}
