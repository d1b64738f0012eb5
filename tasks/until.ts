/**
 * Foreign promises, as futures.
 *
 * @module
 */

import { adopt, promiseOf } from "./_adopt.ts";
import { callForNobody, callWithin, currentScope } from "../loop/context.ts";
import { CANCELLED, FAILED, Future, RESULT } from "./future.ts";
import { CancelledError } from "../errors.ts";
import { Coroutine, isCoroutine } from "./coroutine.ts";
import { describeValue } from "../loop/describe.ts";
import { EventLoop } from "../loop/event_loop.ts";
import { getEventLoop } from "../loop/running.ts";
import { isAbortError } from "./_strand.ts";
import type { Task } from "./task.ts";
import { tellsCollected } from "./_collected.ts";

/**
 * What hangs on a promise for a future, and lets go of it when that is done: the promise may live
 * longer than the future and its loop, and be waited for again and again.
 */
class Thread {
  /** Who waits; null when that wait is over. */
  future: Foreign<unknown> | null = null;
  /** Who was waiting is told of an error that comes too late: by its loop, as long as that is there. */
  loop: EventLoop | WeakRef<EventLoop> | null = null;
  signal: AbortSignal | null = null;

  constructor(promise: Promise<unknown>) {
    // A reaction keeps the surroundings in which it was added, and with them whose code that was.
    callForNobody(() =>
      adopt(
        promise,
        (value) => this.#settle(RESULT, value),
        (error) => this.#settle(FAILED, error),
      )
    );
  }

  hold(future: Foreign<unknown>, signal: AbortSignal | null): void {
    if (this.loop instanceof EventLoop) this.loop._holders.delete(this);
    this.future = future;
    this.loop = future._loop;
    this.signal = signal;
    this.loop._holders.add(this);
  }

  /** The wait is over, the promise is not. */
  letGo(): void {
    this.future = null;
  }

  /** The loop is closed: what comes now is told without keeping it alive. */
  loopClosed(): void {
    const future = this.future;
    if (future !== null) future._loop._outside--;
    this.future = null;
    this.loop = this.loop instanceof EventLoop && tellsCollected ? new WeakRef(this.loop) : null;
  }

  #settle(state: number, value: unknown): void {
    const { future, loop } = this;
    this.future = this.loop = null;
    if (loop instanceof EventLoop) loop._holders.delete(this);
    if (future !== null) future.settle(state, value);
    else if (state === FAILED && !this.#isOurAbort(value)) reportLate(loop, value);
  }

  /** Is `error` how the work says that it obeyed the signal? */
  #isOurAbort(error: unknown): boolean {
    const signal = this.signal;
    return error instanceof CancelledError || (signal !== null && error === signal.reason) ||
      (signal?.aborted === true && isAbortError(error));
  }
}

function reportLate(held: EventLoop | WeakRef<EventLoop> | null, exception: unknown): void {
  const loop = held instanceof EventLoop ? held : held?.deref();
  const context = { message: "A promise failed after until() had been cancelled", exception };
  if (loop === undefined) EventLoop.prototype.defaultExceptionHandler(context);
  else loop.callExceptionHandler(context);
}

/** Threads whose wait was cancelled, by their promises: the next who waits takes one over. */
const loose = new WeakMap<object, Thread[]>();

function threadOf(promise: Promise<unknown>): Thread {
  return loose.get(promise)?.pop() ?? new Thread(promise);
}

/** A future that follows a promise. */
class Foreign<T> extends Future<T> {
  readonly #promise: Promise<unknown>;
  readonly #thread: Thread;
  readonly #controller: AbortController | null;

  constructor(loop: EventLoop, promise: Promise<unknown>, controller: AbortController | null) {
    super({ loop });
    loop._outside++;
    this.#promise = promise;
    this.#thread = threadOf(promise);
    this.#controller = controller;
    this.#thread.hold(this as Foreign<unknown>, controller?.signal ?? null);
  }

