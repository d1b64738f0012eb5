/**
 * The calls that a worker was sent and hasn't answered, and which of them it has started.
 *
 * Invariants: they lie in the order of their numbers; answers come in that order, and none is
 * taken but the next. While calls are being taken back no batch is sent, until all that were
 * sent have ended: only then is it known which of them the worker skipped. Whether a call has
 * started is known by the memory that is shared with the worker, or by its farewell; if by
 * neither, it counts as started, lest it run twice.
 */

import { Deque } from "../../deque.ts";
import { RuntimeError } from "../../errors.ts";
import * as protocol from "../_wire/protocol.ts";
import type { CallHolder, PoolFuture } from "./pool_future.ts";

/** What one worker has to do. */
export class SentCalls {
  /** Whether calls are being taken back. */
  isLimited = false;
  /** The number of the next call. */
  next = 0;
  /** The number of the call whose answer comes next. */
  answered = 0;
  readonly #control: Int32Array | null;
  readonly #calls: Deque<PoolFuture> = new Deque();

  /** With the words that are shared with the worker, if there are any. */
  constructor(control: SharedArrayBuffer | null) {
    this.#control = control === null ? null : new Int32Array(control);
  }

  /** Whether it can be seen what the worker has started. */
  get areSeen(): boolean {
    return this.#control !== null;
  }

  /** How many there are. */
  get length(): number {
    return this.#calls.length;
  }

  /** The first, which runs or comes next. */
  peek(): PoolFuture | undefined {
    return this.#calls.peek();
  }

  /** One was sent; with `announce` the worker says when it starts. */
  add(call: PoolFuture, holder: CallHolder, announce: boolean): void {
    call.holder = holder;
    call.number = this.next;
    call.begun = !announce;
    this.next = (this.next + 1) | 0;
    this.#calls.push(call);
  }

  /** One stays, though it was among those taken. */
  keep(call: PoolFuture): void {
    this.#calls.push(call);
  }

  /** The call whose answer comes next, unless it was taken back. */
  takeAnswered(): PoolFuture | null {
    const number = this.answered;
    if (number === this.next) throw new RuntimeError(`It answered a call that it hasn't`);
    this.answered = (number + 1) | 0;
    const call = this.#calls.peek();
    if (call === undefined || call.number !== number) return null;
    this.#calls.take();
    if (call.timer !== undefined) {
      clearTimeout(call.timer);
      call.timer = undefined;
    }
    call.holder = null;
    return call;
  }

  /** Whether it runs by now, as far as one can know. */
  hasStarted(call: PoolFuture): boolean {
    if (this.#control === null) return call.begun;
    return ((call.number - Atomics.load(this.#control, protocol.CONTROL_STARTED)) | 0) < 0;
  }

  /** Shows a busy job that it is to stop, if there is a way to. */
  flagAbort(call: PoolFuture): boolean {
    if (this.#control === null) return false;
    Atomics.store(this.#control, protocol.CONTROL_ABORTED, (call.number + 1) | 0);
    return true;
  }

  /** Takes back what hasn't started, from that number on. */
  takeBack(from: number): PoolFuture[] {
    const control = this.#control;
    if (control === null) return [];
    const limit = this.isLimited
      ? earlier(from, Atomics.load(control, protocol.CONTROL_LIMIT))
      : from;
    Atomics.store(control, protocol.CONTROL_LIMIT, limit);
    Atomics.store(control, protocol.CONTROL_LIMITED, 1);
    this.isLimited = true;
    // The worker marks a call as started first and looks for the limit then: what isn't
    // marked by now will be skipped.
    const started = Atomics.load(control, protocol.CONTROL_STARTED);
    return this.truncate(((limit - started) | 0) > 0 ? limit : started);
  }

  /** The worker has ended all that it was sent: nothing is being taken back any more. */
  lift(): void {
    if (!this.isLimited) return;
    if (this.#control !== null) Atomics.store(this.#control, protocol.CONTROL_LIMITED, 0);
    this.isLimited = false;
  }

  /**
   * Takes those that surely never started.
   *
   * @param farewell The first that didn't, by the worker's last words; where no memory is
   * shared, only these tell.
   * @param isRunning Whether the worker may yet start more.
   */
  takeUnstarted(farewell: number | null, isRunning: boolean): PoolFuture[] {
    const control = this.#control;
    if (control === null) return farewell === null ? [] : this.truncate(farewell);
    const started = Atomics.load(control, protocol.CONTROL_STARTED);
    return isRunning ? this.takeBack(started) : this.truncate(started);
  }

  /** Takes all from that number on. */
  truncate(from: number): PoolFuture[] {
    const first = this.#calls.peek();
    if (first === undefined) return [];
    const taken = this.#calls.truncate((from - first.number) | 0);
    for (const call of taken) {
      call.holder = null;
      clearTimeout(call.timer);
      call.timer = undefined;
    }
    return taken;
  }

  /** Takes all. */
  drain(): PoolFuture[] {
    return this.#calls.drain();
  }
}

function earlier(a: number, b: number): number {
  return ((a - b) | 0) < 0 ? a : b;
}
