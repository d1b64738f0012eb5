/**
 * Blocks with a time limit.
 *
 * @module
 */

import type { Body } from "./awaitable.ts";
import { callBody, checkBody } from "./body.ts";
import { CancelledError, RuntimeError, TimeoutError } from "../errors.ts";
import { type Coroutine, fromGenerator } from "./coroutine.ts";
import { type DurationLike, toMilliseconds } from "../duration.ts";
import type { Context, Values } from "../loop/context.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import type { Timer } from "../loop/handle.ts";
import { inspectable } from "../loop/describe.ts";
import { getRunningLoop } from "../loop/running.ts";
import { markBlock } from "./_native_strand.ts";
import { requestCancel, requestsFor, takeBackCancel } from "./_cancel.ts";
import { requireStrand } from "./current.ts";
import type { Strand } from "./_native_code.ts";

type State = "created" | "active" | "expiring" | "expired" | "finished";

/**
 * The time limit of a block: what `timeout()` hands to its body.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.Timeout | asyncio.Timeout}.
 *
 * @example Usage
 * ```ts
 * import { run, sleep, timeout } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(() =>
 *   timeout(1, async (limit) => {
 *     limit.reschedule(null);
 *     await sleep(5);
 *     assertEquals(limit.expired(), false);
 *   })
 * );
 * ```
 */
export class Timeout {
  #state: State = "created";
  #when: number | null;
  #strand: Strand | null = null;
  #cancelling = 0;
  #expiry: Expiry | null = null;

  /**
   * Made by `timeout()` and `timeoutAt()`.
   * @internal
   */
  constructor(when: number | null) {
    this.#when = when;
  }

  /** The time at which it expires, on the loop's clock; null if it never does. */
  when(): number | null {
    return this.#when;
  }

  /** Has it expired while the block was running? */
  expired(): boolean {
    return this.#state === "expiring" || this.#state === "expired";
  }

  /**
   * Sets another time.
   *
   * @param when A time on the loop's clock; null for never.
   * @throws {RuntimeError} If the block has expired or ended.
   */
  reschedule(when: number | null): void {
    if (this.#state !== "active") {
      throw new RuntimeError(
        this.#state === "created"
          ? "Cannot reschedule a Timeout: it has not been entered"
          : `Cannot reschedule a Timeout: it is ${this.#state}`,
      );
    }
    const at = when === null ? null : toMilliseconds(when, "when");
    this.#when = at;
    this.#expiry?.cancel();
    this.#expiry = null;
    if (at === null) return;
    this.#expiry = new Expiry(this, at, this.#strand!._loop);
    this.#expiry.schedule();
  }

