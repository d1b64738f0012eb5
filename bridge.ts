/**
 * Where executors and event loops meet: futures of the one become futures of the other.
 *
 * @module
 */

import type { DurationLike } from "./duration.ts";
import { toMilliseconds } from "./duration.ts";
import { CancelledError, RuntimeError } from "./errors.ts";
import { ConcurrentFuture } from "./executors/concurrent_future.ts";
import type { JobResult } from "./executors/executor.ts";
import { ThreadPoolExecutor } from "./executors/thread_pool_executor.ts";
import type { Coro, FutureLike } from "./loop/awaitable.ts";
import type { EventLoop } from "./loop/event_loop.ts";
import { type ExecutorLike, setExecutorSlots } from "./loop/executors.ts";
import { getEventLoop, getRunningLoop } from "./loop/running.ts";
import { type Coroutine, fromGenerator } from "./tasks/coroutine.ts";
import { ensureFuture } from "./tasks/create_task.ts";
import { FAILED, Future, PENDING, RESULT } from "./tasks/future.ts";

/** Options of {@linkcode wrapFuture}. */
export interface WrapOptions {
  /** The future's loop; the running one by default. */
  loop?: EventLoop | undefined;
  /**
   * How long a running job may take to end after a cancellation before its worker is ended. Without it,
   * the job is only asked, by its `workerSignal()`.
   */
  killAfter?: DurationLike | undefined;
}

/** A future of a loop that follows a call of an executor. */
class Wrapped<T> extends Future<T> {
  readonly #source: ConcurrentFuture<T>;
  readonly #killAfter: DurationLike | undefined;

  constructor(source: ConcurrentFuture<T>, loop: EventLoop, killAfter: DurationLike | undefined) {
    super({ loop });
    this.#source = source;
    this.#killAfter = killAfter;
    // Something outside of the loop will wake it.
    loop._outside++;
    source.addDoneCallback(() => this.#follow());
  }

  override cancel(message?: string): boolean {
    const cancelled = super.cancel(message);
    if (cancelled) {
      const reason = new CancelledError(message);
      this.#source.abort({ reason, killAfter: this.#killAfter });
    }
    return cancelled;
  }

  override _finish(state: number, value: unknown): void {
    this._loop._outside--;
    super._finish(state, value);
  }

  #follow(): void {
    const source = this.#source;
    if (this._state !== PENDING || this._loop.isClosed()) return;
    if (source.cancelled()) super.cancel();
    else if (source.exception() === null) this._finish(RESULT, source.result());
    else this._finish(FAILED, source.exception());
  }
}

/**
 * Makes a call of an executor a future of an event loop, for tasks to wait for.
 *
 * Cancellation goes both ways. Cancelling the task that waits takes the call back if it
 * hasn't started, and otherwise sets its `workerSignal()`; with `killAfter` its worker is ended.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-future.html#asyncio.wrap_future | asyncio.wrap_future},
 * whose cancellation can't reach a call that runs.
 *
 * @typeParam T The result's type.
 * @param future What `submit` returned; a future of a loop is returned as it is.
 * @param options See {@linkcode WrapOptions}.
 * @returns A future of the loop.
 *
 * @example Usage
 * ```ts
 * import { gather, run, wrapFuture } from "@aio/asyncio";
 * import { ThreadPoolExecutor } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
 * const square = (n: number) => n * n;
 * const squares = await run(() =>
 *   gather([wrapFuture(pool.submit(square, 2)), wrapFuture(pool.submit(square, 3))])
 * );
 *
 * assertEquals(squares, [4, 9]);
 * ```
 */
export function wrapFuture<T>(
  future: ConcurrentFuture<T> | Future<T>,
  options: WrapOptions = {},
): Future<T> {
  if (future instanceof Future) return future;
  if (!(future instanceof ConcurrentFuture)) {
    throw new TypeError(
      `Cannot wrap a future as 'future' must be what submit() returns: current value is ${
        String(future)
      }`,
    );
  }
  return new Wrapped(future, options.loop ?? getEventLoop(), options.killAfter);
}

