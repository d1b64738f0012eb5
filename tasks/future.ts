/**
 * The result of something that goes on elsewhere, as tasks see it.
 *
 * @module
 */

import { CancelledError, InvalidStateError, RuntimeError } from "../errors.ts";
import {
  type Context,
  currentScope,
  currentValues,
  type Runnable,
  type Scope,
  surroundings,
  type Values,
} from "../loop/context.ts";
import { describeFunction, describeValue, inspectable } from "../loop/describe.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import type { FutureLike } from "../loop/awaitable.ts";
import { getEventLoop } from "../loop/running.ts";
import { reportLater, retrieved } from "./_unretrieved.ts";

/** States of a future; those above `PENDING` are final. */
export const PENDING = 0;
/** It was cancelled. */
export const CANCELLED = 1;
/** It has a result. */
export const RESULT = 2;
/** It has an error. */
export const FAILED = 3;

/** What happens when a future is done: it is made ready, in order of registration. */
export interface Waiter extends Runnable {
  /** How it is shown in the future's representation. */
  _describeWaiter(): string;
}

/** The side of a task that native code sees. */
export interface NativeAwaiter {
  /** Called by an `await` of the task's native code. */
  _awaitNative(
    scope: Scope,
    awaitable: object,
    onFulfilled: Settle | null | undefined,
    onRejected: Settle | null | undefined,
    // deno-lint-ignore no-explicit-any
  ): PromiseLike<any>;
}

/** A reaction, as `then` gets it. */
// deno-lint-ignore no-explicit-any
export type Settle = (value: any) => any;

/**
 * A result that is not there yet: wait for it with `await future` or `yield* future`.
 *
 * Whoever produces it calls `setResult` or `setException`, once. Made by
 * `loop.createFuture()`; most programs only meet the ones that are tasks.
 *
 * Cancellation: a cancelled task cancels the future that it waits for.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-future.html#asyncio.Future | asyncio.Future}.
 *
 * @typeParam T The result's type.
 *
 * @example Usage
 * ```ts
 * import { Future, getRunningLoop, run } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const future = new Future<string>();
 *   getRunningLoop().callLater(1, () => future.setResult("there"));
 *   assertEquals(await future, "there");
 *   assertEquals(String(future), "<Future finished result='there'>");
 * });
 * ```
 */
export class Future<T> implements FutureLike<T> {
  // Plain fields: #private ones cost a third of the speed of making one.

  /** @internal */
  readonly _loop: EventLoop;
  /** @internal */
  _state: number = PENDING;
  /**
   * The result, or the error; of a cancelled task the one that ended it, for the first who asks.
   * @internal
   */
  _value: unknown = undefined;
  /**
   * Most futures have one waiter at most: an array comes with the second.
   * @internal
   */
  _waiters: Waiter | Waiter[] | null = null;
  /** @internal */
  _cancelMessage: string | undefined = undefined;

  /**
   * Makes a pending future.
   *
   * @param options `loop`: its loop; by default the running one.
   */
  constructor(options?: { loop?: EventLoop }) {
    this._loop = options?.loop ?? getEventLoop();
  }

  /** Its loop. */
  getLoop(): EventLoop {
    return this._loop;
  }

  /** Has it a result, an error, or been cancelled? */
  done(): boolean {
    return this._state !== PENDING;
  }

  /** Was it cancelled? */
  cancelled(): boolean {
    return this._state === CANCELLED;
  }

  /**
   * Its result.
   *
   * @throws Its error, if it has one.
   * @throws {CancelledError} If it was cancelled.
   * @throws {InvalidStateError} If it is not done.
   */
  result(): T {
    if (this._state === RESULT) return this._value as T;
    if (this._state === PENDING) throw this.#notReady("result");
    throw this._takeError();
  }

  /**
   * Its error, or null if it has a result.
   *
   * @throws {CancelledError} If it was cancelled.
   * @throws {InvalidStateError} If it is not done.
   */
  exception(): unknown {
    if (this._state === RESULT) return null;
    if (this._state === PENDING) throw this.#notReady("exception");
    if (this._state === CANCELLED) throw this._takeError();
    return this._takeError();
  }

  /**
   * Gives it its result.
   *
   * @throws {InvalidStateError} If it is done already.
   */
  setResult(result: T): void {
    this._checkPending("set the result of");
    this._finish(RESULT, result);
  }

