/** Finding what structured clone can't take, to name it. */

import { SerializationError } from "./errors.ts";

/** What a value is, if it can't be cloned; `null` if that isn't why. */
function obstacle(value: unknown, shared: boolean): string | null {
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (typeof value !== "object" || value === null) return null;
  if (value instanceof Promise) return "a promise";
  if (value instanceof WeakMap || value instanceof WeakSet) return "a weak collection";
  if (typeof WeakRef === "function" && value instanceof WeakRef) return "a weak reference";
  if (
    !shared && typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer
  ) {
    return "a SharedArrayBuffer, which processes can't share";
  }
  if (value instanceof ArrayBuffer && value.detached === true) return "a detached ArrayBuffer";
  return null;
}

/**
 * Walks `value` for the first part that can't be cloned.
 *
 * @param value What to look into.
 * @param path What the value is called.
 * @param shared Whether shared memory can be sent.
 * @returns Such as `args[1].onDone is a function`, or `null` if nothing was found.
 */
export function findUncloneable(
  value: unknown,
  path: string,
  shared = true,
  seen: Set<unknown> = new Set(),
): string | null {
  const what = obstacle(value, shared);
  if (what !== null) return `${path} is ${what}`;
  if (typeof value !== "object" || value === null || seen.has(value)) return null;
  seen.add(value);
  if (value instanceof Map) {
    for (const [key, each] of value) {
      const found = findUncloneable(key, `${path} key`, shared, seen) ??
        findUncloneable(each, `${path}.get(${keyText(key)})`, shared, seen);
      if (found !== null) return found;
    }
    return null;
  }
  if (value instanceof Set) {
    for (const each of value) {
      const found = findUncloneable(each, `${path} member`, shared, seen);
      if (found !== null) return found;
    }
    return null;
  }
  if (ArrayBuffer.isView(value)) {
    return findUncloneable(value.buffer, `${path}.buffer`, shared, seen);
  }
  for (const key of Object.keys(value)) {
    let each: unknown;
    try {
      each = (value as Record<string, unknown>)[key];
    } catch {
      return `${path}.${key} can't be read`;
    }
    const step = Array.isArray(value)
      ? `[${key}]`
      : /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
      ? `.${key}`
      : `[${JSON.stringify(key)}]`;
    const found = findUncloneable(each, path + step, shared, seen);
    if (found !== null) return found;
  }
  return null;
}

/** Whether a value can be sent. */
export function isCloneable(value: unknown, shared = true): boolean {
  try {
    structuredClone(value);
    return findUncloneable(value, "", shared) === null;
  } catch {
    return false;
  }
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
  const found = findUncloneable(value, path, shared) ?? String((cause as Error)?.message ?? cause);
  return new SerializationError(`Cannot send the ${what}: ${found}`, { cause });
}

function keyText(key: unknown): string {
  return typeof key === "string" ? JSON.stringify(key) : String(key);
}
