/**
 * What is held once it was acquired.
 *
 * @module
 */

/** Something that can be released. */
export interface Releasable {
  /** Gives it back. */
  release(): void;
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
   * @throws {RuntimeError} If it was released behind this one's back.
   */
  release(): void {
    const held = this.#held;
    this.#held = null;
    if (held !== null) held.release();
  }

  /** The same as `release()`, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }
}
