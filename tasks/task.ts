/**
 * Tasks: coroutines that run on a loop.
 *
 * @module
 */

import {
  activate,
  callAround,
  callWithin,
  type Context,
  contextOf,
  copyContext,
  currentScope,
  currentValues,
  ownSurroundings,
  type Scope,
  surroundings,
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
import { describeValue, functionName } from "../loop/describe.ts";
import { noteFloating } from "./_floating.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { CANCELLED, FAILED, Future, PENDING, RESULT, type Settle } from "./future.ts";
import { getRunningLoop } from "../loop/running.ts";
import { Abort, NativeCode, type Strand } from "./_native_code.ts";
import { callSite } from "./_never_awaited.ts";
import {
  type CancelWork,
  deliverPendingCancel,
  request,
  requestCancel,
  requestsFor,
  takeBackCancel,
} from "./_cancel.ts";
import { codeOf, codeOfSignal, currentStrand, NativeStrand, ownCode } from "./_native_strand.ts";
import { drive, goNative, waitFor, wake } from "./_strand.ts";
import { link, unlink } from "./_registry.ts";
import { noteLastEnd, noteOutcome } from "./_abandoned.ts";
import { promiseOf } from "./_adopt.ts";

/** Options of `new Task`. */
export interface TaskConstructorOptions extends TaskOptions {
  /** Its loop; the running one by default. */
  loop?: EventLoop;
}

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
  _body: NativeCode | null = null;
  /** @internal */
  _mustCancel = false;
  /**
   * How many requests to cancel it, rather than a block in it, were made and not taken back.
   * @internal
   */
  _cancelRequests = 0;
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
  private _isNew = true;
  /** Those that its generators run in. */
  private _surroundings: unknown;

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
    this._surroundings = isPlainFunction(coro) ? ownSurroundings() : surroundings(this._loop);
    if (this._loop.getDebug()) sources.set(this, callSite());
    if (options.eagerStart !== true || !this.#startEagerly()) {
      this._loop._push(this);
      link(this); // last, as a closed loop refuses it
    }
  }

  #startEagerly(): boolean {
    const loop = this._loop;
    if (!loop.isRunning()) return false;
    link(this);
    const isGeneratorLike = !isPlainFunction(this._coro) && !(this._coro instanceof Coroutine);
    if (loop._baton.startEagerly(this, isGeneratorLike)) return true;
    unlink(this);
    return false;
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
   * Within a `timeout()`, `waitFor()` or `taskGroup()`, it is the block's: it aborts when the block is
   * cancelled, too. So read it where you use it: a foreign promise that is awaited right after is taken
   * to obey it, and its rejection to be the cancellation. Anything else that is
   * foreign keeps the task until it settles, and the task is cancelled at its next
   * await of this module's. Once a cancellation is on its way the next read gives a
   * fresh signal, for the clean-up.
   */
  get signal(): AbortSignal {
    const scope = currentScope();
    const code = codeOfSignal(scope?._task === this ? scope : this);
    const abort = code.abort ??= new Abort();
    abort.isTaken = true;
    if (code.strand._mustCancel || this._state === CANCELLED) {
      code.hasAborted = true;
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
    if (this._state === PENDING) {
      requestCancel(this, message);
      return true;
    }
    this._retrieved(); // as in Python: whoever cancels it knows of it
    return false;
  }

  /** @internal */
  override _cancelWith(message: string | undefined, work: CancelWork): boolean {
    const isOverridden = this.cancel !== Task.prototype.cancel;
    if (isOverridden || this._state !== PENDING) return this.cancel(message);
    work.push(() => request(this as Task<unknown>, message, work));
    return true;
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

  /**
   * How many requests to cancel it were made and not taken back. Asked by its own code, those that
   * concern the block that the code is in.
   */
  cancelling(): number {
    return requestsFor(this.#asked());
  }

  /**
   * Takes back one request to cancel it: for the code that made it.
   *
   * @returns How many are left. With the last one, a cancellation that is not delivered yet is dropped.
   */
  uncancel(): number {
    const strand = this.#asked();
    return takeBackCancel(this._cancelRequests > 0 ? this : strand, strand);
  }

  /** The strand that its own code asks for; for others, the task. */
  #asked(): Strand {
    const scope = currentScope();
    if (scope?._task !== this) return this;
    return scope instanceof NativeCode ? scope.strand : currentStrand(scope)!;
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
    if (this._surroundings === this._loop._surroundings) this._step();
    else callAround(this._surroundings, step, this as Task<unknown>);
  }

  /** Goes on: its turn has come. */
  _step(): void {
    if (this._isNew) this.#start();
    else if (this._waiting === null && !this._mustCancel) drive(this, false, undefined);
    else wake(this);
  }

  /**
   * Runs the first step, inside of the call that made the task.
   * @internal
   */
  _begin(): void {
    const previous = activate(this);
    try {
      this.#start();
    } catch (error) {
      this._fail(error); // the stack is used up
    } finally {
      activate(previous);
    }
  }

  #start(): void {
    this._isNew = false;
    const coro = this._coro;
    if (this._mustCancel) {
      this._mustCancel = false;
      if (coro instanceof Coroutine) coro.close();
      return this._fail(this._makeCancelledError());
    }
    if (!isPlainFunction(coro)) {
      try {
        this._frame = frameOfCoroutine(coro);
      } catch (error) {
        return this._fail(error);
      }
      return drive(this, false, undefined);
    }
    const code = ownCode(this);
    let promise: Promise<unknown> | null;
    try {
      promise = callWithin(code, callCoro, this as Task<unknown>);
    } catch (error) {
      return this._fail(error);
    }
    if (promise === null) drive(this, false, undefined);
    else goNative(this, promise, code);
  }

  /**
   * Calls its function; gives the promise of what turns out to be native.
   * @internal
   */
  _call(): Promise<unknown> | null {
    const coro = this._coro as () => unknown;
    const called = coro();
    this._frame = frameOf(called);
    if (this._frame !== null) {
      // What its generators start belongs to the task.
      this._surroundings = ownSurroundings();
      return null;
    }
    this._surroundings = null; // native code keeps its own
    const promise = promiseOf(called);
    if (promise !== null) return promise;
    throw new TypeError(
      `Cannot run ${functionName(coro)}() as a coroutine: it must be an async function or a ` +
        `generator function, or give an awaitable: it gave ${describeValue(called)}`,
    );
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
      noteOutcome(error);
      this._cancelMessage = undefined; // what asks by the message is told none, as in Python
      this._finish(CANCELLED, error);
    } else {
      this._finish(FAILED, error);
    }
    this.#end();
  }

  #end(): void {
    unlink(this);
    if (this._body !== null && this._body.inner !== null) noteFloating(this);
    if (this._loop._lastTask === null) noteLastEnd(this._loop);
    this._surroundings = null;
    this._loop._baton.handBack(this);
  }

  /** @internal */
  _suspended(): void {
    if (this._mustCancel) deliverPendingCancel(this);
    this._loop._baton.handBack(this);
  }

  /** @internal */
  _climbed(): void {}

  /** @internal */
  _wentNative(isNative: boolean): void {
    if (!isNative && this._body !== null) this._body.isRunning = false;
  }

  /**
   * Does its native code await something that is not ours?
   * @internal
   */
  _isAway(): boolean {
    return this._body !== null && this._body.isAway();
  }

  /**
   * An `await` in its native code.
   * @internal
   */
  _awaitNative(
    scope: Scope,
    awaitable: Future<unknown> | Coroutine<unknown>,
    onFulfilled: Settle | null | undefined,
    onRejected: Settle | null | undefined,
    // deno-lint-ignore no-explicit-any
  ): PromiseLike<any> {
    if (onFulfilled == null || onRejected == null) {
      // Called by hand, not by an await, which gives both.
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      this._awaitNative(scope, awaitable, resolve, reject);
      return promise.then(onFulfilled, onRejected);
    }
    const strand = new NativeStrand(codeOf(scope), onFulfilled, onRejected);
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
    const previous = activate(strand);
    try {
      if (awaitable instanceof Future) this.#awaitFuture(awaitable, strand);
      else this.#awaitCoroutine(awaitable, strand);
    } finally {
      activate(previous);
    }
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
    const waiting = this._waiting ?? this._body?.waitsFor();
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

function step(task: Task<unknown>): void {
  task._step();
}

function callCoro(task: Task<unknown>): Promise<unknown> | null {
  return task._call();
}

/** Is it a function that may be native, or give a coroutine? */
function isPlainFunction(coro: unknown): coro is () => unknown {
  return typeof coro === "function" && !isGeneratorFunction(coro);
}

/** The frame of a coroutine that was handed over, or of the call of a generator function. */
function frameOfCoroutine(coro: unknown): Frame {
  if (typeof coro === "function") return coro() as Frame;
  if (coro instanceof Coroutine) coro._release();
  return coro as Frame;
}

/** The frame of what a coroutine function gave; null if that is no coroutine. */
function frameOf(called: unknown): Frame | null {
  if (called instanceof Coroutine || called instanceof Future) return called[Symbol.iterator]();
  return isGenerator(called) ? called as Frame : null;
}

/** Stands for a coroutine that another task was made of: as in Python, the task fails as it starts. */
function refusalOf<T>(coro: Coroutine<T>): Coro<T> {
  const refuse = () => {
    throw coro._awaitedTwice();
  };
  return Object.defineProperty(refuse, "name", { value: coro.name });
}

const ADOPTED = Symbol("adopted");

/** Checks that a task can be made of `coro`. */
function adopt<T>(coro: Coro<T>): Coro<T> {
  if (typeof coro === "function") return coro;
  if (coro instanceof Coroutine) return coro._reserve() ? coro : refusalOf(coro);
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
  return `a coroutine or a function that makes one was expected, got ${describeValue(coro)}`;
}

function describeCoro(coro: unknown): string {
  if (typeof coro === "function") return `${functionName(coro as () => unknown)}()`;
  return coro instanceof Coroutine ? `${coro.name}()` : "generator";
}

/** The representation of what a task waits for, without what that waits for in turn. */
function describeShortly(future: Future<unknown>): string {
  return future instanceof Task ? `<Task pending name='${future.getName()}'>` : String(future);
}
