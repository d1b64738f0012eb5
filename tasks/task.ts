/**
 * Tasks: coroutines that run on a loop.
 *
 * @module
 */

import {
  activate,
  callWithin,
  type Context,
  contextOf,
  copyContext,
  currentValues,
  type Values,
} from "../loop/context.ts";
import { CancelledError, RuntimeError } from "../errors.ts";
import type { Coro, TaskLike, TaskOptions } from "../loop/awaitable.ts";
import {
  Coroutine,
  type Frame,
  isGenerator,
  isGeneratorFunction,
  NEW as NEW_COROUTINE,
} from "./coroutine.ts";
import { functionName } from "../loop/describe.ts";
import { noteFloating } from "./_floating.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { CANCELLED, FAILED, Future, PENDING, RESULT, type Settle } from "./future.ts";
import { getRunningLoop } from "../loop/running.ts";
import {
  cancelStrand,
  deliverPendingCancel,
  drive,
  goNative,
  NativeStrand,
  TaskAbort,
  waitFor,
  wake,
} from "./_strand.ts";
import { callSite } from "./_never_awaited.ts";
import { link, unlink } from "./_registry.ts";

/** Options of `new Task`. */
export interface TaskConstructorOptions extends TaskOptions {
  /** Its loop; the running one by default. */
  loop?: EventLoop;
}

const NEW = 0;
const RUNNING = 1;
const NATIVE = 2;

let made = 0;

/** In debug mode, where each task was made. */
const sources = new WeakMap<object, string>();

/**
 * A coroutine that runs on a loop, beside others. It is a future of the
 * coroutine's outcome.
 *
 * Made by `createTask()`, by a task group, and by whatever takes coroutines to run
 * them concurrently.
 *
 * Cancellation: `cancel()` has a `CancelledError` thrown at the await where the
 * coroutine waits, and aborts `signal`. The coroutine may clean up, and is expected
 * to let the error pass.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.Task | asyncio.Task}.
 *
 * @typeParam T The result's type.
 *
 * @example Usage
 * ```ts
 * import { CancelledError, createTask, run, sleep } from "@aio/asyncio";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await run(async () => {
 *   const task = createTask(() => sleep(1000), { name: "nap" });
 *   await sleep(1);
 *   task.cancel("enough");
 *   await assertRejects(() => Promise.resolve(task), CancelledError, "enough");
 *   assertEquals(task.cancelled(), true);
 * });
 * ```
 */
export class Task<T> extends Future<T> implements TaskLike<T> {
  /** @internal */
  _context: Context | Values;
  /** @internal */
  _frame: Frame | null = null;
  /** @internal */
  _below: Frame[] | null = null;
  /** @internal */
  _waiting: Future<unknown> | null = null;
  /** @internal */
  _inner: NativeStrand | null = null;
  /** @internal */
  _mustCancel = false;
  /** @internal */
  _abort: TaskAbort | null = null;
  /**
   * Its neighbours among the pending tasks of the loop.
   * @internal
   */
  _newer: Task<unknown> | null = null;
  /** @internal */
  _olderTask: Task<unknown> | null = null;
  // Not #private: see Future.
  private _coro: Coro<T>;
  private _name: string | number;
  private _phase: number = NEW;
  private _cancelRequests = 0;

  /**
   * Makes a task, to start in the next turn.
   *
   * @param coro A coroutine, or a function that makes one.
   * @param options Its loop, name and context, and whether to run its first step now.
   * @throws {TypeError} If `coro` is neither.
   * @throws {RuntimeError} If there is no running loop and none is given, or the coroutine was awaited already.
   */
  constructor(coro: Coro<T>, options: TaskConstructorOptions = {}) {
    super(options.loop === undefined ? { loop: getRunningLoop() } : options as { loop: EventLoop });
    this._coro = adopt(coro);
    const { name } = options;
    this._name = name === undefined || name === null ? ++made : String(name);
    this._context = options.context ?? currentValues();
    if (this._loop.getDebug()) sources.set(this, callSite());
    if (options.eagerStart === true && this._loop.isRunning()) {
      link(this);
      this._loop._baton.startEagerly(this, isGenerator(coro) || isGeneratorFunction(coro));
    } else {
      this._loop._push(this);
      link(this); // last, as a closed loop refuses it
    }
  }

