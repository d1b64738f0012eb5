/**
 * The contract of all executors.
 *
 * @module
 */

import type { DurationLike } from "../duration.ts";
import type { ConcurrentFuture } from "./concurrent_future.ts";

/** A function of any shape. */
// deno-lint-ignore no-explicit-any
export type AnyFunction = (...args: any[]) => any;

/**
 * What a job's future is done with: the function's result, awaited; for a
 * generator function an async generator over what it yields. That one has its worker
 * for itself until it has ended, or was left with `return()`, as `break` does.
 *
 * @typeParam R What the function returns.
 */
export type JobResult<R> = R extends AsyncGenerator<infer Y, infer T> | Generator<infer Y, infer T>
  ? AsyncGenerator<Y, T, void>
  : Awaited<R>;

/** One iterable for each argument; those may be async. */
export type Sources<A extends unknown[]> = {
  [K in keyof A]: Iterable<A[K]> | AsyncIterable<A[K]>;
};

/** Options of {@linkcode Executor.map}. */
export interface MapOptions {
  /** How long until a result, counted from the call of `map`; for ever by default. */
  timeout?: DurationLike | null | undefined;
  /** How many calls go to a worker as one; one by default. */
  chunksize?: number | undefined;
  /** How many calls may be under way before the oldest result is taken; no limit by default. */
  buffersize?: number | null | undefined;
}

/** Options of {@linkcode Executor.shutdown}. */
export interface ShutdownOptions {
  /** Whether to wait until all submitted work is done; `true` by default. */
  wait?: boolean | undefined;
  /** Whether to cancel what hasn't started; `false` by default. */
  cancelFutures?: boolean | undefined;
}

/** What holds for each call of a view made by {@linkcode Executor.with}. */
export interface CallOptions {
  /** How long a call may run, counted from when it starts to. */
  timeout?: DurationLike | null | undefined;
  /**
   * How long a job may go on after its time is up or its `signal` aborted, to end
   * by itself, before its worker is ended. None by default for a timeout; for a
   * signal, for ever.
   */
  killAfter?: DurationLike | undefined;
  /** Aborts the calls. */
  signal?: AbortSignal | undefined;
}

/** Where functions can be submitted to: an executor, or a view of one with call options. */
export interface Submitter {
  /**
   * Has `fn(...args)` called elsewhere.
   *
   * @param fn A function of a `workerModule()`, or one that closes over nothing.
   * @param args Its arguments; each call has copies of its own, made when it is sent.
   * @returns The call's future.
   */
  submit<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...args: A
  ): ConcurrentFuture<JobResult<R>>;

  /**
   * Calls `fn` with the first of each iterable, the second, and so on until the
   * shortest ends, and iterates over the results in that order.
   *
   * @param fn A function of a `workerModule()`, or one that closes over nothing.
   * @param iterables One for each argument, then perhaps {@linkcode MapOptions}.
   * @returns The results. Leaving the loop cancels what hasn't started.
   */
  map<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...iterables: Sources<A> | [...Sources<A>, MapOptions]
  ): AsyncIterableIterator<Awaited<R>>;
}

/**
 * Runs functions elsewhere: in threads, in processes, or (for want of both) here.
 *
 * Port of {@link https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor | concurrent.futures.Executor};
 * `with` becomes `await using`, and `shutdown` is awaited.
 *
 * @example Usage
 * ```ts
 * import { type Executor, InlineExecutor } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * async function squares(pool: Executor, numbers: number[]): Promise<number[]> {
 *   return await Array.fromAsync(pool.map((n: number) => n * n, numbers));
 * }
 * await using pool = new InlineExecutor();
 *
 * assertEquals(await squares(pool, [1, 2, 3]), [1, 4, 9]);
 * ```
 */
export interface Executor extends Submitter, AsyncDisposable {
  /**
   * A view of this executor whose calls share options, such as a `timeout`.
   *
   * @param options What holds for each call.
   * @returns Something to `submit` to and `map` with.
   */
  with(options: CallOptions): Submitter;

  /**
   * Takes no more work. What was submitted still runs, unless it is cancelled.
   *
   * @param options Whether to wait, and whether to cancel what hasn't started.
   * @returns When all submitted work is done and all workers have ended; at once
   * without `wait`.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;
}
