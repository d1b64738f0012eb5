/**
 * Those who wait at a primitive, in the order in which they came.
 *
 * Invariants:
 * - A waiter is in the line from when its task comes to wait until that task goes on,
 *   also while it is woken or cancelled already. `length` counts all of them, `alive`
 *   those that aren't cancelled.
 * - Nobody before `#next` is pending. It only ever moves towards the end, so finding
 *   whom to wake costs the same whatever was cancelled, as does leaving the line.
 *
 * @module
 */

import type { EventLoop } from "../loop/event_loop.ts";
import { Future, PENDING, RESULT } from "../tasks/future.ts";
import { getRunningLoop } from "../loop/running.ts";
import { RuntimeError } from "../errors.ts";

/** A place in a line: the future for which a task waits. */
export class Waiter extends Future<void> {
  readonly _line: Line;
  _before: Waiter | null = null;
  _after: Waiter | null = null;

  constructor(line: Line, loop: EventLoop) {
    super({ loop });
    this._line = line;
  }

  override cancel(message?: string): boolean {
    if (!super.cancel(message)) return false;
    this._line.alive--;
    return true;
  }

  /** What it waits for is told where the task is shown: in messages about a deadlock above all. */
  override _describe(): string[] {
    const [, state, ...rest] = super._describe();
    return ["Future", state!, `of=${this._line.owner}`, ...rest];
  }
}

/** See the head of this file. */
export class Line {
  /** What is waited for, as it is to be shown. */
  readonly owner: Bound;
  /** Who came first. */
  first: Waiter | null = null;
  /** How many there are. */
  length = 0;
  /** How many of them are not cancelled. */
  alive = 0;
  #last: Waiter | null = null;
  #next: Waiter | null = null;

  constructor(owner: Bound) {
    this.owner = owner;
  }

  /** Adds one at the end. */
  join(): Waiter {
    const waiter = new Waiter(this, loopOf(this.owner));
    this.append(waiter);
    return waiter;
  }

  /** Puts a new waiter at the end. */
  append(waiter: Waiter): void {
    const last = this.#last;
    waiter._before = last;
    if (last === null) this.first = waiter;
    else last._after = waiter;
    this.#last = waiter;
    if (this.#next === null) this.#next = waiter;
    this.length++;
    this.alive++;
  }

  /** Takes one out, wherever it stands. */
  leave(waiter: Waiter): void {
    const { _before: before, _after: after } = waiter;
    if (before === null) this.first = after;
    else before._after = after;
    if (after === null) this.#last = before;
    else after._before = before;
    if (this.#next === waiter) this.#next = after;
    waiter._before = waiter._after = null;
    this.length--;
    if (!waiter.cancelled()) this.alive--;
  }

  /** Wakes the first that isn't woken or cancelled; tells whether there was one. */
  wakeNext(): boolean {
    let waiter = this.#next;
    while (waiter !== null && waiter._state !== PENDING) waiter = waiter._after;
    if (waiter === null) {
      this.#next = null;
      return false;
    }
    this.#next = waiter._after;
    waiter._finish(RESULT, undefined);
    return true;
  }

  /** Wakes as many; all by default. */
  wake(count: number = Infinity): void {
    for (let woken = 0; woken < count && this.wakeNext();) woken++;
  }
}

/** What tasks wait at. It belongs to the loop of the first that has to wait. */
export interface Bound {
  /** @internal */
  _loop: EventLoop | null;
}

/** The running loop, which is the primitive's from now on. */
export function loopOf(primitive: Bound): EventLoop {
  const loop = getRunningLoop();
  if (primitive._loop !== loop) {
    if (primitive._loop !== null) {
      throw new RuntimeError(
        `Cannot wait for ${primitive}: it is bound to a different event loop; make one for ` +
          "each run()",
      );
    }
    primitive._loop = loop;
  }
  return loop;
}

/** The words about a line in a representation. */
export function describeLine(line: Line, what = "waiters"): string {
  return line.length === 0 ? "" : ` ${what}=${line.length}`;
}
