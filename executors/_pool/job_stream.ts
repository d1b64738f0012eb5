/** What a generator job yields, on the pool's side. */

import { decodeError, type EncodedError } from "../_wire/error_codec.ts";
import { Deque } from "../../deque.ts";
import { ERRORS } from "../_wire/protocol.ts";

/** How many items may be under way. */
const ROOM = 16;

/** How a stream speaks to its worker. */
export interface StreamSide {
  /** Makes room for more items. */
  pull(count: number): void;
  /** Wants no more. */
  leave(): void;
}

type Waiter = PromiseWithResolvers<IteratorResult<unknown, unknown>>;

/** The async generator that stands for the one in the worker. */
export class JobStream implements AsyncGenerator<unknown, unknown, void> {
  readonly #side: StreamSide;
  readonly #items: Deque<unknown> = new Deque();
  readonly #waiters: Deque<Waiter> = new Deque();
  #outcome: { kind: "returned" | "threw" | "told"; value: unknown } | null = null;
  #leaving: PromiseWithResolvers<IteratorResult<unknown, unknown>> | null = null;
  #room = 0;

  constructor(side: StreamSide) {
    this.#side = side;
  }

  next(): Promise<IteratorResult<unknown, unknown>> {
    if (this.#items.length > 0) {
      const value = this.#items.shift();
      this.#refill();
      return Promise.resolve({ done: false, value });
    }
    if (this.#outcome !== null) return this.#end();
    const waiter: Waiter = Promise.withResolvers();
    this.#waiters.push(waiter);
    this.#refill();
    return waiter.promise;
  }

  /** Leaves the stream; resolves when the generator has ended. */
  return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    this.#items.drain();
    if (this.#outcome !== null) return Promise.resolve({ done: true, value });
    if (this.#leaving === null) {
      this.#leaving = Promise.withResolvers();
      this.#side.leave();
    }
    return this.#leaving.promise.then(() => ({ done: true, value }));
  }

  async throw(error: unknown): Promise<IteratorResult<unknown, unknown>> {
    await this.return();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly [Symbol.toStringTag] = "JobStream";

  /** An item came. */
  receive(item: unknown): void {
    this.#room -= 1;
    if (this.#leaving !== null) return;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#items.push(item);
    else {
      waiter.resolve({ done: false, value: item });
      this.#refill();
    }
  }

  /** The generator ended. */
  finish(kind: number, value: unknown): void {
    if (kind === ERRORS) this.fail(decodeError(value as EncodedError));
    else this.#settle("returned", value);
  }

  /** The generator threw, or its worker is gone. */
  fail(error: unknown): void {
    this.#settle("threw", error);
  }

  #settle(kind: "returned" | "threw", value: unknown): void {
    if (this.#outcome !== null) return;
    this.#outcome = { kind, value };
    if (kind === "threw") this.#leaving?.reject(value);
    else this.#leaving?.resolve({ done: true, value: undefined });
    for (const waiter of this.#waiters.drain()) this.#end().then(waiter.resolve, waiter.reject);
  }

  #end(): Promise<IteratorResult<unknown, unknown>> {
    const { kind, value } = this.#outcome!;
    this.#outcome = { kind: "told", value: undefined };
    if (kind === "threw") return Promise.reject(value);
    return Promise.resolve({ done: true, value: kind === "returned" ? value : undefined });
  }

  #refill(): void {
    if (this.#outcome !== null || this.#leaving !== null) return;
    // In halves, so that there is a message for eight items and not for each.
    const held = this.#room + this.#items.length;
    if (held > ROOM / 2) return;
    this.#side.pull(ROOM - held);
    this.#room += ROOM - held;
  }
}
