/**
 * Waiting for time to pass.
 *
 * @module
 */

import { type Coroutine, deriveFromCoroutine, NEW } from "./coroutine.ts";
import { type DurationLike, toMilliseconds } from "../duration.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { wasEverDebugged } from "../loop/debug.ts";
import { finishUnlessDone, Future } from "./future.ts";
import { getRunningLoop } from "../loop/running.ts";
import type { TimerHandle } from "../loop/handle.ts";

const BARE_YIELD = { done: false, value: undefined } as const;
const NO_RESULT = { done: true, value: undefined } as const;

/** `sleep(0)`: lets everything else that is ready run once. A bare yield, then the result. */
interface Pass<T> extends Coroutine<T> {}
class Pass<T> {
  _state: number = NEW;
  readonly _result: T;

  constructor(result: T) {
    this._result = result;
    if (wasEverDebugged()) this._track();
  }

  get name(): string {
    return "sleep";
  }

  next(): IteratorResult<unknown, T> {
    if (this._state === NEW) {
      this.close();
      return BARE_YIELD;
    }
    const value = this._result;
    return value === undefined ? NO_RESULT as IteratorResult<unknown, T> : { done: true, value };
  }
}

deriveFromCoroutine(Pass);

/** A sleep that takes time. */
interface Sleep<T> extends Coroutine<T> {}
class Sleep<T> {
  _state: number = NEW;
  readonly _milliseconds: number;
  readonly _result: T;
  _timer: TimerHandle | null = null;

  constructor(milliseconds: number, result: T) {
    this._milliseconds = milliseconds;
    this._result = result;
    if (wasEverDebugged()) this._track();
  }

  get name(): string {
    return "sleep";
  }

  next(): IteratorResult<unknown, T> {
    if (this._state !== NEW) return { done: true, value: this._result };
    this.close();
    const loop = getRunningLoop();
    const future = new Future<T>({ loop });
    this._timer = endLater(loop, future, this._milliseconds, this._result);
    return { done: false, value: future };
  }

  throw(error: unknown): never {
    this._timer?.cancel();
    this.close();
    throw error;
  }
}

deriveFromCoroutine(Sleep);

function endLater<T>(loop: EventLoop, future: Future<T>, delay: number, result: T): TimerHandle {
  return loop.callLater(delay, () => finishUnlessDone(future, result));
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
/** With a result. */
export function sleep<T>(delay: DurationLike, result: T): Coroutine<T>;
export function sleep<T>(delay: DurationLike, result?: T): Coroutine<T | undefined> {
  const milliseconds = toMilliseconds(delay);
  return milliseconds <= 0 ? new Pass(result) : new Sleep(milliseconds, result);
}
