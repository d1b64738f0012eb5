/**
 * Where executors and event loops meet: futures of the one become futures of the other.
 *
 * Invariants:
 * - The outcome of a call comes to a loop in a turn of its own; a cancellation before that wins.
 * - A future of the one leaves nothing behind at that of the other once it is done.
 * - A future that stands for a task is settled even if no task can be made.
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
import type { Context, Runnable, Values } from "./loop/context.ts";
import type { EventLoop } from "./loop/event_loop.ts";
import { type ExecutorLike, type ExecutorOwner, setExecutorSlots } from "./loop/executors.ts";
import { describeValue } from "./loop/describe.ts";
import { getEventLoop, getRunningLoop } from "./loop/running.ts";
import { type Coroutine, fromGenerator, isCoroutine } from "./tasks/coroutine.ts";
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

/** A future of a loop that follows a call of an executor; an entry of the loop when it has come. */
class Wrapped<T> extends Future<T> implements Runnable {
  readonly #source: ConcurrentFuture<T>;
  readonly #killAfter: DurationLike | undefined;

  constructor(source: ConcurrentFuture<T>, loop: EventLoop, killAfter: DurationLike | undefined) {
    super({ loop });
    this.#source = source;
    this.#killAfter = killAfter;
    // Something outside of the loop will wake it.
    loop._outside++;
    source.addDoneCallback(this.#arrived);
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
    this.#source.removeDoneCallback(this.#arrived);
    super._finish(state, value);
  }

  readonly #arrived = (): void => {
    if (this._state === PENDING && !this._loop.isClosed()) this._loop._push(this);
  };

  // As an entry of the loop

  get _task(): null {
    return null;
  }

  get _context(): Context | Values {
    return this._loop._context;
  }

  get _settles(): boolean {
    return false;
  }

  _run(): void {
    if (this._state !== PENDING) return;
    const source = this.#source;
    if (source.cancelled()) super.cancel();
    else this._finish(source._hasReturned ? RESULT : FAILED, source._value);
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
 * @throws {TypeError} If `coro` is neither. If no task can be made of it, the future has that error.
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
  if (typeof coro !== "function" && !isCoroutine(coro)) {
    throw new TypeError(
      "Cannot run a coroutine threadsafe: a coroutine or a function that makes one was expected, " +
        `got ${describeValue(coro)}`,
    );
  }
  const outer = new ConcurrentFuture<T>();
  loop.callSoon(() => {
    try {
      follow(outer, ensureFuture(coro, { loop }) as Future<T>);
    } catch (error) {
      if (outer.setRunningOrNotifyCancel()) outer.setException(error);
      throw error;
    }
  });
  return outer;
}

/** Has `outer` get the outcome of `inner`, and `inner` the cancellation of `outer`. */
function follow<T>(outer: ConcurrentFuture<T>, inner: Future<T>): void {
  const cancelInner = () => {
    if (outer.cancelled()) inner.cancel();
  };
  inner.addDoneCallback(() => {
    outer.removeDoneCallback(cancelInner);
    if (inner.cancelled()) outer.cancel();
    if (outer.done() && !outer.cancelled()) return; // by hand
    if (!outer.setRunningOrNotifyCancel()) return inner._retrieved();
    if (inner._state === RESULT) outer.setResult(inner._value as T);
    else outer.setException(inner._takeError());
  });
  outer.addDoneCallback(cancelInner);
}

/** setTimeout's delay is a 32-bit integer. No shutdown will take that long. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

function defaultExecutor(loop: ExecutorOwner): ExecutorLike {
  if (loop._executor === null) {
    throw new RuntimeError("Cannot run in the default executor: it has been shut down");
  }
  return loop._executor ??= new ThreadPoolExecutor({ name: "default executor" });
}

/** Waits until it has ended its work, but not for ever. */
async function shutdown(executor: ExecutorLike, timeout: DurationLike | null): Promise<void> {
  const down = executor.shutdown();
  const limit = timeout === null ? Infinity : toMilliseconds(timeout, "timeout");
  if (limit > LONGEST_TIMEOUT) return await down;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), limit);
  });
  const outcome = await Promise.race([down, late]);
  clearTimeout(timer);
  if (outcome === "late") {
    console.warn(`The default executor didn't finish joining its workers within ${limit} ms`);
  }
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
    loop._executor = executor;
  },

  shutdownDefault(loop, timeout) {
    const executor = loop._executor;
    loop._executor = null;
    return executor ? shutdown(executor, timeout) : Promise.resolve();
  },

  closed(loop) {
    void loop._executor?.shutdown({ wait: false });
    loop._executor = null;
  },
});
