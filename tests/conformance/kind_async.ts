/** What differs with native async functions. @module */

/** A coroutine to be started later: an async function runs as soon as it is called. */
export function lazy<T>(call: () => T): () => T {
  return call;
}

/** Makes an awaitable fit for `await`. */
// deno-lint-ignore no-explicit-any
export function start(awaitable: any): any {
  return typeof awaitable === "function" ? awaitable() : awaitable;
}
