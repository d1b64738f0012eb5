/**
 * Finds the runtime's `AsyncLocalStorage`, where it has one.
 *
 * It is asked for once, through `process.getBuiltinModule`, since an import of
 * `node:async_hooks` would fail to load in browsers.
 *
 * @module
 */

/** The part of `AsyncLocalStorage` that is used. */
export interface AsyncLocal<S> {
  /** Calls `fn` so that it, and all that it awaits, sees `store`. */
  run<R>(store: S, fn: () => R): R;
  /** The store of the code that runs now. */
  getStore(): S | undefined;
}

interface Globals {
  AsyncLocalStorage?: new () => AsyncLocal<never>;
  process?: {
    getBuiltinModule?(
      name: string,
    ): { AsyncLocalStorage?: new () => AsyncLocal<never> } | undefined;
  };
}

/** Makes a store that follows the code across awaits, or null where there is no such thing. */
export function findAsyncLocal<S>(): AsyncLocal<S> | null {
  const { process, AsyncLocalStorage } = globalThis as Globals;
  const Class = process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage ??
    AsyncLocalStorage;
  return Class ? new Class() as AsyncLocal<S> : null;
}
