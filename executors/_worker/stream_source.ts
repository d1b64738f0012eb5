/** A generator job in its worker: sends what it yields as far as there is room. */

import { type EncodedError, encodeError } from "../_wire/error_codec.ts";
import { type Post, sendAlone } from "../_wire/parcel.ts";
import { ENDED, ERRORS, HELD, ITEMS, VALUES } from "../_wire/protocol.ts";
import { isTransferred, unwrapTransferred } from "../transfer.ts";
import { uncloneable } from "./outbox.ts";

/** What generator functions return. */
export type AnyGenerator =
  | Generator<unknown, unknown, unknown>
  | AsyncGenerator<unknown, unknown, unknown>;

const generators: object = Object.getPrototypeOf(function* () {}).prototype;
const asyncGenerators: object = Object.getPrototypeOf(async function* () {}).prototype;
const { isPrototypeOf } = Object.prototype;

/** Whether a job returned a generator. */
export function isGenerator(value: unknown): value is AnyGenerator {
  if (typeof value !== "object" || value === null) return false;
  try {
    return isPrototypeOf.call(generators, value) || isPrototypeOf.call(asyncGenerators, value);
  } catch {
    // A proxy's trap.
    return false;
  }
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
    let kind = VALUES;
    let value: unknown;
    const transfer: Transferable[] = [];
    try {
      const returned = await this.#drive();
      value = isTransferred(returned) ? unwrapTransferred(returned, transfer) : returned;
    } catch (error) {
      kind = ERRORS;
      value = encode(error);
    }
    const end = (kind: number): unknown[] => [ENDED, this.#number, kind];
    try {
      sendAlone(this.#post, end(kind), [value], transfer, HELD);
    } catch (error) {
      const failure = encodeError(uncloneable(value, "result", error));
      sendAlone(this.#post, end(ERRORS), [failure], [], HELD);
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
        sendAlone(this.#post, [ITEMS, this.#number], [item], transfer, HELD);
      } catch (error) {
        await generator.return(undefined);
        throw uncloneable(item, "item", error);
      }
    }
  }
}
