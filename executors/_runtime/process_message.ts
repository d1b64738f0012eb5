/**
 * What a message becomes on its way between processes: text, or bytes that this file alone
 * reads. The channel's own form of values isn't used: on Node views come back as windows on
 * the whole of what the channel read, on Deno they lose their offsets and what they share,
 * and what can't be read ends the program there.
 */

import { findUncloneable } from "../_wire/clone.ts";
import { CLONES, type Kind, PLAIN } from "../_wire/parcel.ts";
import { fromText, isFlat, toText } from "../_wire/text_codec.ts";
import { builtin, runtime } from "./builtins.ts";

interface V8Module {
  Serializer: new () => {
    writeHeader(): void;
    writeValue(value: unknown): void;
    releaseBuffer(): Uint8Array;
  };
  Deserializer: new (bytes: Uint8Array) => { readHeader(): void; readValue(): unknown };
  serialize(value: unknown): Uint8Array;
  deserialize(bytes: Uint8Array): unknown;
}

/** Not before it is needed: on Deno, whatever names Node costs a worker 15 ms at its start. */
let v8: V8Module | undefined;

const loadV8 = (): V8Module => v8 ??= builtin<V8Module>("node:v8")!;

/**
 * Text for messages of primitives and plain objects, bytes for others.
 *
 * @throws If something in it can't be cloned. The serializers don't know that all by
 * themselves: Bun's copies shared memory, which would only look shared, and those of Deno
 * and Node make an empty object of a `URL`.
 */
export function processMessage(message: unknown[], kind?: Kind): string | Uint8Array {
  const isPlain = kind === undefined ? isFlat(message) : kind <= PLAIN;
  const text = isPlain ? toText(message) : null;
  if (text !== null) return text;
  const found = kind === CLONES ? null : findUncloneable(message, "message", false);
  if (found !== null) throw new TypeError(found);
  if (runtime === "bun") return loadV8().serialize(message);
  const serializer = new (loadV8().Serializer)();
  serializer.writeHeader();
  serializer.writeValue(message);
  return serializer.releaseBuffer();
}

/**
 * The message that came.
 *
 * @throws If it is none, or is too deep to be read.
 */
export function readProcessMessage(data: unknown): unknown {
  if (typeof data === "string") return fromText(data);
  if (!(data instanceof Uint8Array)) return data;
  if (runtime === "bun") return loadV8().deserialize(data);
  const deserializer = new (loadV8().Deserializer)(data);
  deserializer.readHeader();
  return deserializer.readValue();
}
