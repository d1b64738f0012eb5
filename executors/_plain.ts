/**
 * What kind of value it is, as far as sending it goes.
 *
 * Invariants: looking at a value calls nothing of it: no getter, no trap, no `toJSON`, no
 * `toString`. The look has a bound, in depth as in parts. What is called plain comes back
 * from JSON as structured clone would make it; where that can't be known it isn't plain.
 */

import { isProxy, looksEmptyOnly } from "./_runtime/value_types.ts";

/** JSON keeps it: a tree of plain objects, arrays, strings, finite numbers, booleans, `null`. */
export const PLAIN = 0;
/** Whoever is sent it can read it: it isn't deep, and every part of it is known. */
export const SURE = 1;
/** Anything else: it may be impossible to send, or too deep to be read. */
export const UNSURE = 2;

/** What has more parts is cloned: looking at each would cost more than it saves. */
const MOST_PARTS = 1000;
/** What is deeper may be too deep for the stack of who reads it. */
const MOST_DEPTH = 64;
/** Of longer arrays of primitives structured clone is the quicker one. */
const LONG = 64;
/** Longer ones aren't looked at. */
const TOO_LONG = 100_000;

const { getPrototypeOf, keys: keysOf, prototype: objectPrototype } = Object;
const { prototype: arrayPrototype, isArray } = Array;
const { isView } = ArrayBuffer;
const { toString } = objectPrototype;
const lookupGetter = (objectPrototype as unknown as {
  __lookupGetter__(key: PropertyKey): (() => unknown) | undefined;
}).__lookupGetter__;

// The state of one look: there is a million of them a second, one at a time.
let parts = 0;
let exact = true;
let few: object[] = [];
let many: Set<object> | null = null;

/**
 * Looks at a value.
 *
 * @param value An object.
 * @param again Whether it is sent together with those that were looked at before: what
 * they have in common must stay in common.
 */
export function kindOf(value: object, again = false): typeof PLAIN | typeof SURE | typeof UNSURE {
  if (!again) {
    few = [];
    many = null;
  }
  parts = 0;
  exact = true;
  return !look(value, 0) ? UNSURE : exact ? PLAIN : SURE;
}

/** Lets go of what was looked at. */
export function forget(): void {
  few = [];
  many = null;
}

/** Whether all of these can surely be read when they are sent together. */
export function areSure(values: unknown[]): boolean {
  few = [];
  many = null;
  parts = 0;
  for (let i = 0; i < values.length; i++) if (!lookAtPart(values[i], 0)) return false;
  return true;
}

/** Whether a primitive is one that JSON keeps. Lone surrogates survive it. */
export function isExact(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return value - value === 0 && (value !== 0 || 1 / value > 0);
    default:
      return value === null;
  }
}

function wasSeen(value: object): boolean {
  if (many !== null) {
    if (many.has(value)) return true;
    many.add(value);
    return false;
  }
  if (few.includes(value)) return true;
  // A short list is quicker than a set.
  if (few.push(value) > 32) many = new Set(few);
  return false;
}

function lookAtPart(value: unknown, depth: number): boolean {
  if (typeof value === "object" && value !== null) return look(value, depth);
  if (!isExact(value)) {
    exact = false;
    return typeof value !== "function" && typeof value !== "symbol";
  }
  return true;
}

/** Whether what was seen can surely be read; clears `exact` where JSON wouldn't keep it. */
function look(value: object, depth: number): boolean {
  if (isProxy(value)) return false;
  // Twice the same object, or a circle: structured clone keeps that.
  if (wasSeen(value)) {
    exact = false;
    return true;
  }
  if (++parts > MOST_PARTS || depth > MOST_DEPTH) return false;
  const prototype = getPrototypeOf(value);
  if (prototype === objectPrototype || prototype === null) return lookAtObject(value, depth);
  if (prototype === arrayPrototype) return isArray(value) && lookAtArray(value, depth);
  exact = false;
  // These have no parts.
  if (isView(value) || prototype === ArrayBuffer.prototype) return true;
  return (prototype === Date.prototype && toString.call(value) === "[object Date]") ||
    (prototype === RegExp.prototype && toString.call(value) === "[object RegExp]");
}

function lookAtObject(value: object, depth: number): boolean {
  // It may be anything, with another's prototype. A tag of its own might be a getter.
  if (
    Symbol.toStringTag in value || toString.call(value) !== "[object Object]" || isView(value) ||
    "toJSON" in value
  ) return false;
  let isEmpty = true;
  for (const key in value) {
    isEmpty = false;
    if (lookupGetter.call(value, key) !== undefined) return false;
    const part = (value as Record<string, unknown>)[key];
    if (typeof part === "object" && part !== null) {
      if (!look(part, depth + 1)) return false;
    } else if (++parts > MOST_PARTS || !lookAtPart(part, depth)) return false;
  }
  return !isEmpty || looksEmptyOnly(value);
}

function lookAtArray(items: unknown[], depth: number): boolean {
  const { length } = items;
  if ("toJSON" in items || length > TOO_LONG) return false;
  if (length > LONG && (typeof items[0] !== "object" || items[0] === null)) {
    exact = false;
    for (let i = 0; i < length; i++) if (!lookAtPart(items[i], depth + 1)) return false;
    return true;
  }
  // More keys than items: it has properties of its own, as what `match()` gives. Fewer: holes.
  if (keysOf(items).length !== length) return false;
  if ((parts += length) > MOST_PARTS) return false;
  for (let i = 0; i < length; i++) {
    if (lookupGetter.call(items, i) !== undefined) return false;
    if (!lookAtPart(items[i], depth + 1)) return false;
  }
  return true;
}
