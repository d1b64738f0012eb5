/** From a function and its arguments to a call. */

import type { ConcurrentFuture } from "../concurrent_future.ts";
import type { AnyFunction, CallOptions } from "../executor.ts";
import type { CallSink } from "../executor_base.ts";
import type { Definition } from "../_wire/protocol.ts";
import { chunked } from "./definition.ts";
import { MapResults, splitMapArguments } from "./map.ts";
import { type CallLimits, type PoolFuture, readLimits } from "./pool_future.ts";
import { FunctionProfile } from "./profile.ts";

/** Who has calls run. */
export interface CallTarget {
  /** Takes a call on. */
  enqueue(profile: FunctionProfile, args: unknown[], limits: CallLimits | null): PoolFuture;
  /** Resolves when a call can be taken on; `null` if it can now. */
  room(): Promise<void> | null;
  /** How workers find a function. */
  define(fn: AnyFunction): Definition;
}

/** Makes the calls of one executor, or of a view of it. */
export class Calls implements CallSink {
  readonly #target: CallTarget;
  readonly #limits: CallLimits | null;
  readonly #profiles: Profiles;

  constructor(
    target: CallTarget,
    limits: CallLimits | null = null,
    profiles: Profiles = new Profiles(target),
  ) {
    this.#target = target;
    this.#limits = limits;
    this.#profiles = profiles;
  }

  submit(fn: AnyFunction, args: unknown[]): ConcurrentFuture<unknown> {
    return this.#target.enqueue(this.#profiles.of(fn), args, this.#limits);
  }

  map(fn: AnyFunction, rest: unknown[]): AsyncIterableIterator<unknown> {
    const [sources, options] = splitMapArguments(rest);
    const target = this.#target;
    const limits = this.#limits;
    const profile = this.#profiles.of(fn);
    const inChunks = (options.chunksize ?? 1) > 1;
    const submit = (argLists: unknown[][]): ConcurrentFuture<unknown> =>
      inChunks
        ? target.enqueue(this.#profiles.ofChunks(profile), [argLists], limits)
        : target.enqueue(profile, argLists[0]!, limits);
    return new MapResults({ room: () => target.room(), submit }, sources, options);
  }

  with(options: CallOptions): CallSink {
    return new Calls(this.#target, readLimits(options), this.#profiles);
  }
}

/** What an executor knows of the functions that it was given. */
class Profiles {
  readonly #target: CallTarget;
  readonly #known: WeakMap<AnyFunction, FunctionProfile> = new WeakMap();
  readonly #chunks: WeakMap<FunctionProfile, FunctionProfile> = new WeakMap();
  // A burst of calls is mostly one function's.
  #lastFn: AnyFunction | null = null;
  #lastProfile: FunctionProfile | null = null;

  constructor(target: CallTarget) {
    this.#target = target;
  }

  of(fn: AnyFunction): FunctionProfile {
    if (fn === this.#lastFn) return this.#lastProfile!;
    let profile = this.#known.get(fn);
    if (profile === undefined) {
      profile = new FunctionProfile(this.#target.define(fn), fn);
      this.#known.set(fn, profile);
    }
    this.#lastFn = fn;
    this.#lastProfile = profile;
    return profile;
  }

  /** The same function over many argument lists. */
  ofChunks(profile: FunctionProfile): FunctionProfile {
    let found = this.#chunks.get(profile);
    if (found === undefined) {
      found = new FunctionProfile(chunked(profile.definition), profile.fn);
      this.#chunks.set(profile, found);
    }
    return found;
  }
}