  /**
   * Gives it its error.
   *
   * @param exception The error; a class of errors is instantiated.
   * @throws {InvalidStateError} If it is done already.
   */
  setException(exception: unknown): void {
    this._checkPending("set the exception of");
    this._finish(FAILED, isErrorClass(exception) ? new exception() : exception);
  }

  /**
   * Cancels it, unless it is done: whoever awaits it gets a `CancelledError`.
   *
   * @param message The message of that error.
   * @returns Whether it was cancelled by this call.
   */
  cancel(message?: string): boolean {
    if (this._state !== PENDING) {
      this._retrieved(); // as in Python: whoever cancels it knows of it
      return false;
    }
    this._cancelMessage = message;
    this._finish(CANCELLED, undefined);
    return true;
  }

  /**
   * Cancels it as part of a larger cancellation: what is to be cancelled as well goes to `work`.
   * @internal
   */
  _cancelWith(message: string | undefined, _work: (() => void)[]): boolean {
    return this.cancel(message);
  }

  /**
   * Would `cancel` do anything?
   * @internal
   */
  _isCancellable(): boolean {
    return this._state === PENDING;
  }

  /**
   * Has `callback` called with the future once it is done: in the next turn after
   * that, in order of registration.
   *
   * @param callback A synchronous function. An error that leaves it goes to the loop's exception handler.
   * @param options `context`: what it runs in; a copy of the current one by default.
   */
  addDoneCallback(callback: (future: this) => unknown, options?: { context?: Context }): void {
    const context = options?.context ?? currentValues();
    this.#follow(callback, context, surroundings(this._loop));
  }

  /**
   * The same for callbacks of this module, which need no context of their own.
   * @internal
   */
  _whenDone(callback: (future: this) => unknown): void {
    this.#follow(callback, this._loop._context, this._loop._surroundings);
  }

  #follow(
    callback: (future: this) => unknown,
    context: Context | Values,
    made: unknown,
  ): void {
    const waiter = new DoneCallback(callback as (future: unknown) => unknown, this, context, made);
    if (this._state === PENDING) this._addWaiter(waiter);
    else this._loop._push(waiter);
  }

  /** Takes all registrations of `callback` back; gives how many there were. */
  removeDoneCallback(callback: (future: this) => unknown): number {
    const before = this._waiterList();
    const after = before.filter((waiter) =>
      !(waiter instanceof DoneCallback && waiter._callback === callback)
    );
    if (after.length < before.length) this._waiters = after.length > 0 ? after : null;
    return before.length - after.length;
  }

  /**
   * What `await future` calls. In a task, the task waits; elsewhere, a promise does.
   *
   * @throws Never; an error of the future goes to `onRejected`.
   */
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    const scope = currentScope();
    const task = scope?._task as NativeAwaiter | null | undefined;
    if (task) return task._awaitNative(scope!, this, onFulfilled, onRejected);
    return new Promise<T>((resolve, reject) => this.#subscribe(resolve, reject))
      .then(onFulfilled, onRejected);
  }

  /** What `yield* future` calls. */
  [Symbol.iterator](): Iterator<unknown, T, unknown> {
    return new FutureIterator(this);
  }

  /** `<Future pending>`, `<Future finished result=1>`, as Python shows it. */
  toString(): string {
    return `<${this._describe().join(" ")}>`;
  }

  /**
   * The words of its representation.
   * @internal
   */
  _describe(): string[] {
    const words = [this.constructor.name];
    if (this._state === PENDING) words.push("pending");
    else if (this._state === CANCELLED) words.push("cancelled");
    else if (this._state === RESULT) words.push("finished", `result=${describeValue(this._value)}`);
    else words.push("finished", `exception=${describeValue(this._value)}`);
    const waiters = this._waiterList().map((waiter) => waiter._describeWaiter());
    if (waiters.length > 2) waiters.splice(1, waiters.length - 2, `<${waiters.length - 2} more>`);
    if (waiters.length > 0) words.push(`cb=[${waiters.join(", ")}]`);
    return words;
  }

  /**
   * The error, for someone who asked: it won't be reported as lost.
   * @internal
   */
  _takeError(): unknown {
    if (this._state === CANCELLED) return this._makeCancelledError();
    this._retrieved();
    return this._value;
  }

  /** @internal */
  _makeCancelledError(): CancelledError {
    // Also asked of a future that wasn't cancelled: what it has then is something else.
    const error = this._state === CANCELLED ? this._value : undefined;
    if (error === undefined) return new CancelledError(this._cancelMessage);
    this._value = undefined;
    return error as CancelledError;
  }

  /** @internal */
  _addWaiter(waiter: Waiter): void {
    const waiters = this._waiters;
    if (waiters === null) this._waiters = waiter;
    else if (Array.isArray(waiters)) waiters.push(waiter);
    else this._waiters = [waiters, waiter];
  }

  /**
   * Ends it, and makes all who wait ready.
   * @internal
   */
  _finish(state: number, value: unknown): void {
    this._state = state;
    this._value = value;
    const waiters = this._waiters;
    if (waiters !== null) {
      this._waiters = null;
      if (!Array.isArray(waiters)) this._loop._push(waiters);
      else for (const waiter of waiters) this._loop._push(waiter);
    }
    if (state === FAILED) reportLater(this);
  }

  /**
   * Somebody asked for the error.
   * @internal
   */
  _retrieved(): void {
    if (this._state === FAILED) retrieved(this);
  }

  /** @internal */
  _checkPending(verb: string): void {
    if (this._state !== PENDING) {
      throw new InvalidStateError(`Cannot ${verb} ${this}: it is done already`);
    }
  }

  /** @internal */
  _waiterList(): Waiter[] {
    const waiters = this._waiters;
    return waiters === null ? [] : Array.isArray(waiters) ? waiters : [waiters];
  }

  #notReady(what: string): InvalidStateError {
    return new InvalidStateError(`Cannot get the ${what} of ${this}: it is not done`);
  }

  /** The loop has no part in this, but code that awaits what is done could starve the platform. */
  #goOn(settle: Settle, value: unknown): void {
    const baton = this._loop._baton;
    if (baton.isRestDue()) baton.restBefore(() => settle(value));
    else settle(value);
  }

  #subscribe(resolve: Settle, reject: Settle): void {
    if (this._state === RESULT) this.#goOn(resolve, this._value);
    else if (this._state !== PENDING) this.#goOn(reject, this._takeError());
    else if (this._loop.isClosed()) {
      reject(new RuntimeError(`Cannot await ${this}: its event loop is closed`));
    } else this._addWaiter(new Settler(this, resolve, reject));
  }
}