  /** @internal */
  _expire(): void {
    this.#expiry = null;
    this.#state = "expiring";
    requestCancel(this.#strand!, undefined);
  }

  /** @internal */
  _enter(): void {
    this.#strand = requireStrand("timeout()");
    markBlock(this.#strand);
    this.#state = "active";
    this.#cancelling = requestsFor(this.#strand);
    this.reschedule(this.#when);
  }

  /**
   * Ends it; gives the error that leaves the block instead of `error`.
   * @internal
   */
  _exit(error: unknown, failed: boolean): unknown {
    this.#expiry?.cancel();
    this.#expiry = null;
    const expired = this.#state === "expiring";
    this.#state = expired ? "expired" : "finished";
    if (expired && takeBackCancel(this.#strand!) <= this.#cancelling && failed) {
      // The cancellation was this one's, and nobody else's.
      if (error instanceof CancelledError) {
        return new TimeoutError("The block took longer than its time limit", { cause: error });
      }
    }
    return error;
  }

  /** `<Timeout [active] when=1000>`. */
  toString(): string {
    const when = this.#state === "active" ? ` when=${this.#when}` : "";
    return `<Timeout [${this.#state}]${when}>`;
  }
}

inspectable(Timeout);

/** What comes when the time is over. It calls nothing of the user's, so it needs no handle. */
class Expiry implements Timer {
  readonly _when: number;
  readonly _loop: EventLoop;
  _scheduled = false;
  readonly #limit: Timeout;
  #isCancelled = false;

  constructor(limit: Timeout, when: number, loop: EventLoop) {
    this.#limit = limit;
    this._when = when;
    this._loop = loop;
  }

  get _task(): null {
    return null;
  }

  get _context(): Context | Values {
    return this._loop._context;
  }

  get _settles(): boolean {
    return false;
  }

  schedule(): void {
    if (this._when <= this._loop.time()) this._loop._push(this);
    else this._loop._schedule(this);
  }

  cancel(): void {
    this.#isCancelled = true;
    if (this._scheduled) this._loop._timerCancelled();
  }

  cancelled(): boolean {
    return this.#isCancelled;
  }

  _run(): void {
    if (!this.#isCancelled) this.#limit._expire();
  }

  /** As a callback is shown. */
  toString(): string {
    return `<Handle Timeout expires>`;
  }
}

/**
 * Runs `body` and cancels it when `delay` has passed.
 *
 * What the body awaits is cancelled, inside the current task; when it has ended, a
 * TimeoutError is thrown. It never returns while the body is running.
 *
 * Cancellation: passes through the body as through any code; a cancellation of the
 * task is never taken for the time limit's.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout | asyncio.timeout};
 * in milliseconds.
 *
 * @typeParam T The type of the body's result.
 * @param delay How long: milliseconds, or a `DurationLike`; null for no limit.
 * @param body An async function or generator function; gets the {@link Timeout}.
 * @returns What `body` returns.
 * @throws {TimeoutError} If the time passed and the body ended by the cancellation.
 * @throws {RuntimeError} Outside of a task.
 *
 * @example Usage
 * ```ts
 * import { run, sleep, timeout, TimeoutError } from "@aio/asyncio";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * assertEquals(await run(() => timeout(1000, () => sleep(1, "in time"))), "in time");
 * await assertRejects(() => run(() => timeout(1, () => sleep(1000))), TimeoutError);
 * ```
 */
export function timeout<T>(
  delay: DurationLike | null,
  body: Body<[Timeout], T>,
): Coroutine<T> {
  const milliseconds = delay === null ? null : toMilliseconds(delay);
  checkBody(body, "timeout");
  return fromGenerator("timeout", () => {
    const when = milliseconds === null ? null : getRunningLoop().time() + milliseconds;
    const limit = new Timeout(when);
    return runWithin(limit, () => callBody(() => body(limit)));
  });
}

/**
 * Runs `body` and cancels it at a point in time: as {@link timeout}, which see.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout_at | asyncio.timeout_at}.
 *
 * @typeParam T The type of the body's result.
 * @param when A time on the loop's clock (`loop.time()`), in milliseconds; null for no limit.
 * @param body An async function or generator function; gets the {@link Timeout}.
 * @returns What `body` returns.
 * @throws {TimeoutError} If the time came and the body ended by the cancellation.
 *
 * @example Usage
 * ```ts
 * import { getRunningLoop, run, sleep, timeoutAt, TimeoutError } from "@aio/asyncio";
 * import { assertRejects } from "@std/assert";
 *
 * await run(async () => {
 *   const when = getRunningLoop().time() + 1;
 *   await assertRejects(async () => await timeoutAt(when, () => sleep(1000)), TimeoutError);
 * });
 * ```
 */
export function timeoutAt<T>(when: number | null, body: Body<[Timeout], T>): Coroutine<T> {
  const at = when === null ? null : toMilliseconds(when, "when");
  checkBody(body, "timeoutAt");
  return fromGenerator("timeoutAt", () => {
    const limit = new Timeout(at);
    return runWithin(limit, () => callBody(() => body(limit)));
  });
}

/** Runs what `start` gives within a time limit. */
export function* runWithin<T>(
  limit: Timeout,
  start: () => Iterable<unknown, T, unknown>,
): Generator<unknown, T, unknown> {
  limit._enter();
  let result: T;
  try {
    result = yield* start();
  } catch (error) {
    throw limit._exit(error, true);
  }
  limit._exit(undefined, false);
  return result;
}
