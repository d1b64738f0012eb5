/**
 * What all executors do alike: from a function and its arguments to a call.
 *
 * @module
 */

import { chunked } from "./_definition.ts";
import { MapResults, splitMapArguments } from "./_map.ts";
import { type CallLimits, type PoolFuture, readLimits } from "./_pool_future.ts";
import { FunctionProfile } from "./_profile.ts";
import type { Definition } from "./_protocol.ts";
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

/** Where calls go. */
export interface CallSink {
  /** Takes a call on. */
  enqueue(profile: FunctionProfile, args: unknown[], limits: CallLimits | null): PoolFuture;
  /** Resolves when a call can be taken on; `null` if it can now. */
  room(): Promise<void> | null;
  /** How workers find a function. */
  define(fn: AnyFunction): Definition;
}

/**
 * What the executors of this module have in common; it isn't meant to be extended elsewhere.
 */
export abstract class ExecutorBase implements Executor {
  readonly #profiles: WeakMap<AnyFunction, FunctionProfile> = new WeakMap();
  readonly #chunks: WeakMap<FunctionProfile, FunctionProfile> = new WeakMap();
  // A burst of calls is mostly one function's.
  #lastFn: AnyFunction | null = null;
  #lastProfile: FunctionProfile | null = null;

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
    return this._sink.enqueue(this.#profileOf(fn), args, null) as unknown as ConcurrentFuture<
      JobResult<R>
    >;
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
    return this.#map(fn, iterables, null) as AsyncIterableIterator<Awaited<R>>;
  }

  /**
   * A view of this executor whose calls share options, such as a `timeout`.
   *
   * @param options What holds for each call.
   * @returns Something to `submit` to and `map` with.
   */
  with(options: CallOptions): Submitter {
    const limits = readLimits(options);
    const submit = (fn: AnyFunction, ...args: unknown[]): unknown =>
      this._sink.enqueue(this.#profileOf(fn), args, limits);
    const map = (fn: AnyFunction, ...rest: unknown[]): unknown => this.#map(fn, rest, limits);
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

  #profileOf(fn: AnyFunction): FunctionProfile {
    if (fn === this.#lastFn) return this.#lastProfile!;
    let profile = this.#profiles.get(fn);
    if (profile === undefined) {
      const definition = this._sink.define(fn);
      profile = new FunctionProfile(definition, fn);
      this.#profiles.set(fn, profile);
    }
    this.#lastFn = fn;
    this.#lastProfile = profile;
    return profile;
  }

  #chunkedProfile(profile: FunctionProfile): FunctionProfile {
    let found = this.#chunks.get(profile);
    if (found === undefined) {
      found = new FunctionProfile(chunked(profile.definition), profile.fn);
      this.#chunks.set(profile, found);
    }
    return found;
  }

  #map(
    fn: AnyFunction,
    rest: unknown[],
    limits: CallLimits | null,
  ): AsyncIterableIterator<unknown> {
    const [sources, options] = splitMapArguments(rest);
    const profile = this.#profileOf(fn);
    const inChunks = (options.chunksize ?? 1) > 1;
    const submit = (argLists: unknown[][]): ConcurrentFuture<unknown> =>
      inChunks
        ? this._sink.enqueue(this.#chunkedProfile(profile), [argLists], limits)
        : this._sink.enqueue(profile, argLists[0]!, limits);
    return new MapResults({ room: () => this._sink.room(), submit }, sources, options);
  }
}
