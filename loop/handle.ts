/**
 * Callbacks that were handed to a loop.
 *
 * @module
 */

import { type Context, type Runnable, surroundings, type Values } from "./context.ts";
import { describeFunction, inspectable } from "./describe.ts";

/** What a handle needs of its loop. */
export interface HandleHost {
  /**
   * Calls a callback, and takes an error that leaves it.
   * @internal
   */
  _call<T>(
    entry: Runnable,
    surroundings: unknown,
    callback: (argument: T) => unknown,
    argument: T,
  ): void;
  /**
   * Told when a pending timer was cancelled.
   * @internal
   */
  _timerCancelled(): void;
}

/** Something that is to run at a time. */
export interface Timer extends Runnable {
  /** The time, on the loop's clock. */
  readonly _when: number;
  /** Is it among the loop's timers? */
  _scheduled: boolean;
  /** Was it cancelled? */
  cancelled(): boolean;
}

/** What is told to an exception handler. */
export interface ExceptionContext {
  /** What happened. */
  message: string;
  /** The error, if there is one. */
  exception?: unknown;
  /** The callback's handle, if an error left a callback. */
  handle?: object;
  /** The future or task it is about. */
  future?: object;
  /** The task it is about. */
  task?: object;
  /** Its name. */
  name?: string;
  /** In debug mode, where the task, future or coroutine was made. */
  source?: string;
}

/**
 * A callback that waits for its turn: what `callSoon` gives.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.Handle | asyncio.Handle}.
 *
 * @example Usage
 * ```ts
 * import { getRunningLoop, run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const calls: string[] = [];
 *   const loop = getRunningLoop();
 *   loop.callSoon(() => calls.push("a"));
 *   loop.callSoon(() => calls.push("b")).cancel();
 *   await sleep(0);
 *   assertEquals(calls, ["a"]);
 * });
 * ```
 */
export class Handle {
  /** @internal */
  readonly _loop: HandleHost;
  /** @internal */
  _context: Context | Values;
  #callback: (() => unknown) | null;
  readonly #surroundings: unknown;

  /**
   * Made by `callSoon`.
   * @internal
   */
  constructor(callback: () => unknown, loop: HandleHost, context: Context | Values) {
    this.#callback = callback;
    this._loop = loop;
    this._context = context;
    this.#surroundings = surroundings(loop);
  }

  /** @internal */
  get _task(): null {
    return null;
  }

  /** @internal */
  get _settles(): boolean {
    return false;
  }

  /** Takes the callback back: it will not be called. Has no effect on one that has run. */
  cancel(): void {
    this.#callback = null;
  }

  /** Was it cancelled? */
  cancelled(): boolean {
    return this.#callback === null;
  }

  /** @internal */
  _run(): void {
    const callback = this.#callback;
    if (callback === null) return;
    this._loop._call(this, this.#surroundings, callback, undefined);
  }

  /** `<Handle f()>`, or `<Handle cancelled>`. */
  toString(): string {
    return `<${this._describe().join(" ")}>`;
  }

  /** @internal */
  _describe(): string[] {
    const callback = this.#callback;
    return ["Handle", callback === null ? "cancelled" : describeFunction(callback)];
  }
}

inspectable(Handle);

/**
 * A callback that waits for its time: what `callLater` and `callAt` give.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.TimerHandle | asyncio.TimerHandle}.
 *
 * @example Usage
 * ```ts
 * import { getRunningLoop, run } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(() => {
 *   const loop = getRunningLoop();
 *   const timer = loop.callAt(loop.time() + 5000, () => {});
 *   timer.cancel();
 *   assertEquals(timer.cancelled(), true);
 *   return Promise.resolve();
 * });
 * ```
 */
export class TimerHandle extends Handle {
  /** @internal */
  readonly _when: number;
  /**
   * Is it among the loop's timers?
   * @internal
   */
  _scheduled = false;

  /**
   * Made by `callLater` and `callAt`.
   * @internal
   */
  constructor(when: number, callback: () => unknown, loop: HandleHost, context: Context | Values) {
    super(callback, loop, context);
    this._when = when;
  }

  /** The time, on the loop's clock in milliseconds, for which it is set. */
  when(): number {
    return this._when;
  }

  /** Takes the callback back: it will not be called. */
  override cancel(): void {
    if (this._scheduled && !this.cancelled()) {
      super.cancel();
      this._loop._timerCancelled();
    } else {
      super.cancel();
    }
  }

  /** @internal */
  override _describe(): string[] {
    const [, what] = super._describe();
    return ["TimerHandle", `when=${this._when}`, what!];
  }
}
