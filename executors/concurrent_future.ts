/**
 * The future of `concurrent.futures`: what `submit` returns.
 *
 * Invariants: the state only moves forward (pending → running → finished, or
 * pending → cancelled → notified, which is when the executor knows of it); callbacks run once, in
 * the order they were added, in the call that settles the future.
 *
 * @module
 */

import { CancelledError, InvalidStateError } from "../errors.ts";
import type { DurationLike } from "../duration.ts";
import { describe, describeError } from "./_wire/clone.ts";
import { Reaction } from "./_reaction.ts";

const PENDING = 0;
const RUNNING = 1;
const CANCELLED = 2;
const RETURNED = 3;
const THREW = 4;
const NOTIFIED = 5;
const STATE_NAMES = [
  ...["pending", "running", "cancelled", "finished", "finished", "cancelled"],
] as const;

// deno-lint-ignore no-explicit-any -- so that a future of numbers is one of unknowns
type AnyCallback = (future: any) => unknown;
/** What is called when a future is settled: at once, or in a microtask. */
type Listener = AnyCallback | Reaction;

/** How to stop running work; for {@linkcode ConcurrentFuture.abort}. */
export interface AbortOptions {
  /** What the job's signal and the future get as their reason; a `CancelledError` by default. */
  reason?: unknown;
  /**
   * How long the job may take to end by itself before its worker is ended.
   * Without it the job is only asked.
   */
  killAfter?: DurationLike | undefined;
}

/**
 * The outcome of a call that an {@linkcode Executor} makes elsewhere.
 *
 * It isn't the `Future` of the event loop: it has no loop, `cancel()` is refused
 * once the call runs, and its callbacks run at once. It can be awaited all the
 * same; `wrapFuture()` joins it to a loop.
 *
 * Port of {@link https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Future | concurrent.futures.Future};
 * `result()` and `exception()` don't block but throw when the future isn't done.
 *
 * @typeParam T The result's type.
 *
 * @example Usage
 * ```ts
 * import { InlineExecutor } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * await using pool = new InlineExecutor();
 * const future = pool.submit((a: number, b: number) => a + b, 1, 2);
 *
 * assertEquals(await future, 3);
 * assertEquals(future.result(), 3);
 * ```
 */
export class ConcurrentFuture<T> implements PromiseLike<T> {
  // Plain fields, not #private: a pool makes a million of these a second.
  /** @internal */
  _state: number = PENDING;
  /** @internal */
  _value: unknown = undefined;
  /** @internal */
  _listeners: Listener | Listener[] | null = null;
  /** @internal */
  _onProgress: ((value: unknown) => void)[] | null = null;

  /**
   * Cancels the call if it hasn't started.
   *
   * @returns `false` if it runs or is finished, so that it can't be cancelled.
   */
  cancel(): boolean {
    if (this.cancelled()) return true;
    if (this._state !== PENDING) return false;
    this._settle(CANCELLED, new CancelledError());
    return true;
  }

  /**
   * Stops the call, running or not: cancels it if it hasn't started; else sets
   * the job's `AbortSignal` and, once `killAfter` has passed, ends its worker.
   *
   * @param options The reason, and how long the job may take.
   * @returns `false` if there was nothing to stop.
   */
  abort(options: AbortOptions = {}): boolean {
    void options;
    return this.cancel();
  }

  /** Whether the call was cancelled before it started. */
  cancelled(): boolean {
    return this._state === CANCELLED || this._state === NOTIFIED;
  }

  /** Whether the call runs now, and so can't be cancelled. */
  running(): boolean {
    return this._state === RUNNING;
  }

  /** Whether the call was cancelled or has finished. */
  done(): boolean {
    return this._state >= CANCELLED;
  }

  /**
   * What the call returned.
   *
   * @throws {CancelledError} If the future was cancelled.
   * @throws {InvalidStateError} If it isn't done yet: `await` it instead.
   * @throws What the call threw.
   */
  result(): T {
    if (this._state === RETURNED) return this._value as T;
    if (this._state >= CANCELLED) throw this._value;
    throw new InvalidStateError(`Cannot read the result of ${this}: it isn't done, await it`);
  }

  /**
   * What the call threw, or `null` if it returned.
   *
   * @throws {CancelledError} If the future was cancelled.
   * @throws {InvalidStateError} If it isn't done yet: `await` it instead.
   */
  exception(): unknown {
    if (this._state === RETURNED) return null;
    if (this._state === THREW) return this._value;
    if (this.cancelled()) throw this._value;
    throw new InvalidStateError(`Cannot read the exception of ${this}: it isn't done, await it`);
  }

  /**
   * Calls `callback` with the future when it is done: at once if it is already.
   * An error of the callback's is reported on the console and goes no further.
   *
   * @param callback What to call.
   */
  addDoneCallback(callback: (future: this) => unknown): void {
    this.#listen(callback);
  }

