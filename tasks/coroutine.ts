/**
 * Coroutines: what a task runs, and what can be awaited inside of one.
 *
 * @module
 */

import { currentScope } from "../loop/context.ts";
import type { CoroutineLike } from "../loop/awaitable.ts";
import { functionName, inspectable } from "../loop/describe.ts";
import { getEventLoop } from "../loop/running.ts";
import type { NativeAwaiter, Settle } from "./future.ts";
import { RuntimeError } from "../errors.ts";
import { stopTracking, trackAwaiting } from "./_never_awaited.ts";
import { wasEverDebugged } from "../loop/debug.ts";

/** Something that a task runs step by step: a generator, or an operation of ours. */
export interface Frame {
  /** Goes on with what was awaited. */
  next(value?: unknown): IteratorResult<unknown, unknown>;
  /** Goes on with an error at the await. */
  throw?(error: unknown): IteratorResult<unknown, unknown>;
}

/** The state of a coroutine that was not started. */
export const NEW = 0;
const STARTED = 1;
/** A task was made of it, which will start it. */
const RESERVED = 2;

/**
 * An operation that starts when it is awaited: `await sleep(5)` in an async
 * function, `yield* sleep(5)` in a generator. It can be awaited once.
 *
 * The operations of this module give one, and so do functions made by `coroutine()`.
 * It is its own iterator. Its generator is started by the first `next()`, and if
 * that has to wait, is handed to the task, which resumes it directly: so a chain of
 * coroutines costs the same at any depth.
 *
 * Port of Python's {@link https://docs.python.org/3/glossary.html#term-coroutine | coroutine objects}.
 *
 * @typeParam T The result's type.
 *
 * @example Usage
 * ```ts
 * import { Coroutine, run, sleep } from "@aio/asyncio";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const nap = sleep(1, "rested");
 * assert(nap instanceof Coroutine);
 * assertEquals(await run(nap), "rested");
 * ```
 */
export abstract class Coroutine<T> implements PromiseLike<T>, Iterator<unknown, T, unknown> {
  // One is made for each operation: a single plain field, the rest is the subclasses'.

  /** @internal */
  _state: number = NEW;

  /** @internal */
  constructor(name: string) {
    if (wasEverDebugged()) trackAwaiting(this, name);
  }

  /** The function's name. */
  abstract get name(): string;

  /**
   * Starts it: runs until the first wait, as far as that needs no task.
   * @internal
   */
  abstract _start(): IteratorResult<unknown, T>;

  /** What `yield* coroutine` calls. */
  [Symbol.iterator](): this {
    this._checkNew();
    return this;
  }

  /** What `await coroutine` calls. Outside of every task, makes one for it. */
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    const scope = currentScope();
    const task = scope?._task as NativeAwaiter | null | undefined;
    if (task) return task._awaitNative(scope!, this, onFulfilled as Settle, onRejected as Settle);
    return getEventLoop().createTask<T>(this).then(onFulfilled, onRejected);
  }

  /** Starts it, or gives the result that the task got from running it. */
  next(value?: unknown): IteratorResult<unknown, T> {
    if (this._state !== NEW) return { done: true, value: value as T };
    this.close();
    return this._start();
  }

  /** Ends it with an error. */
  throw(error: unknown): IteratorResult<unknown, T> {
    this.close();
    throw error;
  }

  /** Marks it as awaited: it will not start any more. */
  close(): void {
    this._state = STARTED;
    this._opened();
  }

  /**
   * In debug mode, notes that it has yet to be awaited.
   * @internal
   */
  _track(): void {
    trackAwaiting(this, this.name);
  }

  /**
   * It was awaited: there is nothing to report.
   * @internal
   */
  _opened(): void {
    if (wasEverDebugged()) stopTracking(this);
  }

  /** `<coroutine sleep()>`. */
  toString(): string {
    return `<coroutine ${this.name}()>`;
  }

  /**
   * A task is made of it: nobody else can have it. Gives false if another task has it.
   * @internal
   */
  _reserve(): boolean {
    if (this._state === RESERVED) return false;
    this._checkNew();
    this._state = RESERVED;
    return true;
  }

  /**
   * The task that it was reserved for starts it.
   * @internal
   */
  _release(): void {
    this._state = NEW;
  }

  /** @internal */
  _checkNew(): void {
    if (this._state !== NEW) throw this._awaitedTwice();
  }

  /** @internal */
  _awaitedTwice(): RuntimeError {
    return new RuntimeError(
      `Cannot await ${this}: it was awaited already; make a new one, or a task to await twice`,
    );
  }
}

inspectable(Coroutine);

/**
 * Makes a plain class one of coroutines, without `extends`: V8 doesn't inline the
 * construction of a derived class, which costs an operation that needn't wait a fifth of
 * its time (`deno task bench:core --case=switch`). Such a class declares `_state`, calls
 * `_track` if `wasEverDebugged()`, and merges with an interface for the compiler.
 */
