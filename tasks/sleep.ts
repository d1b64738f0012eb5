/**
 * Waiting for time to pass.
 *
 * @module
 */

import { Coroutine, type Frame, NEW } from "./coroutine.ts";
import { type DurationLike, toMilliseconds } from "../duration.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { Future, PENDING, RESULT } from "./future.ts";
import { getRunningLoop } from "../loop/running.ts";
import type { TimerHandle } from "../loop/handle.ts";

const BARE_YIELD = { done: false, value: undefined } as const;

/** `sleep(0)`: lets everything else that is ready run once. A bare yield, then the result. */
class Pass<T> extends Coroutine<T> {
  readonly _result: T;

  constructor(result: T) {
    super("sleep");
    this._result = result;
  }

  override get name(): string {
    return "sleep";
  }

  override _start(): IteratorResult<unknown, T> {
    return BARE_YIELD;
  }

  override next(): IteratorResult<unknown, T> {
    if (this._state !== NEW) return { done: true, value: this._result };
    this.close();
    return BARE_YIELD;
  }
}

/** A sleep that takes time. */
class Sleep<T> extends Coroutine<T> implements Frame {
  readonly _milliseconds: number;
  readonly _result: T;
  _timer: TimerHandle | null = null;

  constructor(milliseconds: number, result: T) {
    super("sleep");
    this._milliseconds = milliseconds;
    this._result = result;
  }

  override get name(): string {
    return "sleep";
  }

  override _start(): IteratorResult<unknown, T> {
    const loop = getRunningLoop();
    const future = new Future<T>({ loop });
    this._timer = endLater(loop, future, this._milliseconds, this._result);
    return { done: false, value: future };
  }

  override next(): IteratorResult<unknown, T> {
    if (this._state === NEW) return super.next();
    return { done: true, value: this._result };
  }

  override throw(error: unknown): never {
    this._timer?.cancel();
    throw error;
  }
}

function endLater<T>(loop: EventLoop, future: Future<T>, delay: number, result: T): TimerHandle {
  return loop.callLater(delay, () => {
    if (future._state === PENDING) future._finish(RESULT, result);
  });
}

/**
 * Waits.
 *
 * `sleep(0)`, or a negative time, lets everything that is ready run once.
 *
 * Cancellation: the timer is cancelled, nothing is left behind.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep | asyncio.sleep};
 * in milliseconds.
 *
 * @typeParam T The type of `result`.
 * @param delay How long: milliseconds, or a `DurationLike`.
 * @param result What to return when it is over.
 * @returns `result`.
 * @throws {ValueError} If `delay` is NaN.
 *
 * @example Usage
 * ```ts
 * import { run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(() => sleep(1, "done")), "done");
 * await run(function* () {
 *   yield* sleep({ seconds: 0.001 });
 * });
 * ```
 */
export function sleep(delay: DurationLike): Coroutine<void>;
export function sleep<T>(delay: DurationLike, result: T): Coroutine<T>;
export function sleep<T>(delay: DurationLike, result?: T): Coroutine<T | undefined> {
  const milliseconds = toMilliseconds(delay);
  return milliseconds <= 0 ? new Pass(result) : new Sleep(milliseconds, result);
}
