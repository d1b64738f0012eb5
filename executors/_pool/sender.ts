/** Sending calls to a worker. */

import { LineClosed } from "../_wire/link.ts";
import type { Post } from "../_wire/parcel.ts";
import { RunMessage, uncloneableArguments } from "../_wire/run_message.ts";
import type { PoolFuture } from "./pool_future.ts";

/** A call can't be sent, by its arguments' fault. */
export class Unsendable {
  /** What its future is told. */
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** Sends what one worker has to do. */
export class Sender {
  readonly #post: Post;
  readonly #sharesMemory: boolean;
  /** Functions that the worker was told of. */
  readonly #defined: Set<number> = new Set();

  constructor(post: Post, sharesMemory: boolean) {
    this.#post = post;
    this.#sharesMemory = sharesMemory;
  }

  /**
   * Sends those of `calls` from `at` on that can travel together.
   *
   * @param first The number of the first.
   * @param announce Whether the worker is to say when it starts.
   * @returns How many went.
   * @throws {Unsendable} If the first can't be sent.
   * @throws If the worker can't be reached. Either way none was sent.
   */
  send(calls: PoolFuture[], at: number, first: number, announce: boolean): number {
    const run = new RunMessage(first, announce, this.#defined, this.#sharesMemory);
    let end = at;
    try {
      while (end < calls.length && run.add(calls[end]!)) end += 1;
    } catch (error) {
      if (end === at) throw this.#unsendable(calls[at]!, error);
    }
    try {
      if (end > at) run.send(this.#post);
      else run.sendAlone(calls[end++]!, this.#post);
    } catch (error) {
      const isItsFault = run.count === 0 && !(error instanceof LineClosed);
      throw isItsFault ? this.#unsendable(calls[at]!, error) : error;
    }
    for (const [id] of run.fresh) this.#defined.add(id);
    return end - at;
  }

  #unsendable(call: PoolFuture, error: unknown): Unsendable {
    return new Unsendable(uncloneableArguments(call, this.#sharesMemory, error));
  }
}
