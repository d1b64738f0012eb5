/**
 * What is held once it was acquired.
 *
 * @module
 */

import { RuntimeError } from "../errors.ts";

/** Something that can be released. */
export interface Releasable {
  /** Gives it back. */
  release(): void;
  /**
   * Is it `hold` by which it is held? Otherwise it was released without it, and may be held by
   * somebody else by now. Where all who hold are alike, as with a semaphore, it can't be told.
   * @internal
   */
  _isHeldBy?(hold: Hold): boolean;
}

/**
 * What `acquire()` of a lock or semaphore gives: releases it at the end of the block
 * with `using`, or by hand with `release()`, but once only.
 *
 * It has no counterpart in Python, where `acquire()` gives True.
 *
 * @example Usage
 * ```ts
 * import { Lock, run } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const lock = new Lock();
 *   {
 *     using _ = await lock.acquire();
 *     assertEquals(lock.locked(), true);
 *   }
 *   assertEquals(lock.locked(), false);
 * });
 * ```
 */
export class Hold implements Disposable {
  #held: Releasable | null;

  /**
   * Made by `acquire()`.
   * @internal
   */
  constructor(held: Releasable) {
    this.#held = held;
  }

  /**
   * Releases what is held; nothing, if this was called before.
   *
   * @throws {RuntimeError} If it was released behind this one's back, whoever holds it by now.
   */
  release(): void {
    const held = this.#held;
    this.#held = null;
    if (held === null) return;
    if (held._isHeldBy?.(this) === false) {
      throw new RuntimeError(`Cannot release ${held} by its Hold: it was released without it`);
    }
    held.release();
  }

  /** The same as `release()`, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }
}
