/** What only the runtime can tell of a value. */

import { builtin, globals, runtime } from "./builtins.ts";

type Test = (value: unknown) => boolean;

/** The part of `node:util/types` that is used. */
interface ValueTypes {
  isProxy: Test;
  [name: string]: Test | undefined;
}

/** What can be taken for an empty object once its prototype was changed. */
const LOOK_EMPTY = ["isMap", "isSet", "isAnyArrayBuffer", "isPromise", "isWeakMap", "isWeakSet"];

/** On Deno it takes 15 ms to have, more than a cold start can spare: so many values go without. */
let patience = runtime === "deno" ? 8 : 0;
let types: ValueTypes | undefined;
let tests: Test[] = [];

/** Whether a value is a proxy, or may be one for all that is known here. */
export function isProxy(value: object): boolean {
  if (types !== undefined) return types.isProxy(value);
  return patience-- > 0 || load().isProxy(value);
}

/** Whether a value is known to be a proxy. */
export function isSurelyProxy(value: object): boolean {
  return load() !== UNKNOWN && types!.isProxy(value);
}

const UNKNOWN: ValueTypes = { isProxy: () => true };

function load(): ValueTypes {
  if (types !== undefined) return types;
  types = builtin<ValueTypes>("node:util/types") ?? UNKNOWN;
  tests = LOOK_EMPTY.flatMap((name) => types![name] ?? []);
  return types;
}

/** Whether an object without properties has nothing else inside. */
export function looksEmptyOnly(value: object): boolean {
  for (const test of tests) if (test(value)) return false;
  return true;
}

/** The platform's own classes of errors, by where they are found. */
export function platformErrors(): [name: string, errorClass: unknown][] {
  const found: [string, unknown][] = [];
  const add = (prefix: string, namespace: object | undefined): void => {
    for (const name of Object.getOwnPropertyNames(namespace ?? {})) {
      if (/^[A-Z]\w*$/.test(name)) {
        found.push([prefix + name, (namespace as Record<string, unknown>)[name]]);
      }
    }
  };
  add("Deno.errors.", globals.Deno?.errors);
  if (typeof WebAssembly === "object") {
    const { CompileError, LinkError, RuntimeError } = WebAssembly;
    add("WebAssembly.", { CompileError, LinkError, RuntimeError });
  }
  return found;
}
