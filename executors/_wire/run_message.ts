/** Calls as messages to a worker. */

import { serializationError } from "./clone.ts";
import { addValues, ALONE, type Kind, PLAIN, type Post, PRIMITIVES, sendAlone } from "./parcel.ts";
import { copyPlain, forget } from "./plain.ts";
import { type Definition, HOLD, RUN } from "./protocol.ts";
import type { SerializationError } from "../errors.ts";
import { unwrapAll } from "../transfer.ts";

/** A call, as far as it is sent. */
export interface SentCall {
  /** What the function is called with. */
  readonly args: unknown[];
  /** What is known of the function. */
  readonly profile: { readonly definition: Definition };
}

/** What is sent to have calls run; those whose arguments can be sent together. */
export class RunMessage {
  readonly #message: unknown[];
  readonly #defined: Set<number>;
  /** Functions that its worker hasn't been told of. */
  readonly fresh: Definition[] = [];
  readonly #sharesMemory: boolean;
  #kind: Kind = PRIMITIVES;
  #id = 0;
  #argc = -1;
  #countAt = 0;
  /** How many calls it has. */
  count = 0;

  constructor(first: number, announce: boolean, defined: Set<number>, sharesMemory: boolean) {
    this.#message = [RUN, first, announce, null];
    this.#defined = defined;
    this.#sharesMemory = sharesMemory;
  }

  /**
   * Adds a call.
   *
   * @returns `false` if its arguments have to travel alone.
   * @throws If they can't be cloned.
   */
  add({ args, profile: { definition } }: SentCall): boolean {
    const message = this.#message;
    const { length } = message;
    const isSame = definition[0] === this.#id && args.length === this.#argc;
    if (!isSame) message.push(0, 0, 0);
    let kind: Kind = ALONE;
    try {
      kind = definition[4]
        ? addChunk(message, args[0] as unknown[][])
        : addValues(message, args, this.#sharesMemory);
    } finally {
      if (kind === ALONE) message.length = length;
    }
    if (kind === ALONE) return false;
    if (kind > this.#kind) this.#kind = kind;
    if (isSame) message[this.#countAt] = (message[this.#countAt] as number) + 1;
    else {
      this.#define(definition);
      this.#id = message[length] = definition[0];
      this.#argc = message[length + 1] = args.length;
      this.#countAt = length + 2;
      message[length + 2] = 1;
    }
    this.count += 1;
    return true;
  }

  /** Sends it. */
  send(post: Post): void {
    forget();
    this.#addDefinitions();
    post(this.#message, [], this.#kind);
  }

  /**
   * Sends it with one call that has to travel alone.
   *
   * @throws If its arguments can't be sent; then nothing was.
   */
  sendAlone({ args, profile: { definition } }: SentCall, post: Post): void {
    this.#define(definition);
    this.#addDefinitions();
    const message = this.#message;
    message.push(definition[0], args.length, 1);
    const transfer: Transferable[] = [];
    const values = definition[4]
      ? [copyChunk(args[0] as unknown[][], transfer)]
      : unwrapAll(args, transfer);
    sendAlone(post, message, values, transfer, HOLD);
  }

  #define(definition: Definition): void {
    if (!this.#defined.has(definition[0]) && !this.fresh.includes(definition)) {
      this.fresh.push(definition);
    }
  }

  #addDefinitions(): void {
    if (this.fresh.length > 0) this.#message[3] = JSON.stringify(this.fresh);
  }
}

/** Adds a chunk: one argument, of many calls that have nothing in common either. */
function addChunk(message: unknown[], argLists: unknown[][]): Kind {
  const lists: object[] = [];
  for (const args of argLists) {
    const list = copyPlain(args);
    if (list === null) return ALONE;
    lists.push(list);
  }
  message.push(lists);
  return PLAIN;
}

/** The argument lists of a chunk, each a copy of its own. */
function copyChunk(argLists: unknown[][], transfer: Transferable[]): unknown[][] {
  return argLists.map((args) => {
    const { length } = transfer;
    const values = unwrapAll(args, transfer);
    // What is handed over belongs to one call alone.
    const isFlat = values.every((each) => typeof each !== "object" || each === null);
    return isFlat || transfer.length > length ? values : structuredClone(values);
  });
}

/** The error of a call whose arguments can't be sent. */
export function uncloneableArguments(
  { args, profile: { definition } }: SentCall,
  shared: boolean,
  cause: unknown,
): SerializationError {
  const lists = definition[4] ? args[0] as unknown[][] : [args];
  const values = lists.map((each) => unwrapAll(each, []));
  const what = `arguments of '${definition[3]}'`;
  return serializationError(definition[4] ? values : values[0], what, "args", cause, shared);
}
