/** The timers that are pending, earliest first. @module */

import type { TimerHandle } from "./handle.ts";

/**
 * A binary heap of timers, ordered by time, and by age where times are the same.
 *
 * A cancelled timer stays where it is until it comes to the top, or until half of
 * the heap is cancelled ones: then they are swept out together.
 */
export class TimerHeap {
  #items: TimerHandle[] = [];
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

  push(timer: TimerHandle): void {
    timer._serial = this.#made++;
    timer._scheduled = true;
    this.#items.push(timer);
    this.#up(this.#items.length - 1, timer);
  }

  /** The earliest pending timer. */
  peek(): TimerHandle | undefined {
    while (this.#items.length > 0 && this.#items[0]!.cancelled()) {
      this.#cancelled--;
      this.#shift();
    }
    return this.#items[0];
  }

  /** Takes the earliest timer; to be called after `peek`. */
  shift(): TimerHandle {
    const timer = this.#shift();
    timer._scheduled = false;
    return timer;
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
    this.#items = this.#items.filter((timer) => !timer.cancelled());
    this.#cancelled = 0;
    for (let i = (this.#items.length >> 1) - 1; i >= 0; i--) this.#down(i, this.#items[i]!);
  }

  #shift(): TimerHandle {
    const top = this.#items[0]!;
    const last = this.#items.pop()!;
    if (this.#items.length > 0) this.#down(0, last);
    return top;
  }

  #up(index: number, timer: TimerHandle): void {
    const items = this.#items;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const other = items[above]!;
      if (!isBefore(timer, other)) break;
      items[index] = other;
      index = above;
    }
    items[index] = timer;
  }

  #down(index: number, timer: TimerHandle): void {
    const items = this.#items;
    const firstLeaf = items.length >> 1;
    while (index < firstLeaf) {
      let below = 2 * index + 1;
      if (below + 1 < items.length && isBefore(items[below + 1]!, items[below]!)) below++;
      const other = items[below]!;
      if (!isBefore(other, timer)) break;
      items[index] = other;
      index = below;
    }
    items[index] = timer;
  }
}

function isBefore(a: TimerHandle, b: TimerHandle): boolean {
  return a._when < b._when || (a._when === b._when && a._serial < b._serial);
}
