/**
 * Finding what structured clone can't take, to name it.
 *
 * Invariants: the search is a loop and has a bound; it reads no property that has a
 * getter, and calls nothing of what it looks at.
 */

import { SerializationError } from "../errors.ts";
import { isSurelyProxy } from "../_runtime/value_types.ts";

/** So many parts are looked at. */
const MOST_PARTS = 100_000;
/** A path shows no more than so many steps. */
const MOST_STEPS = 20;

const forEachEntry = Map.prototype.forEach;
const forEachMember = Set.prototype.forEach;

/** A part of a value, and how it was come to. */
interface Part {
  value: unknown;
  /** Such as `[1]` or `.onDone`. */
  step: string;
  from: Part | null;
}

/** What a value is, if it can't be cloned; `null` if that isn't why. */
function obstacle(value: unknown, shared: boolean): string | null {
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (typeof value !== "object" || value === null) return null;
  if (isSurelyProxy(value)) return "a proxy";
  if (value instanceof Promise) return "a promise";
  if (value instanceof WeakMap || value instanceof WeakSet) return "a weak collection";
  if (typeof WeakRef === "function" && value instanceof WeakRef) return "a weak reference";
  if (!shared) {
    if (typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer) {
      return "a SharedArrayBuffer, which processes can't share";
    }
    const name = platformName(value);
    if (name !== null) return `of the platform's class ${name}, which processes can't share`;
  }
  if (value instanceof ArrayBuffer && value.detached === true) return "a detached ArrayBuffer";
  return null;
}

/**
 * The class of an object that the platform has something of its own behind, such as `Blob`:
 * its prototype has a tag that is the name of a global class. An error is data enough.
 */
function platformName(value: object): string | null {
  for (let proto = Object.getPrototypeOf(value), n = 0; proto !== null && n < 8; n++) {
    const tag = Object.getOwnPropertyDescriptor(proto, Symbol.toStringTag);
    if (tag !== undefined) {
      const name = tag.value;
      // Of the language's own classes, all that have a tag were looked at or are no trouble.
      if (typeof name !== "string" || name in LANGUAGE || name === "DOMException") return null;
      const found = Object.getOwnPropertyDescriptor(globalThis, name)?.value;
      return typeof found === "function" && found.prototype === proto ? name : null;
    }
    proto = Object.getPrototypeOf(proto);
  }
  return null;
}

const LANGUAGE: Record<string, true> = {
  __proto__: null!,
  Map: true,
  Set: true,
  ArrayBuffer: true,
  DataView: true,
  BigInt: true,
};

/**
 * Searches `value` for the first part that can't be cloned.
 *
 * @param value What to look into.
 * @param path What the value is called.
 * @param shared Whether shared memory can be sent.
 * @returns Such as `args[1].onDone is a function`, or `null` if nothing was found.
 */
export function findUncloneable(value: unknown, path: string, shared = true): string | null {
  const seen: Set<unknown> = new Set();
  // The next one last: parts are looked at in their order, the deeper ones first.
  const rest: Part[] = [{ value, step: path, from: null }];
  let part: Part | undefined;
  while ((part = rest.pop()) !== undefined && seen.size < MOST_PARTS) {
    const { value } = part;
    try {
      const what = obstacle(value, shared);
      if (what !== null) return `${pathOf(part)} is ${what}`;
      if (typeof value !== "object" || value === null || seen.has(value)) continue;
      seen.add(value);
      addParts(value, part, rest);
    } catch {
      // A trap, where proxies can't be told from objects.
      return `${pathOf(part)} can't be read`;
    }
  }
  return null;
}

function addParts(value: object, from: Part, rest: Part[]): void {
  const first = rest.length;
  const add = (value: unknown, step: string): void => {
    if (isPart(value) && rest.length < MOST_PARTS) rest.push({ value, step, from });
  };
  if (value instanceof Map) {
    forEachEntry.call(value, (each, key) => {
      add(key, " key");
      add(each, `.get(${describe(key)})`);
    });
  } else if (value instanceof Set) {
    forEachMember.call(value, (each) => add(each, " member"));
  } else if (ArrayBuffer.isView(value)) {
    add(value.buffer, ".buffer");
  } else {
    for (const key in value) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      // What a getter gives is known by calling it only.
      if (property !== undefined && "value" in property) add(property.value, stepOf(value, key));
    }
  }
  // Pushed in their order, popped in it.
  for (let i = first, j = rest.length - 1; i < j; i++, j--) {
    [rest[i], rest[j]] = [rest[j]!, rest[i]!];
  }
}

function isPart(value: unknown): boolean {
  return (typeof value === "object" && value !== null) || typeof value === "function" ||
    typeof value === "symbol";
}

function stepOf(value: object, key: string): string {
  if (Array.isArray(value) && /^\d+$/.test(key)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}

function pathOf(part: Part): string {
  const steps: string[] = [];
  for (let at: Part | null = part; at !== null; at = at.from) steps.push(at.step);
  steps.reverse();
  if (steps.length > MOST_STEPS) steps.splice(MOST_STEPS / 2, steps.length - MOST_STEPS, " ... ");
  return steps.join("");
}

/**
 * The error for a value that can't be sent.
 *
 * @param what What the value is, such as `result of the job`.
 * @param path What it is called in the message.
 * @param cause What cloning it threw.
 */
export function serializationError(
  value: unknown,
  what: string,
  path: string,
  cause: unknown,
  shared = true,
): SerializationError {
  const why = findUncloneable(value, path, shared) ?? messageOf(cause);
  return new SerializationError(`Cannot send the ${what}: ${why}`, { cause });
}

/** The error for a value that came and couldn't be read. */
export function unreadable(what: string, cause: unknown): SerializationError {
  return new SerializationError(`Cannot read the ${what}: ${messageOf(cause)}`, { cause });
}

/** What an error says, or what was thrown instead of one. */
function messageOf(error: unknown): string {
  try {
    const message = error instanceof Error ? error.message : undefined;
    if (typeof message === "string") return message;
  } catch {
    // Its message is a getter of the user's.
  }
  return `${describe(error)} was thrown`;
}

/** An error by its name and message, or what was thrown instead of one. */
export function describeError(error: unknown): string {
  try {
    if (error instanceof Error && typeof error.name === "string") {
      return `${error.name}: ${messageOf(error)}`;
    }
  } catch {
    // A proxy, or a name that is a getter.
  }
  return describe(error);
}

/** A value in a few words, without asking it for any. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 60 ? value.slice(0, 60) + "..." : value);
    case "bigint":
      return `${value}n`;
    case "function":
      return "a function";
    case "object":
      break;
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
  if (value === null) return "null";
  try {
    return Array.isArray(value) ? "an array" : value instanceof Error ? "an error" : "an object";
  } catch {
    return "a proxy";
  }
}
