/**
 * Errors across the border of a worker: structured clone would lose the class,
 * the own properties and often the cause.
 *
 * Invariants: encoding never throws, whatever was thrown. What hangs on an error is
 * encoded as the graph that it is: each part once, so many parts at most. A getter of the
 * user's is called for the message, the name and the stack only. A class is one of the
 * language's or of this module's by being it, not by its name: an error of somebody's own
 * `TimeoutError` never comes back as ours.
 */

import * as ours from "../../errors.ts";
import * as pools from "../errors.ts";
import { describe } from "./clone.ts";
import { platformErrors } from "../_runtime/value_types.ts";
import { escape, unescape } from "./text_codec.ts";

/** What was thrown, as text; with what only structured clone can carry, if there is such. */
export type EncodedError = string | [text: string, values: unknown[]];

/** Refers to a part: by its index, as a primitive, or as one of the values. */
type Reference = number | [primitive: unknown] | { value: number } | null;

type Part =
  | { error: ErrorData; own: [key: string, enumerable: boolean, Reference][] }
  | { items: Reference[] }
  | { fields: [key: string, Reference][] };

interface ErrorData {
  /** From the error's own class up: `=` and a built-in, `@` and one of ours, `:` and a name. */
  classes: string[];
  message: string;
  name: string | null;
  stack: string | null;
}

interface Graph {
  root: Reference;
  parts: Part[];
  isReason: boolean;
}

// deno-lint-ignore no-explicit-any -- constructors of any shape
type ErrorClass = new (...args: any[]) => Error;

/** So many parts are sent, and so many properties and items of all of them together. */
const MOST_PARTS = 500;
const MOST_REFERENCES = 5000;
/** So many values are left to structured clone. */
const MOST_VALUES = 100;

/** What the prototype of a class of this module has, in whichever copy of it. */
const MARK: unique symbol = Symbol.for("@aio/asyncio.error") as never;

/** By what stands for them in `classes`. */
const classes: Map<string, ErrorClass> = new Map();
/** What stands for a prototype. */
const builtIns: Map<unknown, string> = new Map();

let isComplete = false;

/** Gets to know the classes that are there: not before an error comes, as it takes its time. */
function complete(): void {
  if (isComplete) return;
  isComplete = true;
  const own = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];
  for (const builtIn of own) addBuiltIn(builtIn.name, builtIn);
  for (const name of ["AggregateError", "SuppressedError", "DOMException"]) {
    addBuiltIn(name, (globalThis as Record<string, unknown>)[name]);
  }
  for (const [name, errorClass] of platformErrors()) addBuiltIn(name, errorClass);
  for (const namespace of [ours, pools] as Record<string, unknown>[]) {
    for (const [name, value] of Object.entries(namespace)) {
      classes.set(`@${name}`, value as ErrorClass);
    }
  }
}

function addBuiltIn(name: string, errorClass: unknown): void {
  if (typeof errorClass !== "function") return;
  classes.set(`=${name}`, errorClass as ErrorClass);
  builtIns.set(errorClass.prototype, `=${name}`);
}

/** Makes an error class known, so that errors of it come back as what they were. */
export function addErrorClass(errorClass: ErrorClass, name: string): void {
  classes.set(`:${name}`, errorClass);
}

/**
 * Encodes what was thrown; parts that can't be cloned become text or are left out.
 *
 * @param isReason Whether it is the very reason that the pool sent to abort the job.
 */
export function encodeError(thrown: unknown, isReason = false): EncodedError {
  complete();
  try {
    return new Encoder().encode(thrown, isReason);
  } catch {
    return new Encoder().encode(new Error("An error was thrown that can't be read"), isReason);
  }
}

/** Whether the job ended by the reason that it was told to stop with. */
export function isReason(encoded: EncodedError): boolean {
  return graphOf(encoded).isReason;
}

/** Restores what was thrown. */
export function decodeError(encoded: EncodedError): unknown {
  complete();
  return new Decoder(graphOf(encoded), Array.isArray(encoded) ? encoded[1] : []).decode();
}

function graphOf(encoded: EncodedError): Graph {
  return JSON.parse(Array.isArray(encoded) ? encoded[0] : encoded);
}

class Encoder {
  readonly #parts: Part[] = [];
  readonly #values: unknown[] = [];
  readonly #known: Map<unknown, Reference> = new Map();
  /** Objects whose parts are still to be filled. */
  readonly #rest: [object, Part][] = [];
  #references = 0;

