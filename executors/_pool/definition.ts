/** From a function to what a worker needs to have it. */

import { freeNames } from "./free_names.ts";
import type { Definition } from "../_wire/protocol.ts";
import { referenceOf } from "../worker_module.ts";

// deno-lint-ignore no-explicit-any -- functions of any shape
type AnyFunction = (...args: any[]) => any;

let nextId = 1;
const known: WeakMap<AnyFunction, Definition> = new WeakMap();

/** Sources that are function expressions: methods, accessors and classes aren't. */
const EXPRESSION = /^(?:async\s*)?(?:function\b|\(|[\w$\u0080-\uffff]+\s*=>)/;

/**
 * The definition of a function.
 *
 * @throws {TypeError} If it can't be sent: no function, native, a method, a class, or it
 * closes over something.
 */
export function define(fn: AnyFunction, closures = false): Definition {
  const found = known.get(fn);
  if (found !== undefined) return found;
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot submit ${describe(fn)}: a job must be a function`);
  }
  const reference = referenceOf(fn);
  const definition: Definition = reference !== undefined
    ? [nextId++, reference.url, reference.name, reference.name, false]
    : [nextId++, null, sourceOf(fn, closures), fn.name || "anonymous", false];
  if (!closures) known.set(fn, definition);
  return definition;
}

/** The same function over a list of argument lists, as one job. */
export function chunked(definition: Definition): Definition {
  return [nextId++, definition[1], definition[2], definition[3], true];
}

function sourceOf(fn: AnyFunction, closures: boolean): string {
  const source = Function.prototype.toString.call(fn);
  if (closures) return source;
  const label = fn.name ? `'${fn.name}'` : "the function";
  const remedy = `export it from a module and name that with workerModule()`;
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) {
    throw new TypeError(`Cannot submit ${label}: it is built in or bound, ${remedy}`);
  }
  if (/^class\b/.test(source)) {
    throw new TypeError(`Cannot submit ${label}: it is a class, submit a function that uses it`);
  }
  if (!EXPRESSION.test(source)) {
    throw new TypeError(
      `Cannot submit ${label}: it is a method and would arrive without its object, ${remedy}`,
    );
  }
  const free = freeNames(source);
  if (free.length > 0) {
    throw new TypeError(
      `Cannot submit ${label}: it closes over ${free.map((name) => `'${name}'`).join(", ")}, ` +
        `which no worker has; pass the value as an argument, or ${remedy}`,
    );
  }
  return source;
}

function describe(value: unknown): string {
  return value === null
    ? "null"
    : Array.isArray(value)
    ? "an array"
    : `a value of type ${typeof value}`;
}