  /** Its name: as given, else `Task-1`, `Task-2`, … */
  getName(): string {
    const name = this._name;
    return typeof name === "string" ? name : `Task-${name}`;
  }

  /** Renames it. */
  setName(name: string): void {
    this._name = String(name);
  }

  /** What it was made of. */
  getCoro(): Coro<T> {
    return this._coro;
  }

  /** The context that it runs in. */
  getContext(): Context {
    return contextOf(this);
  }

  /**
   * A signal that aborts when the task is cancelled, with the CancelledError as its
   * reason. Hand it to what takes one: `fetch(url, { signal: task.signal })`.
   *
   * Read it where you use it: a foreign promise that is awaited right after is taken
   * to obey it, and its rejection to be the cancellation. Anything else that is
   * foreign keeps the task until it settles, and the task is cancelled at its next
   * await of this module's. Once a cancellation is on its way the next read gives a
   * fresh signal, for the clean-up.
   */
  get signal(): AbortSignal {
    const abort = this._abort ??= new TaskAbort();
    abort.isTaken = true;
    if (this._mustCancel || this._state === CANCELLED) {
      abort.controller.abort(new CancelledError(this._cancelMessage));
    }
    return abort.controller.signal;
  }

  /**
   * Asks to cancel the task: its coroutine gets a CancelledError at its await.
   *
   * It is cancelled once the coroutine has let the error pass; it may also catch it.
   *
   * @param message The message of the CancelledError.
   * @returns False if it was done already.
   */
  override cancel(message?: string): boolean {
    if (this._state !== PENDING) {
      this._retrieved(); // as in Python: whoever cancels it knows of it
      return false;
    }
    this._cancelRequests++;
    this.#requestCancel(message);
    const abort = this._abort;
    if (abort !== null) {
      this._abort = null;
      abort.controller.abort(new CancelledError(message));
    }
    return true;
  }

