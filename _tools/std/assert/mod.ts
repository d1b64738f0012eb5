/**
 * The part of `jsr:@std/assert` that the tests and the doc examples use, over
 * `node:assert`, so that they run offline on Deno, Bun and Node alike.
 *
 * Signatures and meaning are those of `jsr:@std/assert`; `deno task test:jsr`
 * runs the suite over the real one. Where the two differ, this one is stricter:
 * equality is that of `node:assert`'s `deepStrictEqual`, which tells `0` from `-0`.
 *
 * @module
 */

import { deepStrictEqual, notDeepStrictEqual, strictEqual } from "node:assert";
import { inspect, isDeepStrictEqual } from "node:util";

/** Any class, abstract ones included. */
// deno-lint-ignore no-explicit-any
export type AnyConstructor = abstract new (...args: any[]) => any;

/** A class of errors whose instances are `E`. */
// deno-lint-ignore no-explicit-any
export type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/** What `assertFalse` leaves possible. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** Thrown by an assertion that doesn't hold. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

function raise(what: string, msg: string | undefined): never {
  throw new AssertionError(msg === undefined ? what : `${what}: ${msg}`);
}

/** Runs an assertion of `node:assert`; its failure is thrown on as an error of ours. */
function delegate(assertion: () => void, msg: string | undefined): void {
  try {
    assertion();
  } catch (error) {
    raise((error as Error).message, msg);
  }
}

/** Tells whether two values are deeply equal. */
export function equal(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}

/** Asserts that `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Asserts that `expr` is falsy. */
export function assertFalse(expr: unknown, msg?: string): asserts expr is Falsy {
  if (expr) raise(`Expected a falsy value, got ${inspect(expr)}`, msg);
}

/** Asserts that two values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  delegate(() => deepStrictEqual(actual, expected), msg);
}

/** Asserts that two values are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  delegate(() => notDeepStrictEqual(actual, expected), msg);
}

/** Asserts that two values are the same, as `Object.is` tells. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  delegate(() => strictEqual(actual, expected), msg);
}

/** Asserts that two values are not the same, as `Object.is` tells. */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (Object.is(actual, expected)) raise(`Expected something else than ${inspect(actual)}`, msg);
}

/** Asserts that `actual` is neither `null` nor `undefined`. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) raise(`Expected a value, got ${actual}`, msg);
}

/** Asserts that `actual` is an instance of `expectedType`. */
export function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  raise(`Expected an instance of ${expectedType.name}, got ${inspect(actual)}`, msg);
}

/** Asserts that `actual` is no instance of `unexpectedType`. */
export function assertNotInstanceOf<A, T>(
  actual: A,
  // deno-lint-ignore no-explicit-any
  unexpectedType: abstract new (...args: any[]) => T,
  msg?: string,
): asserts actual is Exclude<A, T> {
  if (!(actual instanceof unexpectedType)) return;
  raise(`Expected no instance of ${unexpectedType.name}, got ${inspect(actual)}`, msg);
}

/** Asserts that `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) raise(`Expected ${inspect(actual)} to match ${expected}`, msg);
}

/** Asserts that `actual` doesn't match `expected`. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) raise(`Expected ${inspect(actual)} not to match ${expected}`, msg);
}

/** Asserts that `actual` contains the string `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (actual.includes(expected)) return;
  raise(`Expected ${inspect(actual)} to contain ${inspect(expected)}`, msg);
}

/** Asserts that `actual` has an element equal to each one of `expected`. */
export function assertArrayIncludes<T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
  msg?: string,
): void {
  const has = Array.from(actual);
  const missing = Array.from(expected).filter((wanted) => !has.some((item) => equal(item, wanted)));
  if (missing.length > 0) raise(`Expected ${inspect(has)} to include ${inspect(missing)}`, msg);
}

/** Asserts that `actual` has all that `expected` has, however deep; more is fine. */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  assertEquals(pick(actual, expected), pick(expected, expected), msg);
}

