/** A call that a pool was given: its future, its arguments, and where it is. */

import { toMilliseconds } from "../../duration.ts";
import { CancelledError } from "../../errors.ts";
import type { FunctionProfile } from "./profile.ts";
import { type AbortOptions, ConcurrentFuture } from "../concurrent_future.ts";
import type { CallOptions } from "../executor.ts";

/** Limits of a call, in milliseconds. */
export interface CallLimits {
  /** How long it may run. */
  timeout: number | null;
  /** How long it may go on after that. */
  killAfter: number | undefined;
  /** Aborts it. */
  signal: AbortSignal | undefined;
}

/** Reads call options. */
export function readLimits(options: CallOptions): CallLimits {
  const { timeout = null, killAfter, signal } = options;
  return {
    timeout: timeout === null ? null : toMilliseconds(timeout, "timeout"),
    killAfter: killAfter === undefined ? undefined : toMilliseconds(killAfter, "killAfter"),
    signal,
  };
}

/** Where a call is: in the queue of a pool, or at a worker. */
export interface CallHolder {
  /** Gives up the call if it hasn't started; it is then pending and nobody's. */
  takeOut(call: PoolFuture): boolean;
  /** Whether the call runs by now, as far as one can know. */
  hasStarted(call: PoolFuture): boolean;
  /** Has a call that runs stop. */
  stop(call: PoolFuture, reason: unknown, killAfter: number | undefined): void;
}

/** The future of a pool's call. One object is both, since there may be a million of them. */
export class PoolFuture extends ConcurrentFuture<unknown> {
  /** The function. */
  readonly profile: FunctionProfile;
  /** What to call it with. */
  args: unknown[];
  /** When it was submitted. */
  readonly submitted: number;
  /** Its limits, if it has any. */
  readonly limits: CallLimits | null;
  /** Who has it. */
  holder: CallHolder | null = null;
  /** Its number with its worker. */
  number = 0;
  /** Whether it runs, where the worker has to say so. */
  begun = false;
  /** How many workers ended when they were about to start it. */
  lost = 0;
  /** Why it was told to stop, if it was. */
  stopped: { reason: unknown } | null = null;
  /** Ends its worker, or its time. */
  timer: ReturnType<typeof setTimeout> | undefined = undefined;
  /** Where it was submitted; taken for slow functions only. */
  origin: { stack?: string } | null = null;

  constructor(
    profile: FunctionProfile,
    args: unknown[],
    submitted: number,
    limits: CallLimits | null,
  ) {
    super();
    this.profile = profile;
    this.args = args;
    this.submitted = submitted;
    this.limits = limits;
  }

  override running(): boolean {
    return super.running() && this.holder !== null && this.holder.hasStarted(this);
  }

  override cancel(): boolean {
    if (this.done()) return this.cancelled();
    if (!this.#takeOut()) return false;
    this.settleCancelled(new CancelledError()); // the pool knows
    return true;
  }

  override abort(options: AbortOptions = {}): boolean {
    const { reason = new CancelledError("The job was aborted") } = options;
    const killAfter = options.killAfter ?? this.limits?.killAfter;
    const grace = killAfter === undefined ? undefined : toMilliseconds(killAfter, "killAfter");
    if (!this.done() && this.#takeOut()) this.settleStopped(reason);
    // A generator's future is done as soon as the stream is there: then that is stopped.
    else if (this.holder !== null) this.holder.stop(this, reason, grace);
    else return false;
    return true;
  }

  #takeOut(): boolean {
    return this.holder === null || this.holder.takeOut(this);
  }

  /** Settles with the reason that the call was stopped for. */
  settleStopped(reason: unknown): void {
    if (this.done()) return;
    if (reason instanceof CancelledError) this.settleCancelled(reason);
    else this.setException(reason);
  }

  /** For views: iterates over a generator job. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, unknown, void> {
    const stream = await this as AsyncGenerator<unknown, unknown, void>;
    if (typeof (stream as { next?: unknown } | null)?.next !== "function") {
      throw new TypeError(
        `Cannot iterate over ${this}: '${this.profile.definition[3]}' is no generator function`,
      );
    }
    return yield* stream;
  }
}

/** What the lines of the executors' own frames contain; in a bundle nothing is left out. */
const HERE = /\/executors\/_pool\/[^/]*$/.test(import.meta.url)
  ? import.meta.url.replace(/^file:\/\//, "").replace(/_pool\/[^/]*$/, "")
  : "\0";

/** Joins the worker's stack to that of the place that submitted the call. */
export function withOrigin(error: unknown, call: PoolFuture): unknown {
  const stack = call.origin?.stack;
  if (stack === undefined || !(error instanceof Error)) return error;
  const lines = stack.split("\n").filter((line) => !line.includes(HERE));
  if (/^\w*Error/.test(lines[0] ?? "")) lines.shift();
  const joined = `${error.stack ?? error}\n    --- in a worker; submitted from ---\n${
    lines.join("\n")
  }`;
  Object.defineProperty(error, "stack", { value: joined, writable: true, configurable: true });
  return error;
}
