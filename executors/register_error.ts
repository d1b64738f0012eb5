/**
 * Error classes that pools should know.
 *
 * @module
 */

import { addErrorClass } from "./_wire/error_codec.ts";

/**
 * Makes an error class of yours known, so that an error that a job throws comes
 * back as an instance of it. Built-in classes and those of this module are known
 * already; an error of an unknown class comes back as its nearest known parent,
 * with its name and properties.
 *
 * The class's constructor isn't called: what it set arrives as own properties.
 *
 * @param errorClass The class.
 * @param name What the class is called in the worker, where that differs: a
 * minifier may have renamed it.
 *
 * @example Usage
 * ```ts
 * import { InlineExecutor, registerError } from "@aio/asyncio/executors";
 *
 * class QuotaError extends Error {
 *   override name = "QuotaError";
 * }
 * registerError(QuotaError);
 * await using pool = new InlineExecutor();
 * ```
 */
export function registerError(
  // deno-lint-ignore no-explicit-any -- constructors of any shape
  errorClass: new (...args: any[]) => Error,
  name: string = errorClass.name,
): void {
  addErrorClass(errorClass, name);
}