/**
 * Calls a function in the loop's default executor, a `ThreadPoolExecutor`.
 *
 * Cancellation: as that of `wrapFuture`.
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread | asyncio.to_thread};
 * the function gets to the thread as it would to a pool.
 *
 * @param fn A function of a `workerModule()`, or one that closes over nothing.
 * @param args Its arguments; they are copied.
 * @returns What it returns.
 * @throws What it throws.
 *
 * @example Usage
 * ```ts
 * import { run, toThread } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(() => toThread((a: number, b: number) => a ** b, 2, 10)), 1024);
 * ```
 */
export function toThread<A extends unknown[], R>(
  fn: (...args: A) => R,
  ...args: A
): Coroutine<JobResult<R>> {
  return fromGenerator("toThread", function* (): Generator<unknown, JobResult<R>, unknown> {
    const future = getRunningLoop().runInExecutor(null, fn, ...args);
    return yield* future as unknown as FutureLike<JobResult<R>>;
  });
}

/**
 * Starts a coroutine in a loop from outside of it, such as from a callback of the platform's.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.run_coroutine_threadsafe | asyncio.run_coroutine_threadsafe}.
 *
 * @typeParam T The result's type.
 * @param coro A coroutine, or a function that makes one.
 * @param loop The loop, which runs or will.
 * @returns A future that isn't the loop's: cancelling it cancels the task.
 *
 * @example Usage
 * ```ts
 * import { getRunningLoop, run, runCoroutineThreadsafe, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const future = runCoroutineThreadsafe(sleep(1, "slept"), getRunningLoop());
 *   assertEquals(await future, "slept");
 * });
 * ```
 */
export function runCoroutineThreadsafe<T>(coro: Coro<T>, loop: EventLoop): ConcurrentFuture<T> {
  const outer = new ConcurrentFuture<T>();
  loop.callSoon(() => {
    if (!outer.setRunningOrNotifyCancel()) return;
    outer.backToPending();
    const inner = ensureFuture(coro, { loop }) as Future<T>;
    inner.addDoneCallback(() => {
      if (outer.done()) return;
      if (inner.cancelled()) outer.cancel();
      else if (inner.exception() === null) outer.setResult(inner.result());
      else outer.setException(inner.exception());
    });
    outer.addDoneCallback(() => {
      if (outer.cancelled()) inner.cancel();
    });
  });
  return outer;
}

/** A loop's default executor; `null` once it was shut down. */
const defaults: WeakMap<object, ExecutorLike | null> = new WeakMap();

function defaultExecutor(loop: object): ExecutorLike {
  const found = defaults.get(loop);
  if (found === null) {
    throw new RuntimeError("Cannot run in the default executor: it has been shut down");
  }
  if (found !== undefined) return found;
  const made = new ThreadPoolExecutor({ name: "default executor" });
  defaults.set(loop, made);
  return made;
}

setExecutorSlots({
  run(loop, executor, fn, args) {
    const call = (executor ?? defaultExecutor(loop)).submit(fn as () => unknown, ...args as []);
    return wrapFuture(call as ConcurrentFuture<unknown>, { loop: loop as EventLoop });
  },

  setDefault(loop, executor) {
    if (typeof executor?.submit !== "function") {
      throw new TypeError(
        `Cannot set the default executor as it must be an Executor: current value is ${executor}`,
      );
    }
    defaults.set(loop, executor);
  },

  async shutdownDefault(loop, timeout) {
    const executor = defaults.get(loop);
    defaults.set(loop, null);
    if (executor === null || executor === undefined) return;
    const down = executor.shutdown();
    if (timeout === null) return await down;
    const limit = toMilliseconds(timeout, "timeout");
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), limit);
    });
    const outcome = await Promise.race([down, late]);
    clearTimeout(timer);
    if (outcome === "late") {
      console.warn(`The default executor didn't finish joining its workers within ${limit} ms`);
    }
  },

  closed(loop) {
    void defaults.get(loop)?.shutdown({ wait: false });
    defaults.set(loop, null);
  },
});
