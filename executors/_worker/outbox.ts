/** A worker's answers: gathered in one flat message until it is time to send them. */

import { serializationError } from "../_wire/clone.ts";
import { encodeError } from "../_wire/error_codec.ts";
import { addValue, ALONE, type Kind, type Post, PRIMITIVES, sendAlone } from "../_wire/parcel.ts";
import { forget } from "../_wire/plain.ts";
import { ERRORS, HELD, RESULTS } from "../_wire/protocol.ts";
import type { SerializationError } from "../errors.ts";

/** Collects outcomes in the order of the calls. */
export class Outbox {
  readonly #post: Post;
  #message: unknown[] = [RESULTS, 0, false, 0];
  #valueKind: Kind = PRIMITIVES;
  #kind = -1;
  #countAt = 0;

  constructor(post: Post) {
    this.#post = post;
  }

  /** Whether anything waits to be sent. */
  get isEmpty(): boolean {
    return this.#kind === -1;
  }

  /**
   * Adds the outcome of the call of that number.
   *
   * @returns `false` if its value has to travel alone.
   * @throws If its value can't be cloned.
   */
  add(number: number, kind: number, value: unknown): boolean {
    const message = this.#message;
    if (this.#kind === -1) message[3] = number;
    if (kind <= ERRORS) {
      const { length } = message;
      if (kind !== this.#kind) message.push(kind, 1);
      let valueKind: Kind = ALONE;
      try {
        valueKind = addValue(message, value, this.#post.sharesMemory);
      } finally {
        if (valueKind === ALONE) message.length = length;
      }
      if (valueKind === ALONE) return false;
      if (valueKind > this.#valueKind) this.#valueKind = valueKind;
      if (kind === this.#kind) message[this.#countAt] = (message[this.#countAt] as number) + 1;
      else this.#countAt = length + 1;
    } else if (kind !== this.#kind) this.#countAt = message.push(kind, 1) - 1;
    else message[this.#countAt] = (message[this.#countAt] as number) + 1;
    this.#kind = kind;
    return true;
  }

  /** Sends what there is. */
  flush(elapsed: number, ended: boolean): void {
    forget();
    const message = this.#message;
    const kind = this.#valueKind;
    message[1] = elapsed;
    message[2] = ended;
    this.#message = [RESULTS, 0, false, 0];
    this.#valueKind = PRIMITIVES;
    this.#kind = -1;
    this.#post(message, [], kind);
  }

  /** Sends one outcome by itself; the error instead if it can't be sent. */
  sendAlone(
    number: number,
    kind: number,
    value: unknown,
    transfer: Transferable[],
    elapsed: number,
    ended: boolean,
  ): void {
    const head = (kind: number): unknown[] => [RESULTS, elapsed, ended, number, kind, 1];
    try {
      sendAlone(this.#post, head(kind), [value], transfer, HELD);
    } catch (cause) {
      const error = encodeError(uncloneable(value, "result", cause));
      sendAlone(this.#post, head(ERRORS), [error], [], HELD);
    }
  }
}

/** The error for a value that can't be sent to the pool. */
export function uncloneable(value: unknown, path: string, cause: unknown): SerializationError {
  return serializationError(value, "result of the job", path, cause);
}
