/**
 * Taking results as they come.
 *
 * Invariant: once nobody wants more of them, nothing is left at the futures. If somebody asks
 * again after all, it starts anew with those that are left.
 *
 * @module
 */

import type { Awaitable, ResultOf } from "./awaitable.ts";
import { type Coroutine, fromGenerator } from "./coroutine.ts";
import { type DurationLike, toMilliseconds } from "../duration.ts";
import { ensureFuture } from "./create_task.ts";
import { Future, PENDING, RESULT } from "./future.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { getEventLoop } from "../loop/running.ts";
import type { TimerHandle } from "../loop/handle.ts";
import { TimeoutError } from "../errors.ts";
import { toArray } from "./gather.ts";

/** Options of `asCompleted`. */
export interface AsCompletedOptions {
  /** How long at most: milliseconds, or a `DurationLike`; null, the default, for no limit. */
  timeout?: DurationLike | null;
}

/**
 * A future that is done, without its `then`: TypeScript would take `for await` to await
 * what it gives, which JavaScript doesn't.
 */
export type Done<T> = Omit<Future<T>, "then">;

/** What `asCompleted` gives: loop over it with `for` or with `for await`. */
export class AsCompleted<T> implements Iterable<Coroutine<T>> {
  #todo: Set<Future<T>>;
  #left: number;
  /** Those that are done, in order; null for one that was too late. */
  readonly #done: (Future<T> | null)[] = [];
  /** Those who wait for the next one, in order. */
  readonly #getters: Future<void>[] = [];
  readonly #loop: EventLoop;
  /** When all have to be done. */
  readonly #deadline: number | null;
  #timer: TimerHandle | null = null;
  #isFollowing = false;
  #wasLeft = false;

  /**
   * Made by `asCompleted()`.
   * @internal
   */
  constructor(awaitables: Awaitable<T>[], limit: number | null) {
    const loop = this.#loop = getEventLoop();
    this.#todo = new Set(awaitables.map((each) => ensureFuture(each, { loop }) as Future<T>));
    this.#left = this.#todo.size;
    this.#deadline = limit === null ? null : loop.time() + limit;
    this.#follow();
  }

  /** For each awaitable, a coroutine of the outcome of the next one to be done. */
  [Symbol.iterator](): Iterator<Coroutine<T>> {
    return {
      next: () => {
        if (this.#left === 0) return { done: true, value: undefined };
        this.#left--;
        return { done: false, value: fromGenerator("asCompleted", () => this.#nextResult()) };
      },
      return: () => this.#leave(),
    };
  }

  /** The futures in the order in which they are done. Its `next()` fits `yield*` too. */
  [Symbol.asyncIterator](): {
    next(): Promise<IteratorResult<Done<T>>> & Coroutine<IteratorResult<Done<T>>>;
    return(): Promise<IteratorReturnResult<undefined>>;
  } {
    const next = () => fromGenerator("asCompleted", () => this.#nextFuture());
    // A coroutine is no Promise, but `for await` only awaits it.
    return { next: next as () => never, return: () => Promise.resolve(this.#leave()) };
  }

  /** Waits for all that are left, as long as they are wanted. */
  #follow(): void {
    if (this.#isFollowing || this.#todo.size === 0) return;
    this.#isFollowing = true;
    for (const future of this.#todo) future.addDoneCallback(this.#completed);
    if (this.#deadline === null) return;
    this.#timer = this.#loop.callAt(this.#deadline, () => this.#expire());
  }

  /** The loop over it was left. */
  #leave(): IteratorReturnResult<undefined> {
    this.#wasLeft = true;
    this.#letGo();
    return { done: true, value: undefined };
  }

  #letGo(): void {
    if (!this.#wasLeft || !this.#isFollowing || this.#getters.length > 0) return;
    this.#isFollowing = false;
    this.#timer?.cancel();
    for (const future of this.#todo) future.removeDoneCallback(this.#completed);
  }

  readonly #completed = (future: Future<T>): void => {
    if (!this.#todo.delete(future)) return; // the time has passed
    this.#put(future);
    if (this.#todo.size === 0) this.#timer?.cancel();
  };

  #expire(): void {
    for (const future of this.#todo) {
      future.removeDoneCallback(this.#completed);
      this.#put(null);
    }
    this.#todo = new Set();
  }

  #put(future: Future<T> | null): void {
    this.#done.push(future);
    this.#wakeNext();
  }

  #wakeNext(): void {
    for (let getter = this.#getters.shift(); getter !== undefined; getter = this.#getters.shift()) {
      if (getter._state === PENDING) return getter._finish(RESULT, undefined);
    }
  }

  *#nextFuture(): Generator<unknown, IteratorResult<Future<T>>, unknown> {
    if (this.#left === 0) return { done: true, value: undefined };
    this.#left--;
    try {
      return { done: false, value: yield* this.#take() };
    } catch (error) {
      this.#leave(); // `for await` doesn't when `next()` throws
      throw error;
    }
  }

  *#nextResult(): Generator<unknown, T, unknown> {
    return (yield* this.#take()).result();
  }

  *#take(): Generator<unknown, Future<T>, unknown> {
    while (this.#done.length === 0) {
      this.#follow();
      const getter = new Future<void>();
      this.#getters.push(getter);
      try {
        yield* getter;
      } catch (error) {
        getter.cancel();
        const place = this.#getters.indexOf(getter);
        if (place >= 0) this.#getters.splice(place, 1);
        // It was woken and cancelled in the same turn: the wake-up is another's.
        if (this.#done.length > 0 && !getter.cancelled()) this.#wakeNext();
        this.#letGo();
        throw error;
      }
    }
    this.#letGo();
    const future = this.#done.shift()!;
    if (future === null) throw new TimeoutError("Not all were done within the time limit");
    return future;
  }
}

/**
 * Runs awaitables concurrently and gives them in the order in which they are done.
 *
 * A plain `for` gives coroutines: await each to get the next result, or error.
 * `for await` gives the futures themselves, done: a task that was passed in is the one
 * that comes out.
 *
 * Cancellation: ends the wait alone; the awaitables go on.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.as_completed | asyncio.as_completed};
 * in milliseconds.
 *
 * @typeParam A The awaitables' type.
 * @param awaitables Futures, coroutines, functions that make one, promises.
 * @param options See {@link AsCompletedOptions}.
 * @returns An iterable, to be iterated once.
 * @throws {TypeError} If one of them can't be awaited.
 * @throws {TimeoutError} By the coroutines, or the loop, if the time passed before all were done.
 *
 * @example Usage
 * ```ts
 * import { asCompleted, run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const names: string[] = [];
 *   for (const next of asCompleted([sleep(20, "slow"), sleep(1, "fast")])) names.push(await next);
 *   for await (const task of asCompleted([sleep(1, "last")])) names.push(task.result());
 *   assertEquals(names, ["fast", "slow", "last"]);
 * });
 * ```
 */
export function asCompleted<A extends Awaitable<unknown>>(
  awaitables: Iterable<A>,
  options: AsCompletedOptions = {},
): AsCompleted<ResultOf<A>> {
  const seen = new Set<unknown>();
  const all = toArray(awaitables, "asCompleted").filter((each) => {
    // A function is called anew each time; anything else that is there twice counts once.
    const isAgain = typeof each !== "function" && seen.has(each);
    seen.add(each);
    return !isAgain;
  });
  const { timeout = null } = options;
  const limit = timeout === null ? null : toMilliseconds(timeout, "timeout");
  return new AsCompleted(all as Awaitable<ResultOf<A>>[], limit);
}
