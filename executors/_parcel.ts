/**
 * Putting values into messages.
 *
 * Invariants: a value is copied where it is put in, and has nothing in common with any that
 * another call sends. So what is neither primitive nor plain travels in a message with no
 * other call. Where the other side may be unable to read it, it goes ahead of its message,
 * in one that is nothing but the value: then it is known what couldn't be read.
 */

import { areShallow, asRead, copyPlain, forget } from "./_plain.ts";

/**
 * Sends a message; throws if something in it can't be cloned. `hasCopies`: all objects in
 * it are copies of plain data.
 */
export type Post = (message: unknown[], transfer: Transferable[], hasCopies?: boolean) => void;

/** What became of a value that was to be added to a message. */
export const ALONE = 0;
/** It is a primitive. */
export const PRIMITIVE = 1;
/** It is a copy. */
export const COPY = 2;

/**
 * Adds a value to a message that others are in.
 *
 * @param again Whether it belongs to the same call as the one before.
 * @returns What became of it: nothing, if it has to travel `ALONE`.
 */
export function addValue(message: unknown[], value: unknown, again = false): 0 | 1 | 2 {
  if (typeof value !== "object" || value === null) {
    if (typeof value === "function" || typeof value === "symbol") return ALONE;
    message.push(value);
    return PRIMITIVE;
  }
  const copy = copyPlain(value, again);
  if (copy === null) return ALONE;
  message.push(copy);
  return COPY;
}

/** Adds the values of one call; some of them only if they have to travel `ALONE`. */
export function addValues(message: unknown[], values: unknown[]): 0 | 1 | 2 {
  let most: 1 | 2 = PRIMITIVE;
  for (let i = 0; i < values.length; i++) {
    const added = addValue(message, values[i], i > 0);
    if (added === ALONE) return ALONE;
    if (added === COPY) most = COPY;
  }
  return most;
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
    const added = transfer.length === 0 ? addValues(message, values) : ALONE;
    if (added !== ALONE) return post(message, transfer, added === COPY);
    if (transfer.length === 0) values = values.map(asRead);
    if (areShallow(values)) return post([...head, ...values], transfer);
    post([hold, values], transfer);
    post(head, []);
  } finally {
    forget();
  }
}
