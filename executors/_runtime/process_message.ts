/** What a message becomes on its way between processes. */

import { findUncloneable } from "../_clone.ts";
import { toText } from "../_text_codec.ts";
import { builtin, runtime } from "./builtins.ts";

interface V8Module {
  serialize(value: unknown): unknown;
}

/** Not before it is needed: on Deno, whatever names Node costs a worker 15 ms at its start. */
let v8: V8Module | undefined;

/**
 * Text for messages of primitives, else the message itself.
 *
 * @throws If it can't be cloned. Deno's channel finds out too late: it has sent the
 * beginning by then, and neither side can read on. So it is tried first. Bun's makes a copy
 * of shared memory, which would only look shared.
 */
export function processMessage(message: unknown[]): unknown {
  const text = toText(message);
  if (text !== null) return text;
  if (runtime === "deno") (v8 ??= builtin<V8Module>("node:v8"))?.serialize(message);
  if (runtime === "bun") {
    const found = findUncloneable(message, "message", false);
    if (found !== null) throw new TypeError(found);
  }
  return message;
}
