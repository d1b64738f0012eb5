/**
 * What is running now: the loop, the task, and the context variables.
 *
 * Three kinds of code ask. Code that the loop calls synchronously (callbacks,
 * generators) finds the answer in `active`. Native async code runs in microtasks,
 * where nothing of ours is on the stack: it is told by `AsyncLocalStorage`, and
 * where there is none, by `holder`, the code that was handed the baton last.
 *
 * Invariants:
 * - `active` is restored in a `finally` by whoever sets it, whatever foreign code throws.
 * - Code that the loop calls runs in the surroundings in which its task or callback was made:
 *   other people's `AsyncLocalStorage`s hold there what they held then, and ours names no task,
 *   but the loop. So nothing that it starts is taken for the code of whoever made it.
 * - What belongs to nobody, as the ambient loop does, runs in the surroundings of the import.
 *
 * @module
 */

import { type AsyncLocal, findAsyncLocal } from "./_runtime/async_local.ts";
import { needsOwnLoopPerRequest } from "./_runtime/platform.ts";
import { RuntimeError } from "../errors.ts";

/** Who runs: each handle, task and loop is a scope. Fields are plain: they are read in the hot loop. */
export interface Scope {
  /** The loop it belongs to. */
  readonly _loop: object;
  /** The task, or null in a callback. */
  readonly _task: object | null;
  /** Its context variables: a context that others may share, or values of its own. */
  _context: Context | Values;
}

/** Values of context variables. A map never changes once it is shared: a copy is a pointer. */
export type Values = ReadonlyMap<ContextVar<unknown>, unknown>;

/** Something that the loop can run: a handle, a timer, a task's next step. */
export interface Runnable extends Scope {
  /** Runs it. Must not throw. */
  _run(): void;
  /**
   * Does `_run` at most settle a native promise? Such a one calls no user code before
   * the next microtask, and so may be run from anywhere.
   */
  readonly _settles: boolean;
}

const found: AsyncLocal<object> | null = findAsyncLocal();
const imported: unknown = found?.capture();
let local: AsyncLocal<object> | null = found;
let active: Scope | null = null;
let holder: Scope | null = null;

/** The scope of the code that runs now, or null outside of every loop. */
export function currentScope(): Scope | null {
  if (active !== null) return active;
  return local === null ? holder : (local.getStore() as Scope | undefined) ?? null;
}

/**
 * Whose code calls, if that is certain. Where only the baton tells, another request's handler may
 * have come in between.
 */
export function callerScope(): Scope | null {
  return local === null && active === null && needsOwnLoopPerRequest() ? null : currentScope();
}

/** Notes who is called synchronously from here on; gives back whom to restore. */
export function activate(scope: Scope | null): Scope | null {
  const previous = active;
  active = scope;
  return previous;
}

/** Is the code that runs now a callback or a generator, rather than native? */
export function isCalledByUs(): boolean {
  return active !== null;
}

/**
 * The surroundings of a task or callback that is made here for `loop`; `null` where there is no
 * `AsyncLocalStorage`.
 */
export function surroundings(loop: object): unknown {
  if (local === null) return null;
  const here = local.capture();
  return local.getStore() === loop ? here : withoutTask(local, here, loop);
}

/** The surroundings of a strand of native code, as they are. */
export function ownSurroundings(): unknown {
  return local === null ? null : local.capture();
}

/** Calls `fn(argument)` in the surroundings that it was made in. */
export function callAround<A, R>(made: unknown, fn: (argument: A) => R, argument: A): R {
  return made === null || found === null ? fn(argument) : found.within(made, fn, argument);
}

/** Calls `fn` for nobody: in the surroundings in which this module was imported. */
export function callForNobody<R>(fn: () => R): R {
  return found === null ? fn() : found.within(imported, fn, undefined);
}

/** For surroundings in which our store names a task, or nothing, those in which it names a loop. */
const purged = new WeakMap<object, { loop: object; surroundings: unknown }>();
/** Stands for the surroundings where nobody has stored anything. */
const NOTHING_AROUND: object = {};

function withoutTask(local: AsyncLocal<object>, here: unknown, loop: object): unknown {
  if (!local.areComparable) return local.run(loop, local.capture, undefined);
  const key = here as object | undefined ?? NOTHING_AROUND;
  const known = purged.get(key);
  if (known !== undefined && known.loop === loop) return known.surroundings;
  const surroundings = local.run(loop, local.capture, undefined);
  purged.set(key, { loop, surroundings });
  return surroundings;
}

/** Loops that wait for the baton of another. */
let waiting: (() => void)[] = [];

