/**
 * Names for what is shown in messages.
 *
 * @module
 */

/** Any function at all. */
type AnyFunction = (...args: never[]) => unknown;

/** A call in the body of a nameless arrow function: `() => fetchPage(url)`. */
const ARROW_CALL = /^(?:async\s*)?(?:\([^)]*\)|[\w$]+)\s*=>\s*(?:await\s+)?(?:[\w$]+\.)*([\w$]+)\(/;

/**
 * The name of a function; of a nameless arrow function that only calls another,
 * that one's name.
 */
export function functionName(fn: AnyFunction): string {
  if (fn.name) return fn.name.replace(/^bound /, "");
  return ARROW_CALL.exec(String(fn))?.[1] ?? "anonymous";
}

/** `name()`, as Python shows callbacks and coroutines. */
export function describeFunction(fn: AnyFunction): string {
  return `${functionName(fn)}()`;
}

/** A value as it is shown within a representation: strings in single quotes, as Python does. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return `[${value.map(describeValue).join(", ")}]`;
  if (value instanceof Error) return describeError(value);
  if (typeof value === "function") return `[Function ${functionName(value as AnyFunction)}]`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return String(value);
  return describeObject(value);
}

/** `TypeError('message')`. */
export function describeError(error: Error): string {
  return `${error.name}(${error.message ? quote(error.message) : ""})`;
}

function describeObject(value: object): string {
  let name: string | undefined;
  try {
    name = value.constructor?.name;
    if (value.toString !== Object.prototype.toString) return String(value);
    return (name && name !== "Object" ? `${name} ` : "") + JSON.stringify(value);
  } catch {
    // Circular, with a bigint, without a toString, a proxy whose traps throw …
    return `[object ${typeof name === "string" ? name : "Object"}]`;
  }
}

function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return text.includes("'") && !text.includes('"')
    ? `"${escaped}"`
    : `'${escaped.replaceAll("'", "\\'")}'`;
}

/** Makes the consoles of Deno, Node and Bun show what `toString` gives. */
export function inspectable(Class: { readonly prototype: object }): void {
  for (const key of ["Deno.customInspect", "nodejs.util.inspect.custom"]) {
    Object.defineProperty(Class.prototype, Symbol.for(key), {
      value(this: object) {
        return String(this);
      },
    });
  }
}
