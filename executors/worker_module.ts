/**
 * Naming the functions of a module that workers are to run.
 *
 * @module
 */

import type { AnyFunction } from "./executor.ts";

/** The functions that a module exports, as {@linkcode workerModule} names them. */
export type WorkerModule<M> = {
  readonly [K in keyof M as M[K] extends AnyFunction ? K : never]: M[K];
};

/** Where a function is to be found. @internal */
export interface Reference {
  /** The module's URL. */
  readonly url: string;
  /** The export's name. */
  readonly name: string;
}

const references: WeakMap<AnyFunction, Reference> = new WeakMap();

/** What {@linkcode workerModule} knows of a function. @internal */
export function referenceOf(fn: unknown): Reference | undefined {
  return references.get(fn as AnyFunction);
}

/**
 * Names a module whose functions workers run. It isn't loaded here: what you get
 * has a property for each of its functions, to be handed to `submit` and `map`,
 * with the function's own types.
 *
 * Build the module as an entry of its own where you bundle, and name what comes
 * out. A worker only ever loads modules that were named like this.
 *
 * @typeParam M The module's type: `typeof import("./jobs.ts")`.
 * @param url The module's address: `new URL("./jobs.ts", import.meta.url)`.
 * @returns The module's functions, by name.
 * @throws {TypeError} If `url` isn't absolute.
 *
 * @example Usage
 * ```ts
 * import { ThreadPoolExecutor, workerModule } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * const url = "data:text/javascript,export const double = (n) => n * 2";
 * const jobs = workerModule<{ double(n: number): number }>(url);
 * await using pool = new ThreadPoolExecutor();
 *
 * assertEquals(await pool.submit(jobs.double, 21), 42);
 * ```
 */
export function workerModule<M extends object>(url: URL | string): WorkerModule<M> {
  if (!URL.canParse(String(url))) {
    throw new TypeError(
      `Cannot name a worker module as 'url' must be absolute, such as ` +
        `new URL("./jobs.ts", import.meta.url): current value is ${JSON.stringify(String(url))}`,
    );
  }
  const href = new URL(url).href;
  const stubs = new Map<string, AnyFunction>();
  return new Proxy(Object.freeze({ __proto__: null }), {
    get(_target, name) {
      // `then` would make the module look like a promise.
      if (typeof name === "symbol" || name === "then") return undefined;
      let stub = stubs.get(name);
      if (stub === undefined) stubs.set(name, stub = makeStub(href, name));
      return stub;
    },
  }) as unknown as WorkerModule<M>;
}

function makeStub(url: string, name: string): AnyFunction {
  const stub = (): never => {
    throw new TypeError(
      `Cannot call '${name}' here: it stands for a function of ${url}, submit it to a pool`,
    );
  };
  Object.defineProperty(stub, "name", { value: name });
  references.set(stub, { url, name });
  return stub;
}
