/**
 * Errors across the border of a worker: structured clone would lose the class,
 * the own properties and often the cause.
 */

import * as ours from "../errors.ts";
import * as pools from "./errors.ts";

/** A thrown value, ready for structured clone. */
export interface EncodedError {
  /** Class names from the value's own up to `Error`; none if it is no error. */
  classes: string[] | null;
  /** The message, or the thrown value itself if it is no error. */
  value: unknown;
  /** The stack. */
  stack?: string;
  /** Own properties, such as `cause`, `code` and `errors`. */
  own?: [key: string, kind: "error" | "errors" | "value", value: unknown][];
  /** Set where it is the very reason that the pool sent to abort the job. */
  isReason?: boolean;
}

// deno-lint-ignore no-explicit-any -- constructors of any shape
type ErrorClass = new (...args: any[]) => Error;

const registry: Map<string, ErrorClass> = new Map();
for (
  const builtIn of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]
) {
  registry.set(builtIn.name, builtIn);
}
registry.set("AggregateError", AggregateError);
for (const namespace of [ours, pools] as Record<string, unknown>[]) {
  for (const [name, value] of Object.entries(namespace)) registry.set(name, value as ErrorClass);
}

const MAX_DEPTH = 16;

/** Makes an error class known, so that errors of it come back as what they were. */
export function addErrorClass(errorClass: ErrorClass, name: string): void {
  registry.set(name, errorClass);
}

/** Encodes what was thrown; parts that can't be cloned become text. */
export function encodeError(thrown: unknown, depth = 0): EncodedError {
  if (!(thrown instanceof Error)) {
    const described = typeof DOMException === "function" && thrown instanceof DOMException;
    if (!described) return { classes: null, value: cloneable(thrown) };
  }
  const error = thrown as Error;
  const classes: string[] = [];
  for (
    let proto = Object.getPrototypeOf(error);
    proto !== null && proto !== Object.prototype;
    proto = Object.getPrototypeOf(proto)
  ) {
    if (typeof proto.constructor === "function") classes.push(proto.constructor.name);
  }
  const encoded: EncodedError = { classes, value: String(error.message) };
  if (typeof error.stack === "string") encoded.stack = error.stack;
  const own: NonNullable<EncodedError["own"]> = [];
  if (depth < MAX_DEPTH) {
    for (const key of Object.getOwnPropertyNames(error)) {
      if (key === "message" || key === "stack") continue;
      // What engines keep for themselves (line, column, sourceURL in JSC) is harmless.
      const value = (error as unknown as Record<string, unknown>)[key];
      if (value instanceof Error) own.push([key, "error", encodeError(value, depth + 1)]);
      else if (Array.isArray(value) && value.some((each) => each instanceof Error)) {
        own.push([key, "errors", value.map((each) => encodeError(each, depth + 1))]);
      } else if (typeof value !== "function") own.push([key, "value", cloneable(value)]);
    }
  }
  if (classes[0] === "DOMException") own.push(["name", "value", error.name]);
  if (own.length > 0) encoded.own = own;
  return encoded;
}

/** Restores what was thrown. */
export function decodeError(encoded: EncodedError): unknown {
  if (encoded.classes === null) return encoded.value;
  const message = String(encoded.value);
  if (encoded.classes[0] === "DOMException" && typeof DOMException === "function") {
    const name = encoded.own?.find(([key]) => key === "name")?.[2];
    return new DOMException(message, String(name ?? "Error"));
  }
  const error = new Error(message);
  for (const name of encoded.classes) {
    const errorClass = registry.get(name);
    if (errorClass === undefined) continue;
    // Not constructed: a constructor may want arguments that nobody has.
    if (errorClass !== Error) Object.setPrototypeOf(error, errorClass.prototype);
    break;
  }
  const define = (key: string, value: unknown, enumerable: boolean): void => {
    Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
  };
  const enumerable = new Set(["code", "errno"]);
  for (const [key, kind, value] of encoded.own ?? []) {
    if (kind === "error") define(key, decodeError(value as EncodedError), false);
    else if (kind === "errors") define(key, (value as EncodedError[]).map(decodeError), false);
    else define(key, value, key !== "name" || enumerable.has(key));
  }
  // An unregistered class is still called by its name.
  if (encoded.classes[0] !== undefined && error.constructor.name !== encoded.classes[0]) {
    if (!Object.hasOwn(error, "name")) define("name", encoded.classes[0], false);
  }
  if (encoded.stack !== undefined) define("stack", encoded.stack, false);
  return error;
}

function cloneable(value: unknown): unknown {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    return typeof value === "symbol" ? String(value) : value;
  }
  try {
    return structuredClone(value);
  } catch {
    return String(value);
  }
}
