/** The calls that wait in a pool for a worker. */

import { Deque } from "../../deque.ts";
import { skipDone, takeBatch } from "./batch.ts";
import type { CallHolder, PoolFuture } from "./pool_future.ts";

/**
 * Calls in the order of their submission, but for those that a worker gave back, which come
 * first. One that is cancelled counts no more, and is passed over when it would be next.
 */
export class CallQueue {
  /** How many calls wait that weren't cancelled. */
  count = 0;
  readonly #calls: Deque<PoolFuture> = new Deque();
  readonly #holder: CallHolder;

  /** `left` is told of calls that are cancelled here. */
  constructor(left: (call: PoolFuture) => void) {
    this.#holder = {
      takeOut: (call) => {
        this.count -= 1;
        call.holder = null;
        left(call);
        return true;
      },
      hasStarted: () => false,
      stop: () => {},
    };
  }

  /** Whether none is left: some that are may have been cancelled, until `skipDone`. */
  get isEmpty(): boolean {
    return this.#calls.length === 0;
  }

  /** The next call. */
  peek(): PoolFuture | undefined {
    return this.#calls.peek();
  }

  /** Adds a call. */
  push(call: PoolFuture): void {
    call.holder = this.#holder;
    this.#calls.push(call);
    this.count += 1;
  }

  /** Puts calls before all others. */
  putBack(calls: PoolFuture[]): void {
    for (const call of calls) call.holder = this.#holder;
    this.#calls.putBack(calls);
    this.count += calls.length;
  }

  /** Drops what was cancelled, as far as it would be next. */
  skipDone(): void {
    skipDone(this.#calls);
  }

  /** Takes the next batch, of so many calls at most. */
  takeBatch(most: number): PoolFuture[] {
    const batch = takeBatch(this.#calls, most);
    this.count -= batch.length;
    return batch;
  }

  /** Takes all that weren't cancelled. */
  takeAll(): PoolFuture[] {
    const calls = this.#calls.drain().filter((call) => !call.done());
    for (const call of calls) call.holder = null;
    this.count -= calls.length;
    return calls;
  }

  /** Cancels all. */
  cancel(): void {
    for (const call of this.#calls.drain()) call.cancel();
  }
}