/** Notes to whom native code that runs from here on belongs, where nothing else tells. */
export function setHolder(scope: Scope | null): void {
  holder = scope;
  if (scope !== null || waiting.length === 0) return;
  const loops = waiting;
  waiting = [];
  for (const goOn of loops) goOn();
}

/** Native code of a task goes on as that of another scope in it, if that task's code runs. */
export function passHolder(scope: Scope): void {
  if (holder !== null && holder._task === scope._task) holder = scope;
}

/** A loop goes on: where nothing else tells, whose native code runs is what its baton says. */
export function noteHolder(scope: Scope | null): void {
  if (local === null && holder !== scope) setHolder(scope);
}

/**
 * Where only the baton tells whose code runs, there is one for all loops: resolves when native code
 * of another loop has handed it back, `null` if there is nothing to wait for.
 */
export function othersHandBack(loop: object): Promise<void> | null {
  if (local !== null || holder === null || holder._loop === loop) return null;
  return new Promise((resolve) => waiting.push(resolve));
}

/** Forgets to whom native code belongs, if to `loop`: it runs no more. */
export function dropHolder(loop: object): void {
  if (holder !== null && holder._loop === loop) setHolder(null);
}

/**
 * Calls `fn(argument)` as native code of `scope`: what it awaits is known to belong there. That
 * it is called synchronously to begin with is no different from what it does later.
 */
export function callWithin<A, R>(scope: Scope, fn: (argument: A) => R, argument: A): R {
  const previous = active;
  const previousHolder = holder;
  active = null;
  holder = scope;
  try {
    return local === null || local.getStore() === scope
      ? fn(argument)
      : local.run(scope, fn, argument);
  } finally {
    active = previous;
    holder = previousHolder;
  }
}

/** Is there an `AsyncLocalStorage`, and is it used? */
export function usesAsyncLocal(): boolean {
  return local !== null;
}

/**
 * Turns the use of `AsyncLocalStorage` off, or on again where the runtime has it;
 * for tests that want to see a program as a browser would run it.
 *
 * @returns Whether it was on before.
 */
export function useAsyncLocalStorage(on: boolean): boolean {
  const before = local !== null;
  local = on ? found : null;
  return before;
}

/**
 * A set of values of context variables.
 *
 * Each task and each callback runs in one: a copy of the one that was current when
 * it was made, unless it was given another.
 *
 * Port of {@link https://docs.python.org/3/library/contextvars.html#contextvars.Context | contextvars.Context}.
 *
 * @example Usage
 * ```ts
 * import { ContextVar, copyContext } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const user = new ContextVar("user", { default: "nobody" });
 * const context = copyContext();
 * context.run(() => user.set("ada"));
 * assertEquals(user.get(), "nobody");
 * assertEquals(context.get(user), "ada");
 * ```
 */
export class Context {
  /** @internal */
  _values: Values;

  /** Makes an empty context. */
  constructor() {
    this._values = NO_VALUES;
  }

  /**
   * Calls `fn` with this as the current context; what it sets stays in here.
   *
   * @param fn A synchronous function.
   * @param args Its arguments.
   * @returns What `fn` returns.
   */
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
    const scope = currentScope();
    const previous = activate({
      _loop: scope?._loop ?? NO_LOOP,
      _task: scope?._task ?? null,
      _context: this,
    });
    try {
      return fn(...args);
    } finally {
      activate(previous);
    }
  }

  /** A copy, which changes on its own from then on. */
  copy(): Context {
    const copy = new Context();
    copy._values = this._values;
    return copy;
  }

  /** The value of `variable` in this context, or `undefined` if it has none here. */
  get<T>(variable: ContextVar<T>): T | undefined {
    return this._values.get(variable as ContextVar<unknown>) as T | undefined;
  }

  /** Has `variable` been set in this context? */
  has(variable: ContextVar<unknown>): boolean {
    return this._values.has(variable);
  }
}

const NO_VALUES: ReadonlyMap<never, never> = new Map<never, never>();
/** Stands for the loop in a scope that was made outside of every loop. */
const NO_LOOP: object = {};
const root = new Context();

/** What holds the values of the code that runs now. */
function currentHolder(): Context | Scope {
  const scope = currentScope();
  if (scope === null) return root;
  if (scope._context instanceof Context) return scope._context;
  return scope._task as Scope | null ?? scope; // a task's code is in several scopes
}

/** The values of the code that runs now: what a callback or task that is made here starts with. */
export function currentValues(): Values {
  const context = currentScope()?._context ?? root;
  return context instanceof Context ? context._values : context;
}

