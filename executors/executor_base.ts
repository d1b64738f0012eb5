/**
 * What all executors do alike: from a function and its arguments to a call.
 *
 * @module
 */

import type { ConcurrentFuture } from "./concurrent_future.ts";
import type {
  AnyFunction,
  CallOptions,
  Executor,
  JobResult,
  MapOptions,
  ShutdownOptions,
  Sources,
  Submitter,
} from "./executor.ts";

/** Where calls go. Whoever has them run knows how; here nothing is known of it. */
export interface CallSink {
  /** Has `fn(...args)` called. */
  submit(fn: AnyFunction, args: unknown[]): ConcurrentFuture<unknown>;
  /** Has `fn` called over iterables, perhaps with {@linkcode MapOptions} behind them. */
  map(fn: AnyFunction, rest: unknown[]): AsyncIterableIterator<unknown>;
  /** The same with options for each call. */
  with(options: CallOptions): CallSink;
}

/**
 * What the executors of this module have in common; it isn't meant to be extended elsewhere.
 */
export abstract class ExecutorBase implements Executor {
  // What becomes of calls; a subclass sets it.
  /** @internal */
  _sink!: CallSink;

  /** @internal */
  protected constructor() {}

  /**
   * Has `fn(...args)` called elsewhere.
   *
   * @param fn A function of a `workerModule()`, or one that closes over nothing.
   * @param args Its arguments. Each call has a copy of its own, but for what `transfer()`
   * hands over. It is made when the call is sent to a worker, as in Python: a change before
   * that is seen. Arguments that can't be copied fail this call with a `SerializationError`.
   * @returns The call's future.
   * @throws {TypeError} If `fn` can't be sent: a method, a class, a closure.
   * @throws {RuntimeError} After `shutdown()`.
   * @throws {BrokenExecutorError} If the pool has given up.
   * @throws {ExecutorFullError} If the queue is full.
   */
  submit<A extends unknown[], R>(
    fn: (...args: A) => R,
    ...args: A
  ): ConcurrentFuture<JobResult<R>> {
    return this._sink.submit(fn, args) as ConcurrentFuture<JobResult<R>>;
  }

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
  ): AsyncIterableIterator<Awaited<R>> {
    return this._sink.map(fn, iterables) as AsyncIterableIterator<Awaited<R>>;
  }

  /**
   * A view of this executor whose calls share options, such as a `timeout`.
   *
   * @param options What holds for each call.
   * @returns Something to `submit` to and `map` with.
   */
  with(options: CallOptions): Submitter {
    const sink = this._sink.with(options);
    const submit = (fn: AnyFunction, ...args: unknown[]): unknown => sink.submit(fn, args);
    const map = (fn: AnyFunction, ...rest: unknown[]): unknown => sink.map(fn, rest);
    return { submit, map } as unknown as Submitter;
  }

  /**
   * Takes no more work. What was submitted still runs, unless it is cancelled.
   *
   * @param options Whether to wait, and whether to cancel what hasn't started.
   * @returns When all submitted work is done and all workers have ended; at once
   * without `wait`.
   */
  abstract shutdown(options?: ShutdownOptions): Promise<void>;

  /** Shuts the executor down and waits for all work. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
