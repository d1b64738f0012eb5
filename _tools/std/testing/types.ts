/**
 * The part of `jsr:@std/testing/types` that the tests of types use.
 *
 * @example Usage
 * ```ts
 * import { assertType, type IsExact } from "@std/testing/types";
 *
 * const result = 1 as string | number;
 * assertType<IsExact<typeof result, string | number>>(true);
 * ```
 *
 * @module
 */

/** Asserts at type-check time that `T` is the literal type of `expected`. */
export function assertType<T extends boolean>(_expected: T): void {}

/** `true` if `T` and `U` are the very same type, written the same way (`A & B` is no `{ a; b }`). */
export type IsExact<T, U> = (<V>() => V extends T ? 1 : 2) extends (<V>() => V extends U ? 1 : 2)
  ? true
  : false;

/** `true` if `U` fits into `T`. */
export type Has<T, U> = IsAny<T> extends true ? true : U extends T ? true : false;

/** `true` if `U` doesn't fit into `T`. */
export type NotHas<T, U> = Has<T, U> extends true ? false : true;

/** `true` if `T` is `any`. */
export type IsAny<T> = 0 extends 1 & T ? true : false;

/** `true` if `T` is `never`. */
export type IsNever<T> = [T] extends [never] ? true : false;

/** `true` if `T` is `unknown`. */
export type IsUnknown<T> = IsAny<T> extends true ? false : unknown extends T ? true : false;

/** `true` if `T` is or includes `null`. */
export type IsNullable<T> = Extract<T, null | undefined> extends never ? false : true;