  encode(thrown: unknown, isReason: boolean): EncodedError {
    const root = this.#refer(thrown, true);
    let next: [object, Part] | undefined;
    while ((next = this.#rest.shift()) !== undefined) this.#fill(...next);
    const graph: Graph = { root, parts: this.#parts, isReason };
    const text = JSON.stringify(graph);
    return this.#values.length === 0 ? text : [text, this.#values];
  }

  #refer(value: unknown, isRoot = false): Reference {
    if (typeof value === "function" && !isRoot) return null;
    if (typeof value === "symbol" || typeof value === "function") return [describe(value)];
    if (typeof value !== "object" || value === null) return [escape(value)];
    let reference = this.#known.get(value);
    if (reference !== undefined) return reference;
    if (this.#parts.length >= MOST_PARTS) return null;
    const part = attempt(() => partFor(value));
    if (part) {
      reference = this.#parts.push(part) - 1;
      this.#rest.push([value, part]);
    } else reference = this.#refersToClone(value);
    this.#known.set(value, reference);
    return reference;
  }

  /** Refers to a copy of what isn't looked into. */
  #refersToClone(value: object): Reference {
    if (this.#values.length >= MOST_VALUES) return null;
    const copy = attempt(() => [structuredClone(value)]);
    return copy === undefined ? [describe(value)] : { value: this.#values.push(copy[0]) - 1 };
  }

  #fill(value: object, part: Part): void {
    if ("items" in part) {
      const { length } = value as unknown[];
      for (let i = 0; i < length && this.#references < MOST_REFERENCES; i++) {
        this.#references += 1;
        part.items.push(this.#referTo(value, String(i)) ?? ["\0u"]);
      }
      return;
    }
    const isError = "error" in part;
    for (const key of isError ? Object.getOwnPropertyNames(value) : Object.keys(value)) {
      if (++this.#references > MOST_REFERENCES) return;
      if (isError && (key === "message" || key === "stack")) continue;
      const reference = this.#referTo(value, key);
      if (reference === null) continue;
      if (!isError) part.fields.push([key, reference]);
      else {
        const enumerable = Object.prototype.propertyIsEnumerable.call(value, key);
        part.own.push([key, enumerable, reference]);
      }
    }
  }

  /** Refers to a property, unless it is a getter. */
  #referTo(value: object, key: string): Reference {
    const property = attempt(() => Object.getOwnPropertyDescriptor(value, key));
    return property && "value" in property ? this.#refer(property.value) : null;
  }
}

/** An empty part for an error, an array or a plain object; nothing for what isn't looked into. */
function partFor(value: object): Part | undefined {
  const isError = value instanceof Error ||
    (typeof DOMException === "function" && value instanceof DOMException);
  if (isError) return { error: errorData(value as Error), own: [] };
  if (Array.isArray(value)) return { items: [] };
  const prototype = Object.getPrototypeOf(value);
  const isPlain = (prototype === Object.prototype || prototype === null) &&
    !(Symbol.toStringTag in value) && Object.keys(value).length > 0 && !ArrayBuffer.isView(value);
  return isPlain ? { fields: [] } : undefined;
}

function errorData(error: Error): ErrorData {
  const list: string[] = [];
  for (
    let proto = Object.getPrototypeOf(error);
    proto !== null && proto !== Object.prototype && list.length < 32;
    proto = Object.getPrototypeOf(proto)
  ) {
    list.push(classOf(proto));
  }
  const message = attempt(() => error.message);
  const stack = attempt(() => error.stack);
  const name = attempt(() => error.name);
  return {
    classes: list,
    message: typeof message === "string" ? message : message === undefined ? "" : describe(message),
    stack: typeof stack === "string" ? stack : null,
    name: typeof name === "string" ? name : null,
  };
}

function classOf(prototype: object): string {
  const builtIn = builtIns.get(prototype);
  if (builtIn !== undefined) return builtIn;
  const mark = Object.getOwnPropertyDescriptor(prototype, MARK)?.value;
  if (typeof mark === "string") return `@${mark}`;
  const constructor = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof constructor !== "function") return ":";
  const name = Object.getOwnPropertyDescriptor(constructor, "name")?.value;
  return `:${typeof name === "string" ? name : ""}`;
}

/** What `read` gives; nothing if it throws. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

class Decoder {
  readonly #graph: Graph;
  readonly #values: unknown[];
  readonly #made: unknown[];

  constructor(graph: Graph, values: unknown[]) {
    this.#graph = graph;
    this.#values = values;
    this.#made = graph.parts.map((part) =>
      "error" in part ? makeError(part.error) : "items" in part ? [] : {}
    );
  }

  decode(): unknown {
    this.#graph.parts.forEach((part, i) => {
      const made = this.#made[i] as object;
      if ("items" in part) {
        for (const each of part.items) (made as unknown[]).push(this.#resolve(each));
      } else if ("fields" in part) {
        for (const [key, each] of part.fields) define(made, key, this.#resolve(each), true);
      } else {
        for (const [key, enumerable, each] of part.own) {
          define(made, key, this.#resolve(each), enumerable);
        }
        finishError(made as Error, part.error);
      }
    });
    return this.#resolve(this.#graph.root);
  }

  #resolve(reference: Reference): unknown {
    if (typeof reference === "number") return this.#made[reference];
    if (Array.isArray(reference)) return unescape(reference[0]);
    return reference === null ? undefined : this.#values[reference.value];
  }
}

function makeError({ classes: list, message, name }: ErrorData): Error {
  if (list[0] === "=DOMException" && classes.has("=DOMException")) {
    return new DOMException(message, name ?? "Error");
  }
  const error = new Error(message);
  const errorClass = list.map((each) => classes.get(each)).find((each) => each !== undefined);
  // Not constructed: a constructor may want arguments that nobody has.
  if (errorClass !== undefined && errorClass !== Error) {
    Object.setPrototypeOf(error, errorClass.prototype);
  }
  return error;
}

function finishError(error: Error, { classes: list, name, stack }: ErrorData): void {
  // Never this place's: the error wasn't made here.
  define(error, "stack", stack ?? `${name}: ${error.message}`, false);
  if (list[0] === "=DOMException" || Object.hasOwn(error, "name")) return;
  // A class that isn't known here is still called by its name.
  const own = list[0]!;
  const parent = list.find((each) => !each.startsWith(":"));
  const isUnnamed = name === null || name === parent?.slice(1);
  const shown = own.length > 1 && !classes.has(own) && isUnnamed ? own.slice(1) : name;
  if (shown !== null && shown !== error.name) define(error, "name", shown, false);
}

function define(on: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(on, key, { value, enumerable, writable: true, configurable: true });
}
