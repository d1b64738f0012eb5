/** What differs with generators. @module */

/** A coroutine to be started later: a generator does nothing before its first `next`. */
export function lazy<T>(call: () => T): T {
  return call();
}

/** Makes an awaitable fit for `yield*`. */
export function start<T>(awaitable: T): T {
  return awaitable;
}
