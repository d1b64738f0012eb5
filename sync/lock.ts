/**
 * Locks.
 *
 * @module
 */

import type { Body } from "../tasks/awaitable.ts";
import type { Coroutine } from "../tasks/coroutine.ts";
import { describeLine, Line } from "./_line.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { Hold } from "./hold.ts";
import { inspectable } from "../loop/describe.ts";
import { type Kind, Operation } from "./_operation.ts";
import { RuntimeError } from "../errors.ts";
import { withLock } from "./_with_lock.ts";

const ACQUIRE: Kind<Lock, undefined, Hold> = {
  name: "acquire",
  attempt(lock, _, wasWoken) {
    // Whoever comes now goes ahead of waiters only if all of them are cancelled.
    if (!wasWoken && (lock._hold !== null || lock._line.alive > 0)) return null;
    return { done: true, value: lock._hold = new Hold(lock) };
  },
  line: (lock) => lock._line,
  abandon(lock) {
    // It may have been woken in this very turn: then the wake-up is the next one's.
    if (lock._hold === null) lock._wakeFirst();
  },
};

/**
 * A lock: one task at a time has it, the others wait in line.
 *
 * It belongs to no task: whoever has it may hand it on, and any code may release it.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock | asyncio.Lock}.
 *
 * @example Usage
 * ```ts
 * import { gather, Lock, run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const lock = new Lock();
 *   let balance = 100;
 *   const withdraw = () =>
 *     lock.withLock(async () => {
 *       const before = balance;
 *       await sleep(1);
 *       balance = before - 10;
 *     });
 *   await gather([withdraw(), withdraw()]);
 *   assertEquals(balance, 80);
 * });
 * ```
 */
export class Lock {
  /** @internal */
  _loop: EventLoop | null = null;
  /**
   * What its holder was given; null if there is none.
   * @internal
   */
  _hold: Hold | null = null;
  /** @internal */
  readonly _line: Line = new Line(this);

  /** Is it held by anyone? */
  locked(): boolean {
    return this._hold !== null;
  }

  /**
   * Waits until the lock is free, and takes it.
   *
   * Who came first gets it first.
   *
   * Cancellation: the place in the line is given up; the lock isn't taken.
   *
   * @returns What releases it: `using _ = await lock.acquire()`.
   * @throws {RuntimeError} If it has to wait, and others wait on a different loop.
   *
   * @example Usage
   * ```ts
   * import { Lock, run } from "@aio/asyncio";
   * import { assert } from "@std/assert";
   *
   * await run(function* () {
   *   const lock = new Lock();
   *   yield* lock.acquire();
   *   try {
   *     assert(lock.locked());
   *   } finally {
   *     lock.release();
   *   }
   * });
   * ```
   */
  acquire(): Coroutine<Hold> {
    return new Operation(ACQUIRE, this, undefined);
  }

  /**
   * Gives it back; the first who waits is woken.
   *
   * @throws {RuntimeError} If nobody holds it.
   */
  release(): void {
    if (this._hold === null) throw new RuntimeError(`Cannot release ${this}: it is not acquired`);
    this._hold = null;
    this._wakeFirst();
  }

  /**
   * Runs `body` while holding the lock: Python's `async with lock`.
   *
   * Cancellation: passes through the body; the lock is released on every way out.
   *
   * @typeParam T The type of the body's result.
   * @param body An async function or generator function.
   * @returns What `body` returns.
   *
   * @example Usage
   * ```ts
   * import { Lock, run, sleep } from "@aio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const lock = new Lock();
   * assertEquals(await run(() => lock.withLock(() => sleep(1, "done"))), "done");
   * assertEquals(lock.locked(), false);
   * ```
   */
  withLock<T>(body: Body<[], T>): Coroutine<T> {
    return withLock(this, body);
  }

  /** @internal */
  _isHeldBy(hold: Hold): boolean {
    return this._hold === hold;
  }

  /**
   * If the first in the line is cancelled, it will wake the next as it leaves.
   * @internal
   */
  _wakeFirst(): void {
    if (this._line.first?.done() === false) this._line.wakeNext();
  }

  /** `<Lock locked waiters=2>`. */
  toString(): string {
    return `<Lock ${this.locked() ? "locked" : "unlocked"}${describeLine(this._line)}>`;
  }
}

inspectable(Lock);
