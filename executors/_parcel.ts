/**
 * Putting values into messages.
 *
 * Invariants: a value is copied where it is put in, and has nothing in common with any that
 * another call sends. So what is neither primitive nor plain travels in a message with no
 * other call. Where the other side may be unable to read it, it goes ahead of its message,
 * in one that is nothing but the value: then it is known what couldn't be read.
 */

import { areSure, forget, kindOf, PLAIN } from "./_plain.ts";
import { TEXT } from "./_text_codec.ts";

/** Sends a message; throws if something in it can't be cloned. */
export type Post = (message: unknown[], transfer: Transferable[], texts?: string[]) => void;

/**
 * Adds a value to a message that others are in.
 *
 * @param again Whether it belongs to the same call as the one before.
 * @returns `false`, and adds nothing, if the value has to travel alone.
 */
export function addValue(
  message: unknown[],
  texts: string[],
  value: unknown,
  again = false,
): boolean {
  if (typeof value !== "object" || value === null) {
    if (typeof value === "function" || typeof value === "symbol") return false;
    message.push(value);
    return true;
  }
  return kindOf(value, again) === PLAIN && addText(message, texts, value);
}

/** Adds an object that is plain. */
export function addText(message: unknown[], texts: string[], value: object): true {
  texts.push(JSON.stringify(value));
  message.push(TEXT);
  return true;
}

/** Adds the values of one call; some of them only if it gives `false`. */
export function addValues(message: unknown[], texts: string[], values: unknown[]): boolean {
  for (let i = 0; i < values.length; i++) {
    if (!addValue(message, texts, values[i], i > 0)) return false;
  }
  return true;
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
    const texts: string[] = [];
    if (transfer.length === 0 && addValues(message, texts, values)) {
      return post(message, transfer, texts);
    }
    if (areSure(values)) return post([...head, ...values], transfer);
    post([hold, values], transfer);
    post(head, []);
  } finally {
    forget();
  }
}
