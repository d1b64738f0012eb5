/**
 * A small stand-in for `FakeTime` of @std/testing: it fakes timers and `Date`, not `performance`
 * nor `setImmediate`, and puts the real ones back for a moment when it lets microtasks run.
 *
 * @module
 */

type Callback = () => void;

const real = { setTimeout, clearTimeout, Date };

/** See the head of this file. */
export class FakeTime implements Disposable {
  #now: number;
  #made = 0;
  readonly #timers = new Map<number, { when: number; callback: Callback }>();

  /** Fakes time from now on. */
  constructor(start = 1_000_000) {
    this.#now = start;
    this.#fake();
  }

  /** Fires what is due by then, one after the other. */
  tick(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      const [id, { when, callback }] = next;
      this.#timers.delete(id);
      this.#now = when;
      callback();
    }
    this.#now = end;
  }

  /** Lets microtasks run, then ticks. */
  async tickAsync(milliseconds: number): Promise<void> {
    await this.runMicrotasks();
    this.tick(milliseconds);
  }

  /** Lets microtasks run. */
  async runMicrotasks(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#restoreFor(() => Promise.resolve(setTimeout(resolve, 0)));
    });
  }

  /** Puts the real ones back. */
  [Symbol.dispose](): void {
    Object.assign(globalThis, real);
  }

  async #restoreFor<T>(callback: () => Promise<T>): Promise<T> {
    this[Symbol.dispose]();
    try {
      return await callback();
    } finally {
      this.#fake();
    }
  }

  #next(end: number): [number, { when: number; callback: Callback }] | undefined {
    return [...this.#timers].filter(([, { when }]) => when <= end)
      .sort(([, a], [, b]) => a.when - b.when)[0];
  }

  readonly #setTimeout = (callback: Callback, delay = 0): number => {
    this.#timers.set(++this.#made, { when: this.#now + delay, callback });
    return this.#made;
  };

  readonly #clearTimeout = (id: number): void => void this.#timers.delete(id);

  #fake(): void {
    const now = () => this.#now;
    class FakeDate extends real.Date {
      static override now = now;
    }
    Object.assign(globalThis, {
      setTimeout: this.#setTimeout,
      clearTimeout: this.#clearTimeout,
      Date: FakeDate,
    });
  }
}
