/**
 * Which values are plain data, and copies of those.
 *
 * Invariants: what is called plain comes back from JSON as structured clone would make it;
 * where that can't be known it isn't plain. A look at a value has a bound, in depth as in
 * parts, and calls nothing of it but getters, as structured clone does too, and once: what
 * they gave is in the copy, or in what `asRead()` gives where there is no copy.
 */

import { isProxy, looksEmptyOnly } from "../_runtime/value_types.ts";

/** What has more parts is cloned: looking at each would cost more than it saves. */
const MOST_PARTS = 1000;
/** What is deeper may be too deep for the stack of who reads it. */
const MOST_DEPTH = 64;
/** Of longer arrays of primitives structured clone is the quicker one. */
const LONG = 64;
/** Longer ones are huge: they aren't copied more often than they have to be. */
const TOO_LONG = 100_000;
/** A list of so many is quicker to search than a set. */
const FEW = 32;

const { getPrototypeOf, keys: keysOf, prototype: objectPrototype } = Object;
const { prototype: arrayPrototype, isArray } = Array;
const { isView } = ArrayBuffer;
const { toString } = objectPrototype;
const lookupGetter = (objectPrototype as unknown as {
  __lookupGetter__(key: PropertyKey): (() => unknown) | undefined;
}).__lookupGetter__;

// The state of one look: there is a million of them a second, one at a time.
let parts = 0;
/** What was looked at, and the copies of it so far. */
let originals: object[] = [];
let copies: (object | null)[] = [];
let many: Set<object> | null = null;
let isHuge = false;

/**
 * A copy of a value that is plain: a tree of plain objects, arrays, strings, finite
 * numbers, booleans and `null`.
 *
 * @param value An object.
 * @param again Whether it is sent together with those before: what they have in common
 * must stay in common, and such isn't plain.
 * @returns The copy, or `null` if the value isn't plain, or isn't known to be.
 */
export function copyPlain(value: object, again = false): object | null {
  if (!again) forget();
  parts = 0;
  return copy(value, 0);
}

/** Lets go of what was looked at. */
export function forget(): void {
  originals = [];
  copies = [];
  many = null;
  isHuge = false;
}

/** Whether something huge was met in what was looked at. */
export function metHuge(): boolean {
  return isHuge;
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

function copy(value: object, depth: number): object | null {
  // Twice the same object, or a circle: structured clone keeps that.
  if (isProxy(value) || wasSeen(value)) return null;
  if (++parts > MOST_PARTS || depth > MOST_DEPTH) return null;
  const prototype = getPrototypeOf(value);
  if (prototype === objectPrototype || prototype === null) return copyObject(value, depth);
  return prototype === arrayPrototype && isArray(value) ? copyArray(value, depth) : null;
}

function copyObject(value: object, depth: number): object | null {
  if (!isOrdinary(value)) return null;
  const fields: Record<string, unknown> = { ...value };
  copies[originals.length - 1] = fields;
  let isEmpty = true;
  for (const key in fields) {
    isEmpty = false;
    const part = fields[key];
    if (typeof part === "object" && part !== null) {
      const copied = copy(part, depth + 1);
      if (copied === null) return null;
      fields[key] = copied;
    } else if (!isExact(part) || ++parts > MOST_PARTS) return null;
  }
  return isEmpty && !looksEmptyOnly(value) ? null : fields;
}

function copyArray(value: unknown[], depth: number): object | null {
  const { length } = value;
  if (length > TOO_LONG) isHuge = true;
  if (length > LONG && (typeof value[0] !== "object" || value[0] === null)) return null;
  // More keys than items: it has properties of its own, as what `match()` gives. Fewer: holes.
  if ((parts += length) > MOST_PARTS || keysOf(value).length !== length) return null;
  const items: unknown[] = [];
  for (let i = 0; i < length; i++) items.push(value[i]);
  copies[originals.length - 1] = items;
  for (let i = 0; i < length; i++) {
    const item = items[i];
    if (typeof item === "object" && item !== null) {
      const copied = copy(item, depth + 1);
      if (copied === null) return null;
      items[i] = copied;
    } else if (!isExact(item)) return null;
  }
  return items;
}

function wasSeen(value: object): boolean {
  if (many === null ? originals.includes(value) : many.has(value)) return true;
  copies.push(null);
  if (originals.push(value) > FEW) many = (many ?? new Set(originals)).add(value);
  return false;
}

/** Whether it is no other's object with a changed prototype. A tag of its own might be a getter. */
function isOrdinary(value: object): boolean {
  return !(Symbol.toStringTag in value) && toString.call(value) === "[object Object]" &&
    !isView(value);
}

/**
 * A value that isn't plain, with what its getters gave when it was looked at: nothing
 * should call those again. Without getters it is the value itself.
 */
export function asRead(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !originals.some(hasGetter)) return value;
  const byOriginal: Map<unknown, object | null> = new Map();
  originals.forEach((each, i) => byOriginal.set(each, copies[i]!));
  for (const fields of copies) {
    if (fields === null) continue;
    for (const key of keysOf(fields)) {
      const part = (fields as Record<string, unknown>)[key];
      (fields as Record<string, unknown>)[key] = byOriginal.get(part) ?? part;
    }
  }
  return byOriginal.get(value) ?? value;
}

function hasGetter(value: object, i: number): boolean {
  return copies[i] !== null && keysOf(copies[i]!).some((key) => isGetter(value, key));
}

function isGetter(value: object, key: string): boolean {
  return lookupGetter.call(value, key) !== undefined;
}

/**
 * Whether who is sent these can surely read them: they aren't deep.
 *
 * @param values What structured clone made, so that nothing in it has code of the user's.
 */
export function areShallow(values: unknown[]): boolean {
  const seen: Set<object> = new Set();
  let room = MOST_PARTS;
  const isShallow = (value: unknown, depth: number): boolean => {
    if (typeof value !== "object" || value === null || seen.has(value)) return true;
    seen.add(value);
    if (--room < 0 || depth > MOST_DEPTH) return false;
    if (isView(value)) return true;
    if (isArray(value)) {
      return value.length < TOO_LONG && value.every((each) => isShallow(each, depth + 1));
    }
    if (value instanceof Map) {
      for (const [key, each] of value) {
        if (!isShallow(key, depth + 1) || !isShallow(each, depth + 1)) return false;
      }
    } else if (value instanceof Set) {
      for (const each of value) if (!isShallow(each, depth + 1)) return false;
    } else if (value instanceof Error && !isShallow(value.cause, depth + 1)) return false;
    for (const key of keysOf(value)) {
      if (!isShallow((value as Record<string, unknown>)[key], depth + 1)) return false;
    }
    return true;
  };
  return values.every((value) => isShallow(value, 0));
}
