/**
 * Putting values into messages.
 *
 * Invariants: a value is copied where it is put in, once, and has nothing in common with any
 * that another call sends. What can't be copied throws there, and so fails its own call. What
 * the other side may be unable to read, as it is deep, goes ahead of its message, in one that
 * is nothing but the value: then it is known what couldn't be read.
 */

import { findUncloneable } from "./clone.ts";
import { areShallow, asRead, copyPlain, forget, metHuge } from "./plain.ts";
import { isTransferred } from "../transfer.ts";

/** What the values of a message are: primitives. */
export const PRIMITIVES = 1;
/** … and copies of plain objects. */
export const PLAIN = 2;
/** … and what structured clone made. */
export const CLONES = 3;
/** They have to travel alone. */
export const ALONE = 4;
/** What values are, as far as sending them goes: the greatest counts. */
export type Kind = typeof PRIMITIVES | typeof PLAIN | typeof CLONES | typeof ALONE;

/** Sends messages. */
export interface Post {
  /** Sends one, whose values are of that kind; throws if something in it can't be cloned. */
  (message: unknown[], transfer: Transferable[], kind?: Kind): void;
  /** Whether shared memory can be sent. */
  readonly sharesMemory: boolean;
}

/** Larger buffers aren't copied twice. */
const LARGE = 1 << 16;

/**
 * Adds the value of a call to a message that others are in.
 *
 * @returns What it was; nothing is added if it has to travel `ALONE`.
 * @throws If it can't be cloned.
 */
export function addValue(message: unknown[], value: unknown, sharesMemory: boolean): Kind {
  if (typeof value === "object" && value !== null) {
    const copy = copyPlain(value);
    if (copy === null) return addClones(message, [value], sharesMemory);
    message.push(copy);
    return PLAIN;
  }
  if (typeof value === "function" || typeof value === "symbol") structuredClone(value);
  message.push(value);
  return PRIMITIVES;
}

/**
 * Adds the values of a call to a message that others are in.
 *
 * @param values The values; those that have to travel `ALONE` may be exchanged for copies.
 * @returns What they were; nothing is added if they have to travel `ALONE`.
 * @throws If they can't be cloned.
 */
export function addValues(message: unknown[], values: unknown[], sharesMemory: boolean): Kind {
  const { length } = message;
  let kind: Kind = PRIMITIVES;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === "object" && value !== null) {
      // What two of them have in common isn't plain.
      const copy = copyPlain(value, i > 0);
      if (copy === null) {
        message.length = length;
        return addClones(message, values, sharesMemory);
      }
      message.push(copy);
      kind = PLAIN;
    } else {
      if (typeof value === "function" || typeof value === "symbol") structuredClone(value);
      message.push(value);
    }
  }
  return kind;
}

function addClones(message: unknown[], values: unknown[], sharesMemory: boolean): Kind {
  if (metHuge()) return ALONE;
  for (const value of values) if (isTransferred(value) || isLarge(value)) return ALONE;
  const read = values.map(asRead);
  if (!sharesMemory) {
    const found = findUncloneable(read, "values", false);
    if (found !== null) throw new TypeError(found);
  }
  const clones = structuredClone(read);
  if (areShallow(clones)) {
    message.push(...clones);
    return CLONES;
  }
  for (let i = 0; i < values.length; i++) values[i] = clones[i];
  return ALONE;
}

function isLarge(value: unknown): boolean {
  return (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) && value.byteLength > LARGE;
}

/**
 * Sends values at the end of a message of their own, or ahead of it.
 *
 * @param head The message without them.
 * @param hold What a message that has nothing but them begins with.
 * @throws If they can't be sent; then nothing was.
 */
export function sendAlone(
  post: Post,
  head: unknown[],
  values: unknown[],
  transfer: Transferable[],
  hold: number,
): void {
  try {
    const message = head.slice();
    const kind = transfer.length === 0 ? addValues(message, values, post.sharesMemory) : ALONE;
    if (kind !== ALONE) return post(message, transfer, kind);
    if (values.every(isBytes)) return post([...head, ...values], transfer);
    post([hold, values], transfer);
    post(head, []);
  } finally {
    forget();
  }
}

function isBytes(value: unknown): boolean {
  return typeof value !== "object" || value === null || ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer;
}