function valuesOf(holder: Context | Scope): Values {
  return holder instanceof Context ? holder._values : holder._context as Values;
}

function replaceValues(holder: Context | Scope, values: Values): void {
  if (holder instanceof Context) holder._values = values;
  else holder._context = values;
}

/**
 * The context of a scope, as an object that can be handed out.
 * @internal
 */
export function contextOf(scope: Scope): Context {
  if (scope._context instanceof Context) return scope._context;
  const context = new Context();
  context._values = scope._context;
  scope._context = context;
  return context;
}

/**
 * Copies the current context.
 *
 * Port of {@link https://docs.python.org/3/library/contextvars.html#contextvars.copy_context | contextvars.copy_context}.
 *
 * @example Usage
 * ```ts
 * import { copyContext } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(copyContext().run((a: number) => a + 1, 1), 2);
 * ```
 */
export function copyContext(): Context {
  const context = new Context();
  context._values = currentValues();
  return context;
}

/** What `ContextVar.set` gives, to undo it with `reset`. */
export class Token<T> {
  /** The variable that was set. */
  readonly variable: ContextVar<T>;
  /** Its value before, or `undefined` if there was none. */
  readonly oldValue: T | undefined;
  /**
   * Where it was set; null once it was used.
   * @internal
   */
  _holder: Context | Scope | null;
  /** @internal */
  readonly _before: Values;

  /**
   * Made by `ContextVar.set`.
   * @internal
   */
  constructor(variable: ContextVar<T>, holder: Context | Scope, before: Values) {
    this.variable = variable;
    this._holder = holder;
    this._before = before;
    this.oldValue = before.get(variable as ContextVar<unknown>) as T | undefined;
  }
}

/**
 * A variable with a value of its own in each context, and so in each task.
 *
 * Port of {@link https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar | contextvars.ContextVar}.
 *
 * @typeParam T The value's type.
 *
 * @example Usage
 * ```ts
 * import { ContextVar, gather, run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const request = new ContextVar<number>("request");
 * async function handle(id: number) {
 *   request.set(id);
 *   await sleep(1);
 *   return request.get();
 * }
 * assertEquals(await run(() => gather([() => handle(1), () => handle(2)])), [1, 2]);
 * ```
 */
export class ContextVar<T> {
  /** The variable's name, for messages. */
  readonly name: string;
  readonly #default: T | undefined;
  readonly #hasDefault: boolean;

  /**
   * Makes a variable: once, at the top of a module.
   *
   * @param name Its name, for messages.
   * @param options `default`: what `get` gives where no value was set.
   */
  constructor(name: string, options: { default?: T } = {}) {
    this.name = name;
    this.#default = options.default;
    this.#hasDefault = "default" in options;
  }

  /**
   * The value in the current context; else `fallback`, else the variable's default.
   *
   * @throws {RuntimeError} If there is none of these (`LookupError` in Python).
   */
  get(...fallback: [] | [T]): T {
    const values = currentValues();
    const value = values.get(this as ContextVar<unknown>);
    if (value !== undefined || values.has(this as ContextVar<unknown>)) return value as T;
    if (fallback.length > 0) return fallback[0] as T;
    if (this.#hasDefault) return this.#default as T;
    throw new RuntimeError(
      `Cannot get ContextVar '${this.name}': it has no value in this context and no default`,
    );
  }

  /** Sets the value in the current context. The token undoes it. */
  set(value: T): Token<T> {
    const holder = currentHolder();
    const before = valuesOf(holder);
    replaceValues(holder, new Map(before).set(this as ContextVar<unknown>, value));
    return new Token(this, holder, before);
  }

  /**
   * Restores what was there before the `set` that gave `token`.
   *
   * @throws {RuntimeError} If the token was used before.
   * @throws {RangeError} If it is of another variable or another context.
   */
  reset(token: Token<T>): void {
    if (token._holder === null) {
      throw new RuntimeError(`Cannot reset ContextVar '${this.name}': the token was used before`);
    }
    const holder = currentHolder();
    if (token.variable !== this || token._holder !== holder) {
      throw new RangeError(
        `Cannot reset ContextVar '${this.name}': the token is of another variable or context`,
      );
    }
    const values = new Map(valuesOf(holder));
    if (token._before.has(this as ContextVar<unknown>)) {
      values.set(this as ContextVar<unknown>, token.oldValue);
    } else values.delete(this as ContextVar<unknown>);
    replaceValues(holder, values);
    token._holder = null;
  }
}