/** The part of `from` that `shape` names, as plain objects and arrays. */
function pick(from: unknown, shape: unknown): unknown {
  if (!isPlain(shape) || typeof from !== "object" || from === null) return from;
  const picked: Record<PropertyKey, unknown> = Array.isArray(from) ? [] as never : {};
  for (const key of Reflect.ownKeys(shape)) {
    if (key === "length" && Array.isArray(shape)) continue;
    if (key in from) {
      picked[key] = pick((from as Record<PropertyKey, unknown>)[key], shape[key]);
    }
  }
  return picked;
}

function isPlain(value: unknown): value is Record<PropertyKey, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/** Asserts that `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) raise(`Expected ${inspect(actual)} > ${inspect(expected)}`, msg);
}

/** Asserts that `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) raise(`Expected ${inspect(actual)} >= ${inspect(expected)}`, msg);
}

/** Asserts that `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) raise(`Expected ${inspect(actual)} < ${inspect(expected)}`, msg);
}

/** Asserts that `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) raise(`Expected ${inspect(actual)} <= ${inspect(expected)}`, msg);
}

/** Asserts that two numbers differ by at most `tolerance`, by default a ten-millionth. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance: number = Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7,
  msg?: string,
): void {
  if (Object.is(actual, expected) || Math.abs(expected - actual) <= tolerance) return;
  raise(`Expected ${actual} to be within ${tolerance} of ${expected}`, msg);
}

/** Asserts that `error` is an Error, of `ErrorClass`, with `msgIncludes` in its message. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: ErrorClass<E>,
  msgIncludes?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) raise(`Expected an Error, got ${inspect(error)}`, msg);
  if (ErrorClass !== undefined && !(error instanceof ErrorClass)) {
    raise(`Expected an error of class ${ErrorClass.name}, got ${inspect(error)}`, msg);
  }
  if (msgIncludes === undefined) return;
  const found = typeof msgIncludes === "string"
    ? error.message.includes(msgIncludes)
    : msgIncludes.test(error.message);
  if (found) return;
  raise(
    `Expected the error's message to include ${inspect(msgIncludes)}, ` +
      `got ${inspect(error.message)}`,
    msg,
  );
}

/** Asserts that `fn` throws, and returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that `fn` throws an error of `ErrorClass`, and returns it. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(fn: () => unknown, ...rest: unknown[]): unknown {
  const expected = readExpected(rest);
  try {
    fn();
  } catch (error) {
    checkExpected(error, expected);
    return error;
  }
  raise("Expected function to throw", expected.msg);
}

/** Asserts that the promise which `fn` returns rejects, and resolves to what with. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Asserts that the promise which `fn` returns rejects with an error of `ErrorClass`. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  ...rest: unknown[]
): Promise<unknown> {
  const expected = readExpected(rest);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    raise(`Function throws when expected to reject, with ${inspect(error)}`, expected.msg);
  }
  if (typeof promise?.then !== "function") {
    raise(`Function returns ${inspect(promise)} when expected to reject`, expected.msg);
  }
  try {
    await promise;
  } catch (error) {
    checkExpected(error, expected);
    return error;
  }
  raise("Expected function to reject", expected.msg);
}

interface Expected {
  errorClass?: ErrorClass<Error>;
  msgIncludes?: string | undefined;
  msg?: string | undefined;
}

/** Reads `(msg?)` or `(ErrorClass, msgIncludes?, msg?)`. */
function readExpected([first, msgIncludes, msg]: unknown[]): Expected {
  if (typeof first !== "function") return { msg: first as string | undefined };
  return {
    errorClass: first as unknown as ErrorClass<Error>,
    msgIncludes: msgIncludes as string | undefined,
    msg: msg as string | undefined,
  };
}

function checkExpected(error: unknown, { errorClass, msgIncludes, msg }: Expected): void {
  if (errorClass !== undefined) assertIsError(error, errorClass, msgIncludes, msg);
}

/** Fails. */
export function fail(msg?: string): never {
  raise("Failed assertion", msg);
}

/** Fails: says that this line can't be reached. */
export function unreachable(reason?: string): never {
  raise("Unreachable", reason);
}
