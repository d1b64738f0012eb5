/** The stream that a worker's call has opened: one at a time. */

import { unreadable } from "../_wire/clone.ts";
import { type EncodedError, isReason } from "../_wire/error_codec.ts";
import * as protocol from "../_wire/protocol.ts";
import type { Arrival } from "./inbox.ts";
import { JobStream } from "./job_stream.ts";
import type { PoolFuture } from "./pool_future.ts";

/** What a stream needs of its worker. */
export interface StreamOwner {
  /** Sends the worker a message, if it takes any. */
  post(message: unknown[]): void;
  /** The call's stream has ended. */
  finished(call: PoolFuture, elapsed: number, failed: boolean): void;
}

/** Where one worker's stream is, if it has one. */
export class OpenStream {
  readonly #owner: StreamOwner;
  #open: { call: PoolFuture; side: JobStream } | null = null;

  constructor(owner: StreamOwner) {
    this.#owner = owner;
  }

  /** The call whose stream it is, if that is its number. */
  callOf(number: unknown): PoolFuture | undefined {
    return this.#open?.call.number === number ? this.#open!.call : undefined;
  }

  /** Opens the stream of a call. */
  open(call: PoolFuture): JobStream {
    const { number } = call;
    const post = (message: unknown[]): void => {
      if (this.#open?.call !== call) return;
      try {
        this.#owner.post(message);
      } catch {
        // Nobody is there; its end will tell.
      }
    };
    const side = new JobStream({
      pull: (count) => post([protocol.PULL, number, count]),
      leave: () => post([protocol.LEAVE, number]),
    });
    this.#open = { call, side };
    return side;
  }

  /** An item came. */
  receive(number: unknown, item: Arrival): void {
    if (this.#open === null || this.#open.call.number !== number) return;
    if ("value" in item) this.#open.side.receive(item.value);
    else this.#fail(unreadable("item of the job", item.error));
  }

  /** The generator returned or threw. */
  end(number: unknown, kind: number, value: Arrival): void {
    if (this.#open?.call.number !== number) return;
    if (!("value" in value)) return this.#fail(unreadable("result of the job", value.error));
    const { call, side } = this.#take(kind === protocol.ERRORS)!;
    const stops = kind === protocol.VALUES || isReason(value.value as EncodedError);
    if (call.stopped !== null && stops) side.fail(call.stopped.reason);
    else side.finish(kind, value.value);
  }

  /** Its worker is gone; gives whether there was a stream to lose. */
  lose(errorOf: (call: PoolFuture) => unknown): boolean {
    const stream = this.#take(true);
    if (stream === null) return false;
    const { call, side } = stream;
    side.fail(call.stopped?.reason ?? errorOf(call));
    return true;
  }

  /** Takes the stream from the worker: it has ended. */
  #take(failed: boolean): { call: PoolFuture; side: JobStream } | null {
    const stream = this.#open;
    if (stream === null) return null;
    this.#open = null;
    clearTimeout(stream.call.timer);
    stream.call.holder = null;
    this.#owner.finished(stream.call, Infinity, failed);
    return stream;
  }

  /** The stream lacks something: it fails, and its worker needn't go on with it. */
  #fail(error: unknown): void {
    const stream = this.#open;
    if (stream === null) return;
    stream.side.fail(error);
    this.#owner.post([protocol.LEAVE, stream.call.number]);
  }
}
