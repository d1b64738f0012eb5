/**
 * Foreign promises, as futures.
 *
 * @module
 */

import { callWithin, currentScope } from "../loop/context.ts";
import { CancelledError } from "../errors.ts";
import { Coroutine } from "./coroutine.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { CANCELLED, FAILED, Future, PENDING, RESULT } from "./future.ts";
import { getEventLoop } from "../loop/running.ts";
import type { Task } from "./task.ts";

/** A future that follows a promise. */
class Foreign<T> extends Future<T> {
  #controller: AbortController | null;

  constructor(loop: EventLoop, controller: AbortController | null) {
    super({ loop });
    this.#controller = controller;
    loop._outside++;
  }

  follow(promise: PromiseLike<T>): void {
    promise.then(
      (value) => this.#settle(RESULT, value),
      (error) => this.#settle(FAILED, error),
    );
  }

  override cancel(message?: string): boolean {
    const cancelled = super.cancel(message);
    // The signal last: its listeners are other people's code, which may look at this.
    if (cancelled) this.#controller?.abort(new CancelledError(message));
    return cancelled;
  }

  override _finish(state: number, value: unknown): void {
    this._loop._outside--;
    super._finish(state, value);
  }

  #settle(state: number, value: unknown): void {
    if (this._loop.isClosed()) return;
    if (this._state === PENDING) {
      if (value instanceof CancelledError && state === FAILED) this.#endCancelled(value);
      else this._finish(state, value);
    } else if (state === FAILED && this._state === CANCELLED && !this.#isOurAbort(value)) {
      this._loop.callExceptionHandler({
        message: "A promise failed after until() had been cancelled",
        exception: value,
        future: this,
      });
    }
    this.#controller = null;
  }

  #endCancelled(error: CancelledError): void {
    this._finish(CANCELLED, error);
  }

  /** Is `error` how the work says that it obeyed the signal? */
  #isOurAbort(error: unknown): boolean {
    const signal = this.#controller?.signal;
    return error instanceof CancelledError || error === signal?.reason ||
      (signal?.aborted === true && (error as Error | null)?.name === "AbortError");
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
  return follow(scope === null ? call() : callWithin(scope, call), loop, controller);
}

function follow<T>(
  promise: PromiseLike<T>,
  loop: EventLoop,
  controller: AbortController | null,
): Future<T> {
  if (promise instanceof Future) return promise;
  if (promise instanceof Coroutine) return loop.createTask<T>(promise) as Task<T>;
  if (typeof promise?.then !== "function") {
    throw new TypeError(
      "Cannot wait until 'source' settles as it must be a promise or a function that gives one: " +
        `current value is ${String(promise)}`,
    );
  }
  const future = new Foreign<T>(loop, controller);
  future.follow(promise);
  return future;
}