  override cancel(message?: string): boolean {
    const cancelled = super.cancel(message);
    // The signal last: its listeners are other people's code, which may look at this.
    if (cancelled) this.#controller?.abort(new CancelledError(message));
    return cancelled;
  }

  override _finish(state: number, value: unknown): void {
    this._loop._outside--;
    if (this.#thread.future !== null) this.#cutLoose();
    super._finish(state, value);
  }

  settle(state: number, value: unknown): void {
    if (value instanceof CancelledError && state === FAILED) this._finish(CANCELLED, value);
    else this._finish(state, value);
  }

  #cutLoose(): void {
    this.#thread.letGo();
    const threads = loose.get(this.#promise);
    if (threads === undefined) loose.set(this.#promise, [this.#thread]);
    else threads.push(this.#thread);
  }
}

/**
 * Makes a foreign promise a future: something that a task can wait for, and be
 * cancelled while it does.
 *
 * Cancellation: the future is cancelled at once. Given a function, its signal
 * aborts, with the CancelledError as reason; a plain promise goes on unseen. If it
 * fails later for another reason, that is reported to the loop's exception handler.
 *
 * It has no counterpart in Python, whose awaitables all are its own.
 *
 * @param source A promise, or a function that is called at once with a signal and gives one.
 * @param options `loop`: the future's loop; the running one by default.
 * @returns A future of the promise's outcome.
 * @throws {TypeError} If there is no promise.
 *
 * @example Usage
 * ```ts
 * import { run, timeout, TimeoutError, until } from "@aio/asyncio";
 * import { assert, assertRejects } from "@std/assert";
 *
 * let aborted = false;
 * const work = (signal: AbortSignal) =>
 *   new Promise<never>((_, reject) => {
 *     signal.addEventListener("abort", () => {
 *       aborted = true;
 *       reject(signal.reason);
 *     });
 *   });
 * await assertRejects(() => run(() => timeout(1, () => until(work))), TimeoutError);
 * assert(aborted);
 * ```
 */
export function until<T>(
  source: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>),
  options: { loop?: EventLoop } = {},
): Future<T> {
  const loop = options.loop ?? getEventLoop();
  if (typeof source !== "function") return follow(source, loop, null);
  const controller = new AbortController();
  const call = () => source(controller.signal);
  const scope = currentScope();
  return follow(scope === null ? call() : callWithin(scope, call, undefined), loop, controller);
}

function follow<T>(
  source: PromiseLike<T>,
  loop: EventLoop,
  controller: AbortController | null,
): Future<T> {
  if (source instanceof Future) return source;
  if (source instanceof Coroutine) return loop.createTask<T>(source) as Task<T>;
  const promise = promiseOf(source);
  if (promise !== null) return new Foreign<T>(loop, promise, controller);
  throw new TypeError(
    "Cannot wait until 'source' settles as it must be a promise or a function that gives one: " +
      `current value is ${describeValue(source)}`,
  );
}

/** A future of a foreign promise; null if `value` is none. */
export function foreignFuture<T>(value: unknown, loop: EventLoop): Future<T> | null {
  const promise = promiseOf(value);
  return promise === null ? null : new Foreign<T>(loop, promise, null);
}

/**
 * Takes hold of a foreign promise for an operation that waits for it once it is awaited itself: the
 * promise may fail before that, and nobody is to be told that it is unhandled.
 *
 * @returns The platform's own promise of the same; what is ours as it is.
 */
export function holdForeign<A>(awaitable: A): A {
  const isOurs = typeof awaitable === "function" || awaitable instanceof Future ||
    isCoroutine(awaitable);
  const promise = isOurs ? null : promiseOf(awaitable);
  if (promise === null) return awaitable;
  callForNobody(() => adopt(promise, nothing, nothing));
  return promise as A;
}

function nothing(): void {}
