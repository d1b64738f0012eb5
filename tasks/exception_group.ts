/**
 * Several errors as one.
 *
 * @module
 */

/** Which errors: a class, several, or a test. */
export type ErrorFilter =
  // deno-lint-ignore no-explicit-any
  | (abstract new (...args: any[]) => unknown)
  // deno-lint-ignore no-explicit-any
  | readonly (abstract new (...args: any[]) => unknown)[]
  | ((error: unknown) => boolean);

/**
 * Several unrelated errors that are thrown together, as by `taskGroup()`.
 *
 * An `AggregateError` that can be taken apart by kind. Groups may nest.
 *
 * Port of {@link https://docs.python.org/3/library/exceptions.html#ExceptionGroup | ExceptionGroup}.
 *
 * @example Usage
 * ```ts
 * import { ExceptionGroup } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const group = new ExceptionGroup("both", [new TypeError("a"), new RangeError("b")]);
 * const [types, rest] = group.split(TypeError);
 * assertEquals([types?.exceptions.length, rest?.exceptions.length], [1, 1]);
 * assertEquals(group.subgroup(SyntaxError), null);
 * ```
 */
export class ExceptionGroup extends AggregateError {
  /** Always `"ExceptionGroup"`. */
  override name = "ExceptionGroup";

  /**
   * Makes a group.
   *
   * @param message What they have in common.
   * @param exceptions The errors; at least one.
   * @param options `cause`.
   * @throws {RangeError} If there are none.
   */
  constructor(message: string, exceptions: Iterable<unknown>, options?: ErrorOptions) {
    super(exceptions, message, options);
    if (this.errors.length === 0) {
      throw new RangeError("Cannot make an ExceptionGroup of no errors: at least one is required");
    }
  }

  /** The errors: the same as `errors`, by Python's name. */
  get exceptions(): readonly unknown[] {
    return this.errors;
  }

  /** A group like this one, of other errors. Override it in a subclass. */
  derive(exceptions: Iterable<unknown>): ExceptionGroup {
    return new ExceptionGroup(this.message, exceptions);
  }

  /** Those of the errors that fit, nested as here; null if there are none. */
  subgroup(filter: ErrorFilter): ExceptionGroup | null {
    return this.split(filter)[0];
  }

  /** Those that fit and the rest, each nested as here, or null if there are none. */
  split(filter: ErrorFilter): [matching: ExceptionGroup | null, rest: ExceptionGroup | null] {
    const fits = toTest(filter);
    if (fits(this)) return [this, null];
    const matching: unknown[] = [];
    const rest: unknown[] = [];
    for (const error of this.errors) {
      if (error instanceof ExceptionGroup) {
        const [inside, outside] = error.split(filter);
        if (inside !== null) matching.push(inside);
        if (outside !== null) rest.push(outside);
      } else {
        (fits(error) ? matching : rest).push(error);
      }
    }
    return [this.#part(matching), this.#part(rest)];
  }

  #part(errors: unknown[]): ExceptionGroup | null {
    if (errors.length === 0) return null;
    const part = this.derive(errors);
    if (part.cause === undefined && this.cause !== undefined) part.cause = this.cause;
    if (this.stack !== undefined) part.stack = this.stack;
    return part;
  }
}

function toTest(filter: ErrorFilter): (error: unknown) => boolean {
  if (typeof filter !== "function") {
    const tests = filter.map(toTest);
    return (error) => tests.some((fits) => fits(error));
  }
  if (filter === Error || filter.prototype instanceof Error) {
    return (error) => error instanceof (filter as typeof Error);
  }
  return filter as (error: unknown) => boolean;
}
