/** What a message becomes on its way between threads. */

import { type Kind, PLAIN } from "../_wire/parcel.ts";
import { fromShapes, type ShapedMessage, toShapes } from "../_wire/shape_codec.ts";
import { fromText, toText } from "../_wire/text_codec.ts";
import { runtime } from "./builtins.ts";

/**
 * The message itself, for structured clone to copy. One of primitives and plain objects
 * becomes text on Bun, and a list of primitives elsewhere: each is there the quickest.
 */
export function threadMessage(message: unknown[], kind?: Kind): unknown {
  if (kind !== PLAIN) return message;
  return runtime === "bun" ? toText(message) ?? message : toShapes(message);
}

/**
 * The message that came.
 *
 * @throws If it isn't one of ours.
 */
export function readThreadMessage(data: unknown): unknown {
  if (typeof data === "string") return fromText(data);
  return Array.isArray(data) && Array.isArray(data[0]) ? fromShapes(data as ShapedMessage) : data;
}
