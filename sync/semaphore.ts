/**
 * Semaphores.
 *
 * @module
 */

import type { Body } from "../tasks/awaitable.ts";
import { checkCount } from "./_check.ts";
import type { Coroutine } from "../tasks/coroutine.ts";
import { describeLine, Line } from "./_line.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { Hold } from "./hold.ts";
import { inspectable } from "../loop/describe.ts";
import { type Kind, Operation } from "./_operation.ts";
import { ValueError } from "../errors.ts";
import { withLock } from "./_with_lock.ts";

const ACQUIRE: Kind<Semaphore, undefined, Hold> = {
  name: "acquire",
  attempt(semaphore, _, wasWoken) {
    if (wasWoken) {
      // Whoever woke it has counted the permit off already.
      semaphore._wakeAllowed();
    } else {
      if (semaphore.locked()) return null;
      semaphore._value--;
    }
    return { done: true, value: new Hold(semaphore) };
  },
  line: (semaphore) => semaphore._line,
  abandon(semaphore, waiter) {
    // Woken and cancelled in the same turn: the permit goes back.
    if (!waiter.cancelled()) semaphore._value++;
    semaphore._wakeAllowed();
  },
};

/**
 * A number of permits: so many tasks go on at a time, the others wait in line.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore | asyncio.Semaphore}.
 *
 * @example Usage
 * ```ts
 * import { gather, run, Semaphore, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const limit = new Semaphore(2);
 *   let running = 0;
 *   let most = 0;
 *   const job = () =>
 *     limit.withLock(async () => {
 *       most = Math.max(most, ++running);
 *       await sleep(1);
 *       running--;
 *     });
 *   await gather([job(), job(), job(), job()]);
 *   assertEquals(most, 2);
 * });
 * ```
 */
export class Semaphore {
  /** @internal */
  _loop: EventLoop | null = null;
  /**
   * How many permits are free, those of woken waiters counted off.
   * @internal
   */
  _value: number;
  /** @internal */
  readonly _line: Line = new Line(this);

  /**
   * Makes a semaphore.
   *
   * @param value How many permits there are: 0 or more, `Infinity` for no limit.
   * @throws {ValueError} If it is below zero or NaN.
   */
  constructor(value = 1) {
    this._value = checkCount(value, 0, `make a ${this.constructor.name}`, "value");
  }

  /** Would `acquire()` have to wait? */
  locked(): boolean {
    return this._value === 0 || this._line.alive > 0;
  }

  /**
   * Waits for a permit, and takes it.
   *
   * Who came first gets one first.
   *
   * Cancellation: the place in the line is given up, and no permit is lost.
   *
   * @returns What releases it: `using _ = await semaphore.acquire()`.
   * @throws {RuntimeError} If it has to wait, and others wait on a different loop.
   *
   * @example Usage
   * ```ts
   * import { run, Semaphore } from "@aio/asyncio";
   * import { assert } from "@std/assert";
   *
   * await run(async () => {
   *   const one = new Semaphore(1);
   *   using _ = await one.acquire();
   *   assert(one.locked());
   * });
   * ```
   */
  acquire(): Coroutine<Hold> {
    return new Operation(ACQUIRE, this, undefined);
  }

  /** Gives a permit back, or adds one; the first who waits is woken. */
  release(): void {
    this._value++;
    this._wakeNext();
  }

  /**
   * Runs `body` while holding a permit: Python's `async with semaphore`.
   *
   * Cancellation: passes through the body; the permit is released on every way out.
   *
   * @typeParam T The type of the body's result.
   * @param body An async function or generator function.
   * @returns What `body` returns.
   */
  withLock<T>(body: Body<[], T>): Coroutine<T> {
    return withLock(this, body);
  }

  /**
   * Hands a permit to the first who waits.
   * @internal
   */
  _wakeNext(): boolean {
    if (!this._line.wakeNext()) return false;
    this._value--;
    return true;
  }

  /**
   * Those who came while there were waiters had to wait in spite of free permits: now
   * that one has left, they get them.
   * @internal
   */
  _wakeAllowed(): void {
    while (this._value > 0 && this._wakeNext());
  }

  /** `<Semaphore unlocked value=2>`, `<Semaphore locked waiters=3>`. */
  toString(): string {
    const state = this.locked() ? "locked" : `unlocked value=${this._value}`;
    return `<${this.constructor.name} ${state}${describeLine(this._line)}>`;
  }
}

inspectable(Semaphore);

/**
 * A semaphore that can't be released more often than it was acquired.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-sync.html#asyncio.BoundedSemaphore | asyncio.BoundedSemaphore}.
 *
 * @example Usage
 * ```ts
 * import { BoundedSemaphore, ValueError } from "@aio/asyncio";
 * import { assertThrows } from "@std/assert";
 *
 * const semaphore = new BoundedSemaphore(2);
 * assertThrows(() => semaphore.release(), ValueError);
 * ```
 */
export class BoundedSemaphore extends Semaphore {
  readonly #bound: number;

  /**
   * Makes a semaphore.
   *
   * @param value How many permits there are: 0 or more.
   * @throws {ValueError} If it is below zero or NaN.
   */
  constructor(value = 1) {
    super(value);
    this.#bound = value;
  }

  /**
   * Gives a permit back; the first who waits is woken.
   *
   * @throws {ValueError} If all permits are there already.
   */
  override release(): void {
    if (this._value >= this.#bound) {
      throw new ValueError(
        `Cannot release ${this}: it was released more often than it was acquired`,
      );
    }
    super.release();
  }
}
