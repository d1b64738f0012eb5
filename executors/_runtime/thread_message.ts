/** What a message becomes on its way between threads. */

import { escape, fromText, TEXT, toText, unescape } from "../_text_codec.ts";
import { runtime } from "./builtins.ts";

/** Where a text belongs. */
const PLACE = "\0t";

/**
 * The message itself, for structured clone to copy. If it has objects that were made text,
 * those texts go beside it: to read them again is faster than to clone objects, and many
 * short strings travel faster than one that is long.
 */
export function threadMessage(message: unknown[], texts: string[] = []): unknown {
  if (texts.length === 0) return message;
  if (runtime === "bun") return toText(message, texts);
  const places = message.map((value) =>
    value === TEXT ? PLACE : typeof value === "string" ? escape(value) : value
  );
  return [places, texts];
}

/**
 * The message that came.
 *
 * @throws {SyntaxError} If it isn't one of ours.
 */
export function readThreadMessage(data: unknown): unknown {
  if (typeof data === "string") return fromText(data);
  if (!Array.isArray(data) || !Array.isArray(data[0])) return data;
  const [message, texts] = data as [unknown[], string[]];
  let next = 0;
  for (let i = 0; i < message.length; i++) {
    const value = message[i];
    if (value === PLACE) message[i] = JSON.parse(texts[next++]!);
    else if (typeof value === "string") message[i] = unescape(value);
  }
  return message;
}
