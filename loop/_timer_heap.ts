/** The timers that are pending, earliest first. @module */

import type { Timer } from "./handle.ts";

/** Most loops of a server have few timers or none, and making such an array takes a third of a µs. */
const NO_NUMBERS = new Float64Array(0);
const FIRST_SIZE = 16;

/**
 * A binary heap. Timers for the same time come in the order in which they were added.
 * Times and serial numbers lie side by side in arrays of numbers: looking for them in a
 * hundred thousand timers would be most of the work.
 *
 * A cancelled timer stays where it is until it comes up, or until most are cancelled.
 */
export class TimerHeap {
  #items: Timer[] = [];
  #whens = NO_NUMBERS;
  #serials = NO_NUMBERS;
  #made = 0;
  #cancelled = 0;

  /** How many timers are kept, cancelled ones included. */
  get size(): number {
    return this.#items.length;
  }

  /** How many timers are pending. */
  get pending(): number {
    return this.#items.length - this.#cancelled;
  }

  push(timer: Timer): void {
    timer._scheduled = true;
    const size = this.#items.push(timer);
    if (size > this.#whens.length) this.#grow();
    this.#up(size - 1, timer, timer._when, this.#made++);
  }

  /** The earliest pending timer. */
  peek(): Timer | undefined {
    while (this.#items.length > 0 && this.#items[0]!.cancelled()) {
      this.#cancelled--;
      this.shift();
    }
    return this.#items[0];
  }

  /** Takes the earliest timer; to be called after `peek`. */
  shift(): Timer {
    const top = this.#items[0]!;
    const last = this.#items.pop()!;
    const size = this.#items.length;
    if (size > 0) this.#down(0, last, this.#whens[size]!, this.#serials[size]!);
    top._scheduled = false;
    return top;
  }

  /** To be told of each timer that was cancelled while it was in here. */
  noteCancelled(): void {
    this.#cancelled++;
    if (this.#cancelled > 64 && this.#cancelled * 2 > this.#items.length) this.#sweep();
  }

  clear(): void {
    this.#items = [];
    this.#cancelled = 0;
  }

  #sweep(): void {
    const items = this.#items;
    let kept = 0;
    for (let i = 0; i < items.length; i++) {
      if (items[i]!.cancelled()) continue;
      this.#put(kept++, items[i]!, this.#whens[i]!, this.#serials[i]!);
    }
    items.length = kept;
    this.#cancelled = 0;
    for (let i = (kept >> 1) - 1; i >= 0; i--) {
      this.#down(i, items[i]!, this.#whens[i]!, this.#serials[i]!);
    }
  }

  #up(index: number, timer: Timer, when: number, serial: number): void {
    while (index > 0) {
      const above = (index - 1) >> 1;
      // The newest never goes before one for the same time.
      if (this.#whens[above]! <= when) break;
      this.#move(above, index);
      index = above;
    }
    this.#put(index, timer, when, serial);
  }

  #down(index: number, timer: Timer, when: number, serial: number): void {
    const size = this.#items.length;
    const firstLeaf = size >> 1;
    while (index < firstLeaf) {
      let below = 2 * index + 1;
      if (
        below + 1 < size &&
        this.#isBefore(below + 1, this.#whens[below]!, this.#serials[below]!)
      ) below++;
      if (!this.#isBefore(below, when, serial)) break;
      this.#move(below, index);
      index = below;
    }
    this.#put(index, timer, when, serial);
  }

  #isBefore(index: number, when: number, serial: number): boolean {
    const other = this.#whens[index]!;
    return other < when || (other === when && this.#serials[index]! < serial);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#items[from]!, this.#whens[from]!, this.#serials[from]!);
  }

  #put(index: number, timer: Timer, when: number, serial: number): void {
    this.#items[index] = timer;
    this.#whens[index] = when;
    this.#serials[index] = serial;
  }

  #grow(): void {
    const size = Math.max(FIRST_SIZE, this.#whens.length * 2);
    const whens = new Float64Array(size);
    const serials = new Float64Array(size);
    whens.set(this.#whens);
    serials.set(this.#serials);
    this.#whens = whens;
    this.#serials = serials;
  }
}