  #requestCancel(message: string | undefined): void {
    if (this._phase !== NATIVE) return cancelStrand(this, message);
    if (this._inner === null) {
      // Its code runs, or awaits something foreign. If that was given the signal, the
      // abort is the cancellation, and there must not be a second one.
      const isAway = this._loop._baton.holder !== this;
      if (isAway && this._abort?.isTaken) return;
      this._mustCancel = true;
      this._cancelMessage = message;
    }
    const strands: NativeStrand[] = [];
    for (let strand = this._inner; strand !== null; strand = strand._older) strands.push(strand);
    for (const strand of strands.reverse()) cancelStrand(strand, message); // the oldest first
  }

  /** As of any future; of an eager task in its first step, it counts as called after that. */
  override addDoneCallback(
    callback: (future: this) => unknown,
    options?: { context?: Context },
  ): void {
    const context = options?.context ?? copyContext();
    const add = () => super.addDoneCallback(callback, { context });
    if (!this._loop._baton.afterFirstStep(this, add)) add();
  }

  /** How many requests to cancel it were made and not taken back. */
  cancelling(): number {
    return this._cancelRequests;
  }

  /**
   * Takes back one request to cancel it: for the code that made it.
   *
   * @returns How many are left. With the last one, a cancellation that is not delivered yet is dropped.
   */
  uncancel(): number {
    if (this._cancelRequests > 0 && --this._cancelRequests === 0) {
      this._mustCancel = false;
      for (let strand = this._inner; strand !== null; strand = strand._older) {
        strand._mustCancel = false;
      }
    }
    return this._cancelRequests;
  }

  /** Not for tasks: a task's result is that of its coroutine. @throws {RuntimeError} Always. */
  override setResult(_result: T): never {
    throw new RuntimeError(`Cannot set the result of ${this}: a task gets it from its coroutine`);
  }

  /** Not for tasks. @throws {RuntimeError} Always. */
  override setException(_exception: unknown): never {
    throw new RuntimeError(
      `Cannot set the exception of ${this}: a task gets it from its coroutine`,
    );
  }

  // As a scope and a strand

  /** @internal */
  get _task(): this {
    return this;
  }

  /** @internal */
  get _settles(): boolean {
    return false;
  }

  /** @internal */
  _run(): void {
    activate(this);
    if (this._phase === NEW) this.#start();
    else if (this._waiting === null && !this._mustCancel) drive(this, false, undefined);
    else wake(this);
  }

  /**
   * Runs the first step, inside of the call that made the task.
   * @internal
   */
  _begin(): void {
    const previous = activate(this);
    this.#start();
    activate(previous);
  }

  #start(): void {
    this._phase = RUNNING;
    const coro = this._coro;
    if (this._mustCancel) {
      this._mustCancel = false;
      if (coro instanceof Coroutine) coro.close();
      return this._fail(this._makeCancelledError());
    }
    if (typeof coro !== "function") {
      this._frame = coro as Frame;
      return drive(this, false, undefined);
    }
    let called: unknown;
    try {
      called = isGeneratorFunction(coro) ? coro() : callWithin(this, coro);
      this._frame = frameOf(called, coro);
    } catch (error) {
      return this._fail(error);
    }
    if (this._frame === null) goNative(this, called as PromiseLike<unknown>);
    else drive(this, false, undefined);
  }

  /** @internal */
  _succeed(value: unknown): void {
    if (this._mustCancel) {
      // Cancelled after its last wait: the result is lost, as in Python.
      this._mustCancel = false;
      super.cancel(this._cancelMessage);
    } else {
      this._finish(RESULT, value);
    }
    this.#end();
  }

  /** @internal */
  _fail(error: unknown): void {
    if (error instanceof CancelledError) {
      this._cancelMessage = undefined; // what asks by the message is told none, as in Python
      this._finish(CANCELLED, error);
    } else {
      this._finish(FAILED, error);
    }
    this.#end();
  }

  #end(): void {
    unlink(this);
    if (this._inner !== null) noteFloating(this);
    this._abort = null;
    this._loop._baton.handBack(this);
  }

  /** @internal */
  _suspended(): void {
    if (this._mustCancel) deliverPendingCancel(this);
    this._loop._baton.handBack(this);
  }

  /** @internal */
  _wentNative(isNative: boolean): void {
    this._phase = isNative ? NATIVE : RUNNING;
  }

  /**
   * Does its native code await something that is not ours?
   * @internal
   */
  _isAway(): boolean {
    return this._phase === NATIVE && this._inner === null && this._loop._baton.holder !== this;
  }

  /**
   * An `await` in its native code.
   * @internal
   */
  _awaitNative(
    awaitable: Future<unknown> | Coroutine<unknown>,
    onFulfilled: Settle | null | undefined,
    onRejected: Settle | null | undefined,
    // deno-lint-ignore no-explicit-any
  ): PromiseLike<any> {
    if (onFulfilled == null || onRejected == null) {
      // Called by hand, not by an await, which gives both.
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      this._awaitNative(awaitable, resolve, reject);
      return promise.then(onFulfilled, onRejected);
    }
    const strand = new NativeStrand(this, onFulfilled, onRejected);
    const baton = this._loop._baton;
    if (baton.isMaker(this)) this.#awaitLater(awaitable, strand);
    else this.#await(awaitable, strand);
    return strand as PromiseLike<unknown>;
  }

  /** Not in line: a closure in a hot function would cost each of its calls. */
  #awaitLater(awaitable: Future<unknown> | Coroutine<unknown>, strand: NativeStrand): void {
    this._loop._baton.hold(this, () => this.#await(awaitable, strand));
  }

  #await(awaitable: Future<unknown> | Coroutine<unknown>, strand: NativeStrand): void {
    const previous = activate(this);
    if (awaitable instanceof Future) this.#awaitFuture(awaitable, strand);
    else this.#awaitCoroutine(awaitable, strand);
    activate(previous);
  }

  #awaitFuture(future: Future<unknown>, strand: NativeStrand): void {
    if (future._state === RESULT) {
      strand._succeed(future._value);
    } else if (future._state !== PENDING) {
      strand._fail(future._takeError());
    } else {
      waitFor(strand, future);
      strand._suspended();
    }
  }

  #awaitCoroutine(coroutine: Coroutine<unknown>, strand: NativeStrand): void {
    if (coroutine._state !== NEW_COROUTINE) return strand._fail(coroutine._awaitedTwice());
    strand._frame = coroutine;
    drive(strand, false, undefined);
  }

  // Representation

  /** @internal */
  override _describe(): string[] {
    const words = super._describe();
    if (this._state === PENDING && this._cancelRequests > 0) words[1] = "cancelling";
    const more = [`name='${this.getName()}'`, `coro=<${describeCoro(this._coro)}>`];
    const waiting = this._waiting ?? this._inner?._waiting;
    if (waiting && this._state === PENDING) more.push(`wait_for=${describeShortly(waiting)}`);
    const source = sources.get(this);
    if (source !== undefined) more.push(`created at ${source}`);
    words.splice(2, 0, ...more);
    return words;
  }

  /** @internal */
  _describeWaiter(): string {
    return "Task.wakeup()";
  }
}