inspectable(Future);

/** Ends a future that someone may have cancelled meanwhile. */
export function finishUnlessDone<T>(future: Future<T>, result: T): void {
  if (future._state === PENDING) future._finish(RESULT, result);
}

function isErrorClass(value: unknown): value is new () => Error {
  return typeof value === "function" && value.prototype instanceof Error;
}

/** Waits for a future in a generator: yields it to the task if it is pending. */
class FutureIterator<T> implements Iterator<unknown, T, unknown> {
  readonly #future: Future<T>;

  constructor(future: Future<T>) {
    this.#future = future;
  }

  next(): IteratorResult<unknown, T> {
    const future = this.#future;
    if (future._state === PENDING) return { done: false, value: future };
    return { done: true, value: future.result() };
  }

  throw(error: unknown): IteratorResult<unknown, T> {
    throw error;
  }
}

/** A done callback, both as registered and as made ready. */
class DoneCallback implements Waiter {
  readonly _callback: (future: unknown) => unknown;
  readonly _future: Future<unknown>;
  _context: Context | Values;
  readonly #surroundings: unknown;

  constructor(
    callback: (future: unknown) => unknown,
    future: Future<unknown>,
    context: Context | Values,
    made: unknown,
  ) {
    this._callback = callback;
    this._future = future;
    this._context = context;
    this.#surroundings = made;
  }

  get _loop(): EventLoop {
    return this._future._loop;
  }

  get _task(): null {
    return null;
  }

  get _settles(): boolean {
    return false;
  }

  _run(): void {
    this._loop._call(this, this.#surroundings, this._callback, this._future);
  }

  _describeWaiter(): string {
    return describeFunction(this._callback);
  }

  toString(): string {
    return `<Handle ${describeFunction(this._callback)}>`;
  }
}

/** Someone outside of every task who awaits a future. */
class Settler implements Waiter {
  readonly #future: Future<unknown>;
  readonly #resolve: Settle;
  readonly #reject: Settle;

  constructor(future: Future<unknown>, resolve: Settle, reject: Settle) {
    this.#future = future;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get _loop(): EventLoop {
    return this.#future._loop;
  }

  get _task(): null {
    return null;
  }

  get _context(): Context | Values {
    return this._loop._context;
  }

  get _settles(): boolean {
    return true;
  }

  _run(): void {
    if (this.#future._state === RESULT) this.#resolve(this.#future._value);
    else this.#reject(this.#future._takeError());
  }

  _describeWaiter(): string {
    return "await";
  }
}
