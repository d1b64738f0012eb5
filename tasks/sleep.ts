/**
 * Waiting for time to pass.
 *
 * @module
 */

import { type Coroutine, deriveFromCoroutine, NEW } from "./coroutine.ts";
import { type DurationLike, toMilliseconds } from "../duration.ts";
import { wasEverDebugged } from "../loop/debug.ts";
import { finishUnlessDone, Future } from "./future.ts";
import { getRunningLoop } from "../loop/running.ts";
import type { Context, Values } from "../loop/context.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import type { Timer } from "../loop/handle.ts";

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

/** A sleep that takes time; it is its own timer. */
interface Sleep<T> extends Coroutine<T> {}
class Sleep<T> implements Timer {
  _state: number = NEW;
  readonly _delay: number;
  readonly _result: T;
  _when = 0;
  _scheduled = false;
  /** What the sleeper waits for, once it does. */
  _future: Future<T> | null = null;
  _isCancelled = false;

  constructor(milliseconds: number, result: T) {
    this._delay = milliseconds;
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
    const future = this._future = new Future<T>({ loop });
    this._when = loop.time() + this._delay;
    loop._schedule(this);
    return { done: false, value: future };
  }

  throw(error: unknown): never {
    if (this._scheduled && !this._isCancelled) this._loop._timerCancelled();
    this._isCancelled = true;
    this.close();
    throw error;
  }

  // As a timer

  get _loop(): EventLoop {
    return this._future!._loop;
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

  cancelled(): boolean {
    return this._isCancelled;
  }

  _run(): void {
    finishUnlessDone(this._future!, this._result);
  }
}

deriveFromCoroutine(Sleep);

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