/** Frames of what a coroutine function gave; null for a promise. */
function frameOf(called: unknown, fn: (...args: never[]) => unknown): Frame | null {
  if (isGenerator(called)) return called as Frame;
  if (called instanceof Coroutine || called instanceof Future) return called[Symbol.iterator]();
  if (typeof (called as PromiseLike<unknown> | null)?.then === "function") return null;
  throw new TypeError(
    `Cannot run ${
      functionName(fn)
    }() as a coroutine: it must be an async function or a generator ` +
      `function, or give an awaitable: it gave ${String(called)}`,
  );
}

const ADOPTED = Symbol("adopted");

/** Checks that a task can be made of `coro`. */
function adopt<T>(coro: Coro<T>): Coro<T> {
  if (typeof coro === "function") return coro;
  if (coro instanceof Coroutine) {
    coro._checkNew();
    return coro;
  }
  if (isGenerator(coro)) {
    const generator = coro as { [ADOPTED]?: true };
    if (generator[ADOPTED]) {
      throw new RuntimeError("Cannot make a task of a generator: it was awaited already");
    }
    generator[ADOPTED] = true;
    return coro;
  }
  throw new TypeError(`Cannot make a task: ${explain(coro)}`);
}

function explain(coro: unknown): string {
  if (coro instanceof Future) return `a coroutine was expected, got ${coro}`;
  if (typeof (coro as PromiseLike<unknown> | null)?.then === "function") {
    return "a coroutine was expected, got a promise: its code is running already; " +
      "hand over the function that makes it: createTask(() => f())";
  }
  return `a coroutine or a function that makes one was expected, got ${String(coro)}`;
}

function describeCoro(coro: unknown): string {
  if (typeof coro === "function") return `${functionName(coro as () => unknown)}()`;
  return coro instanceof Coroutine ? `${coro.name}()` : "generator";
}

/** The representation of what a task waits for, without what that waits for in turn. */
function describeShortly(future: Future<unknown>): string {
  return future instanceof Task ? `<Task pending name='${future.getName()}'>` : String(future);
}
