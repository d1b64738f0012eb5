/**
 * Events.
 *
 * @module
 */

import type { Coroutine } from "../tasks/coroutine.ts";
import { describeLine, Line } from "./_line.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { inspectable } from "../loop/describe.ts";
import { type Kind, Operation } from "./_operation.ts";

const TRUE = { done: true, value: true } as const;

const WAIT: Kind<Event, undefined, true> = {
  name: "wait",
  attempt: (event, _, wasWoken) => wasWoken || event._isSet ? TRUE : null,
  line: (event) => event._line,
  abandon() {},
};

/**
 * A flag to wait for: once it is set, all who wait go on.
 *
 * It hides the `Event` of the web platform where it is imported under this name.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-sync.html#asyncio.Event | asyncio.Event}.
 *
 * @example Usage
 * ```ts
 * import { createTask, Event, run } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const ready = new Event();
 *   const waiting = createTask(async () => {
 *     await ready.wait();
 *     return "gone on";
 *   });
 *   ready.set();
 *   assertEquals(await waiting, "gone on");
 * });
 * ```
 */
export class Event {
  /** @internal */
  _loop: EventLoop | null = null;
  /** @internal */
  _isSet = false;
  /** @internal */
  readonly _line: Line = new Line(this);

  /** Is it set? */
  isSet(): boolean {
    return this._isSet;
  }

  /** Sets it. All who wait are woken, and who comes later doesn't wait. */
  set(): void {
    if (this._isSet) return;
    this._isSet = true;
    this._line.wake();
  }

  /** Takes it back: who comes later waits for the next `set()`. */
  clear(): void {
    this._isSet = false;
  }

  /**
   * Waits until the event is set, if it isn't.
   *
   * Who was woken goes on, also if the event is cleared in between.
   *
   * Cancellation: nothing is left behind.
   *
   * @returns Always `true`.
   * @throws {RuntimeError} If it has to wait, and others wait on a different loop.
   *
   * @example Usage
   * ```ts
   * import { Event, getRunningLoop, run } from "@aio/asyncio";
   *
   * await run(function* () {
   *   const event = new Event();
   *   getRunningLoop().callLater(1, () => event.set());
   *   yield* event.wait();
   * });
   * ```
   */
  wait(): Coroutine<true> {
    return new Operation(WAIT, this, undefined);
  }

  /** `<Event set>`, `<Event unset waiters=2>`. */
  toString(): string {
    return `<Event ${this._isSet ? "set" : "unset"}${describeLine(this._line)}>`;
  }
}

inspectable(Event);
