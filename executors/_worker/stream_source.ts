/** A generator job in its worker: sends what it yields as far as there is room. */

import { type EncodedError, encodeError } from "../_error_codec.ts";
import { ENDED, ERRORS, ITEMS, VALUES } from "../_protocol.ts";
import { isTransferred, unwrapTransferred } from "../transfer.ts";
import { type Post, uncloneable } from "./outbox.ts";

/** What generator functions return. */
export type AnyGenerator =
  | Generator<unknown, unknown, unknown>
  | AsyncGenerator<unknown, unknown, unknown>;

/** Whether a job returned a generator. */
export function isGenerator(value: unknown): value is AnyGenerator {
  if (typeof value !== "object" || value === null) return false;
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return tag === "Generator" || tag === "AsyncGenerator";
}

/** Drives one generator. */
export class StreamSource {
  readonly #generator: AnyGenerator;
  readonly #number: number;
  readonly #post: Post;
  #room = 0;
  #left = false;
  #wake: (() => void) | null = null;

  constructor(generator: AnyGenerator, number: number, post: Post) {
    this.#generator = generator;
    this.#number = number;
    this.#post = post;
  }

  /** Makes room for more items. */
  allow(count: number): void {
    this.#room += count;
    this.#wake?.();
  }

  /** Nobody wants the rest. */
  leave(): void {
    this.#left = true;
    this.#wake?.();
  }

  /** Runs the generator to its end. */
  async run(encode: (error: unknown) => EncodedError): Promise<void> {
    let outcome: [kind: number, value: unknown];
    try {
      outcome = [VALUES, await this.#drive()];
    } catch (error) {
      outcome = [ERRORS, encode(error)];
    }
    try {
      this.#post([ENDED, this.#number, ...outcome], []);
    } catch (error) {
      const failure = encodeError(uncloneable(outcome[1], "result", error));
      this.#post([ENDED, this.#number, ERRORS, failure], []);
    }
  }

  async #drive(): Promise<unknown> {
    const generator = this.#generator;
    while (true) {
      while (this.#room === 0 && !this.#left) {
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
      if (this.#left) return (await generator.return(undefined)).value;
      this.#room -= 1;
      const step = await generator.next();
      if (step.done) return step.value;
      const transfer: Transferable[] = [];
      const item = isTransferred(step.value) ? unwrapTransferred(step.value, transfer) : step.value;
      try {
        this.#post([ITEMS, this.#number, item], transfer);
      } catch (error) {
        await generator.return(undefined);
        throw uncloneable(item, "item", error);
      }
    }
  }
}
