/**
 * What can be awaited, and what comes of it.
 *
 * @module
 */

import type { Coro, FutureLike } from "../loop/awaitable.ts";

/**
 * Whatever the functions of this module can wait for: a future or task, a coroutine
 * (generator or operation), a function that makes one, or a foreign promise.
 */
export type Awaitable<T> = FutureLike<T> | Coro<T> | PromiseLike<T>;

/**
 * The type of what comes of waiting for an `A`: what a future's result is, what a
 * coroutine returns, what a function's coroutine or promise gives.
 */
export type ResultOf<A> = A extends (...args: never[]) => infer R ? ResultOf<R>
  // deno-lint-ignore no-explicit-any
  : A extends Generator<any, infer T, any> ? T
  : Awaited<A>;

/** The types of what comes of waiting for each of a tuple or array. */
export type ResultsOf<A extends readonly unknown[]> = { -readonly [K in keyof A]: ResultOf<A[K]> };

/**
 * The body of a block: an async function or a generator function, called with what
 * the block gives.
 */
export type Body<A extends unknown[], T> = (
  ...args: A
) => Generator<unknown, T, unknown> | FutureLike<T> | PromiseLike<T>;