export function deriveFromCoroutine(Class: { readonly prototype: object }): void {
  Object.setPrototypeOf(Class.prototype, Coroutine.prototype);
}

/** A coroutine that is the call of a generator function. */
export class GeneratorCoroutine<T> extends Coroutine<T> {
  readonly _name: string;
  /** The call; once it waits, its generator, for the task to resume. */
  _frame: (() => Generator<unknown, T, unknown>) | Frame | null;
  /** Once it waits: what its generator yielded first. */
  _yielded: unknown = undefined;

  constructor(name: string, call: () => Generator<unknown, T, unknown>) {
    super(name);
    this._name = name;
    this._frame = call;
  }

  override get name(): string {
    return this._name;
  }

  override _start(): IteratorResult<unknown, T> {
    const frame = (this._frame as () => Generator<unknown, T, unknown>)();
    this._frame = null;
    const result = frame.next();
    if (result.done) return result;
    this._frame = frame;
    this._yielded = result.value;
    return { done: false, value: this };
  }
}

/**
 * Makes a coroutine of the call of a generator function.
 * @internal
 */
export function fromGenerator<T>(
  name: string,
  call: () => Generator<unknown, T, unknown>,
): Coroutine<T> {
  return new GeneratorCoroutine(name, call);
}

const marked = new WeakSet<object>();

/**
 * Makes a generator function whose calls can also be awaited natively, and whose
 * depth costs nothing: a chain of `yield*` through such calls is resumed at its
 * innermost end.
 *
 * @param fn A generator function.
 * @returns A function with the same parameters that gives a {@link Coroutine}.
 * @throws {TypeError} If `fn` is no generator function.
 *
 * @example Usage
 * ```ts
 * import { coroutine, run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const double = coroutine(function* (n: number) {
 *   yield* sleep(1);
 *   return n * 2;
 * });
 * const a = await run(async () => await double(2));
 * const b = await run(function* () {
 *   return yield* double(3);
 * });
 * assertEquals([a, b], [4, 6]);
 * ```
 */
export function coroutine<A extends unknown[], T>(
  // deno-lint-ignore no-explicit-any
  fn: (...args: A) => Generator<any, T, any>,
): (...args: A) => Coroutine<T> {
  if (!isGeneratorFunction(fn)) {
    throw new TypeError(
      `Cannot make a coroutine function as 'fn' must be a generator function: ` +
        `current value is ${String(fn).slice(0, 60)}`,
    );
  }
  const name = functionName(fn);
  function call(this: unknown, ...args: A): Coroutine<T> {
    return new GeneratorCoroutine(name, () => fn.apply(this, args));
  }
  Object.defineProperty(call, "name", { value: name });
  Object.defineProperty(call, "length", { value: fn.length });
  marked.add(call);
  return call;
}

/**
 * Is `value` a coroutine: a generator, or an operation of this module?
 *
 * A promise isn't one: it is the outcome of code that runs already.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.iscoroutine | asyncio.iscoroutine}.
 *
 * @example Usage
 * ```ts
 * import { isCoroutine, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([sleep(1), (function* () {})(), Promise.resolve()].map(isCoroutine), [true, true, false]);
 * ```
 */
export function isCoroutine(value: unknown): value is CoroutineLike<unknown> {
  return value instanceof Coroutine || isGenerator(value);
}

/**
 * Is `value` a coroutine function: an async function, a generator function, or one
 * made by `coroutine()`?
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.iscoroutinefunction | asyncio.iscoroutinefunction}.
 *
 * @example Usage
 * ```ts
 * import { isCoroutineFunction } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([async () => {}, function* () {}, () => {}].map(isCoroutineFunction), [true, true, false]);
 * ```
 */
export function isCoroutineFunction(value: unknown): boolean {
  return typeof value === "function" &&
    (marked.has(value) || isGeneratorFunction(value) || value instanceof AsyncFunction);
}

const GeneratorFunction = (function* () {}).constructor;
const AsyncFunction = (async () => {}).constructor;

/** Is `value` a generator object, or one that can stand for it? */
export function isGenerator(value: unknown): value is Generator<unknown, unknown, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const { [Symbol.toStringTag]: tag } = value as { [Symbol.toStringTag]?: unknown };
  return tag === "Generator" || (tag === undefined && stepsLikeOne(value));
}

function stepsLikeOne(value: object): boolean {
  const { next, throw: fail, return: end } = value as Partial<Generator>;
  return typeof next === "function" && typeof fail === "function" && typeof end === "function" &&
    !(Symbol.asyncIterator in value) && !(value instanceof Coroutine);
}

/** Is `value` a generator function? */
export function isGeneratorFunction(value: unknown): boolean {
  return value instanceof GeneratorFunction;
}
