/**
 * Conditions.
 *
 * @module
 */

import type { Body } from "../tasks/awaitable.ts";
import { CancelledError, RuntimeError, ValueError } from "../errors.ts";
import { type Coroutine, fromGenerator } from "../tasks/coroutine.ts";
import { describeLine, Line } from "./_line.ts";
import { describeValue, inspectable } from "../loop/describe.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import type { Hold } from "./hold.ts";
import { Lock } from "./lock.ts";
import { withLock } from "./_with_lock.ts";

/**
 * A lock, with a line of tasks that wait until what it guards has changed.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition | asyncio.Condition}.
 *
 * @example Usage
 * ```ts
 * import { Condition, createTask, run } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const condition = new Condition();
 *   let stock = 0;
 *   const buyer = createTask(() =>
 *     condition.withLock(async () => {
 *       await condition.waitFor(() => stock >= 3);
 *       return stock;
 *     })
 *   );
 *   for (let i = 0; i < 3; i++) {
 *     await condition.withLock(async () => {
 *       stock++;
 *       condition.notify();
 *     });
 *   }
 *   assertEquals(await buyer, 3);
 * });
 * ```
 */
export class Condition {
  /** @internal */
  _loop: EventLoop | null = null;
  readonly #lock: Lock;
  readonly #line: Line = new Line(this);

  /**
   * Makes a condition.
   *
   * @param lock The lock it works on, which several conditions may share; one of its own by default.
   * @throws {TypeError} If `lock` is no lock.
   */
  constructor(lock: Lock = new Lock()) {
    if (!(lock instanceof Lock)) {
      throw new TypeError(
        `Cannot make a Condition as 'lock' must be a Lock: current value is ${describeValue(lock)}`,
      );
    }
    this.#lock = lock;
  }

  /** Is its lock held by anyone? */
  locked(): boolean {
    return this.#lock.locked();
  }

  /**
   * Takes its lock: as `acquire` of {@link Lock}.
   *
   * @returns What releases it.
   */
  acquire(): Coroutine<Hold> {
    return this.#lock.acquire();
  }

  /**
   * Gives its lock back.
   *
   * @throws {RuntimeError} If nobody holds it.
   */
  release(): void {
    this.#lock.release();
  }

  /**
   * Runs `body` while holding the lock: Python's `async with condition`.
   *
   * Cancellation: passes through the body; the lock is released on every way out.
   *
   * @typeParam T The type of the body's result.
   * @param body An async function or generator function.
   * @returns What `body` returns.
   */
  withLock<T>(body: Body<[], T>): Coroutine<T> {
    return withLock(this, body);
  }

  /**
   * Releases the lock, waits to be notified, and takes the lock again.
   *
   * It may also return without cause: check what you wait for, or use `waitFor`.
   *
   * Cancellation: the lock is taken again before the CancelledError is thrown. If the
   * task had been notified already, another one is notified instead.
   *
   * @returns Always `true`.
   * @throws {RuntimeError} If nobody holds the lock, or others wait on a different loop.
   */
  wait(): Coroutine<true> {
    return fromGenerator("wait", () => this.#wait());
  }

  *#wait(): Generator<unknown, true, unknown> {
    if (!this.locked()) throw new RuntimeError(`Cannot wait for ${this}: it is not acquired`);
    const waiter = this.#line.join();
    const hold = this.#lock._hold;
    this.release();
    try {
      try {
        yield* waiter;
        return true;
      } finally {
        this.#line.leave(waiter);
        yield* this.#acquireAnyway(hold);
      }
    } catch (error) {
      // It may have been notified before: nobody else must miss that.
      this.#line.wakeNext();
      throw error;
    }
  }

  /** Takes the lock, however often it is cancelled meanwhile; the last of these errors is thrown then. */
  *#acquireAnyway(hold: Hold | null): Generator<unknown, void, unknown> {
    let cancellation: CancelledError | null = null;
    for (;;) {
      try {
        yield* this.acquire();
        this.#lock._hold = hold; // what was given before the wait is what holds it again
        break;
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        cancellation = error;
      }
    }
    if (cancellation !== null) throw cancellation;
  }

  /**
   * Waits until `predicate` gives something truthy; it is asked at first, and after
   * each notification.
   *
   * Cancellation: as `wait`.
   *
   * @typeParam R What the predicate gives.
   * @param predicate A synchronous function. It is called while the lock is held.
   * @returns What it gave last.
   * @throws {RuntimeError} If it has to wait and nobody holds the lock.
   * @throws {TypeError} If the predicate gives a promise.
   */
  waitFor<R>(predicate: () => R): Coroutine<R> {
    return fromGenerator("waitFor", () => this.#waitFor(predicate));
  }

  *#waitFor<R>(predicate: () => R): Generator<unknown, R, unknown> {
    for (;;) {
      const result = predicate();
      if (typeof (result as PromiseLike<unknown> | null)?.then === "function") {
        throw new TypeError(
          `Cannot wait for ${this} as 'predicate' must give its answer at once: it gave a promise`,
        );
      }
      if (result) return result;
      yield* this.wait();
    }
  }

  /**
   * Wakes tasks that wait, those who came first. They go on once they have the lock.
   *
   * @param count How many at most.
   * @throws {RuntimeError} If nobody holds the lock.
   */
  notify(count = 1): void {
    if (!this.locked()) throw new RuntimeError(`Cannot notify ${this}: it is not acquired`);
    if (typeof count !== "number" || Number.isNaN(count)) {
      throw new ValueError(
        `Cannot notify as 'count' must be a number: current value is ${describeValue(count)}`,
      );
    }
    this.#line.wake(count);
  }

  /**
   * Wakes all tasks that wait. They go on once they have the lock, one after the other.
   *
   * @throws {RuntimeError} If nobody holds the lock.
   */
  notifyAll(): void {
    this.notify(Infinity);
  }

  /** `<Condition locked waiters=2>`. */
  toString(): string {
    return `<Condition ${this.locked() ? "locked" : "unlocked"}${describeLine(this.#line)}>`;
  }
}

inspectable(Condition);