  /**
   * Takes a callback back, however often it was added.
   *
   * @param callback What was given to `addDoneCallback`.
   */
  removeDoneCallback(callback: (future: this) => unknown): void {
    const listeners = this._listeners;
    if (listeners === callback) this._listeners = null;
    else if (Array.isArray(listeners)) {
      this._listeners = listeners.filter((each) => each !== callback);
    }
  }

  /**
   * Calls `callback` with each value that the job sends with `report()`.
   *
   * @param callback What to call.
   */
  onProgress(callback: (value: unknown) => void): void {
    (this._onProgress ??= []).push(callback);
  }

  /**
   * Makes the future awaitable; a cancelled one rejects with `CancelledError`.
   *
   * Handlers given by hand run outside of any `AsyncLocalStorage` context; what follows
   * an `await` keeps its own.
   */
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    const reaction = new Reaction(this, onFulfilled, onRejected);
    this.#listen(reaction);
    return reaction as PromiseLike<A | B>;
  }

  /**
   * For executors: marks the call as running. If it was cancelled, those who wait for several
   * futures learn of it now, as in Python.
   *
   * @returns `false` if it was cancelled, so that it mustn't run.
   * @throws {InvalidStateError} If it already ran.
   */
  setRunningOrNotifyCancel(): boolean {
    if (this._state === CANCELLED) this._settle(NOTIFIED, this._value);
    if (this._state === NOTIFIED) return false;
    if (this._state !== PENDING) {
      throw new InvalidStateError(`Cannot start ${this}: it isn't pending`);
    }
    this._state = RUNNING;
    return true;
  }

  /**
   * For executors and tests: finishes the future with a result.
   *
   * @param value The result.
   * @throws {InvalidStateError} If it is done.
   */
  setResult(value: T): void {
    if (this._state >= CANCELLED) {
      throw new InvalidStateError(`Cannot set the result of ${this}: it is done`);
    }
    this._settle(RETURNED, value);
  }

  /**
   * For executors and tests: finishes the future with an error.
   *
   * @param error What the call threw.
   * @throws {InvalidStateError} If it is done.
   */
  setException(error: unknown): void {
    if (this._state >= CANCELLED) {
      throw new InvalidStateError(`Cannot set the exception of ${this}: it is done`);
    }
    this._settle(THREW, error);
  }

  /** The future as text, with its state. */
  toString(): string {
    const state = STATE_NAMES[this._state];
    if (this._state === RETURNED) {
      return `<ConcurrentFuture ${state} returned ${describe(this._value)}>`;
    }
    if (this._state === THREW) {
      return `<ConcurrentFuture ${state} raised ${describeError(this._value)}>`;
    }
    return `<ConcurrentFuture ${state}>`;
  }

  /** For executors: cancels the future although it may run. @internal */
  settleCancelled(error: CancelledError): void {
    if (this._state < CANCELLED) this._settle(NOTIFIED, error);
  }

  /** For executors: finishes the future unless it is done. @internal */
  settleReturned(value: T): void {
    if (this._state < CANCELLED) this._settle(RETURNED, value);
  }

  /** For executors: a call that was given back waits again. @internal */
  backToPending(): void {
    if (this._state === RUNNING) this._state = PENDING;
  }

  /** For executors: hands on what the job reported. @internal */
  progress(value: unknown): void {
    for (const callback of this._onProgress ?? []) {
      try {
        callback(value);
      } catch (error) {
        console.error(`A progress callback of ${this} threw:`, error);
      }
    }
  }

  /** Is it done for those who wait for several: not while only whoever cancelled it knows? @internal */
  get _isOver(): boolean {
    return this._state > CANCELLED;
  }

  /** @internal */
  get _hasThrown(): boolean {
    return this._state === THREW;
  }

  /** Calls back once it is over in that sense; to be taken back as any callback. @internal */
  _whenOver(callback: (future: this) => unknown): void {
    if (this._state !== CANCELLED) return this.#listen(callback);
    const listeners = this._listeners;
    if (listeners === null) this._listeners = callback;
    else this._listeners = [listeners, callback].flat();
  }

  /** @internal */
  get _hasReturned(): boolean {
    return this._state === RETURNED;
  }

  /** @internal */
  _settle(state: number, value: unknown): void {
    this._state = state;
    this._value = value;
    const listeners = this._listeners;
    if (listeners === null) return;
    this._listeners = null;
    if (!Array.isArray(listeners)) tell(listeners, this);
    else for (const listener of listeners) tell(listener, this);
  }

  #listen(listener: Listener): void {
    const listeners = this._listeners;
    if (this._state >= CANCELLED) tell(listener, this);
    else if (listeners === null) this._listeners = listener;
    else if (Array.isArray(listeners)) listeners.push(listener);
    else this._listeners = [listeners, listener];
  }
}

function tell(listener: Listener, future: ConcurrentFuture<unknown>): void {
  if (typeof listener !== "function") return listener.schedule();
  try {
    listener(future);
  } catch (error) {
    console.error(`A callback of ${future} threw:`, error);
  }
}
