/** A worker's answers: gathered in one flat message until it is time to send them. */

import { isCloneable, serializationError } from "../_clone.ts";
import { encodeError } from "../_error_codec.ts";
import { ERRORS, RESULTS, VALUES } from "../_protocol.ts";
import type { SerializationError } from "../errors.ts";

/** Sends a message to the pool. */
export type Post = (message: unknown[], transfer: Transferable[]) => void;

/** Collects outcomes in the order of the calls. */
export class Outbox {
  readonly #post: Post;
  #message: unknown[] = [RESULTS, 0, false];
  #transfer: Transferable[] = [];
  #kind = -1;
  #countAt = 0;

  constructor(post: Post) {
    this.#post = post;
  }

  /** Whether anything waits to be sent. */
  get isEmpty(): boolean {
    return this.#kind === -1;
  }

  /** What the values to be sent hand over. */
  get transfer(): Transferable[] {
    return this.#transfer;
  }

  /** Adds one outcome. */
  add(kind: number, value: unknown): void {
    const message = this.#message;
    if (kind === this.#kind) {
      message[this.#countAt] = (message[this.#countAt] as number) + 1;
    } else {
      this.#kind = kind;
      this.#countAt = message.push(kind, 1) - 1;
    }
    if (kind <= ERRORS) message.push(value);
  }

  /** Sends what there is. */
  flush(elapsed: number, ended: boolean): void {
    const message = this.#message;
    const transfer = this.#transfer;
    message[1] = elapsed;
    message[2] = ended;
    this.#message = [RESULTS, 0, false];
    this.#transfer = [];
    this.#kind = -1;
    try {
      this.#post(message, transfer);
    } catch (error) {
      this.#post(withoutUncloneable(message, error), []);
    }
  }
}

/** The message again, with an error in place of each value that can't be sent. */
function withoutUncloneable(message: unknown[], cause: unknown): unknown[] {
  const clean: unknown[] = message.slice(0, 3);
  for (let i = 3; i < message.length;) {
    const kind = message[i++] as number;
    let count = message[i++] as number;
    if (kind > ERRORS) {
      clean.push(kind, count);
      continue;
    }
    for (; count > 0; count--) {
      const value = message[i++];
      if (kind === VALUES && !isCloneable(value)) {
        clean.push(ERRORS, 1, encodeError(uncloneable(value, "result", cause)));
      } else clean.push(kind, 1, value);
    }
  }
  return clean;
}

/** The error for a value that can't be sent to the pool. */
export function uncloneable(value: unknown, path: string, cause: unknown): SerializationError {
  return serializationError(value, "result of the job", path, cause);
}
