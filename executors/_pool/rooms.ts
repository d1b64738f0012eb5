/** Whoever waits for room in a queue. */

import { Deque } from "../../deque.ts";

/** Lets as many in as there is room for, in the order they came. */
export class Rooms {
  /** How many there is room for. */
  readonly count: () => number;
  readonly #waiters: Deque<() => void> = new Deque();

  constructor(count: () => number) {
    this.count = count;
  }

  /** Resolves when there is room; `null` if there is now. */
  wait(): Promise<void> | null {
    if (this.#waiters.length === 0 && this.count() > 0) return null;
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Looks again. */
  open(): void {
    if (this.#waiters.length === 0) return;
    for (let room = this.count(); room > 0; room--) {
      const waiter = this.#waiters.shift();
      if (waiter === undefined) return;
      waiter();
    }
  }
}
