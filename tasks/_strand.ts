/**
 * Strands: how a task's code is resumed, and how it comes to wait.
 *
 * A task has one strand of its own, and one for each `await` of an operation of ours
 * in its native code. A strand is a stack of generators with, at its bottom, whoever
 * wants the result: the task, or the promise behind that `await`. It is in one of
 * these states:
 *
 * - queued: it is in the ready queue, after a bare yield or because what it waited
 *   for is done;
 * - waiting for a future;
 * - native: it waits for a promise of the task's own native code (the task's async
 *   function, or the async body of a block), so for other strands of the same task.
 *
 * @module
 */

import { activate, type Context, type Values } from "../loop/context.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { CancelledError, RuntimeError } from "../errors.ts";
import { Coroutine, type Frame, GeneratorCoroutine, isGenerator } from "./coroutine.ts";
import { forgetFloating, noteFloating } from "./_floating.ts";
import { FAILED, Future, PENDING, RESULT, type Settle, type Waiter } from "./future.ts";

/** A promise of the current task's own code: `yield*` it to wait, keeping the baton. */
export class NativeWait<T> implements Iterator<unknown, T, unknown> {
  readonly promise: PromiseLike<T>;
  #waited = false;

  constructor(promise: PromiseLike<T>) {
    this.promise = promise;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(value?: unknown): IteratorResult<unknown, T> {
    if (this.#waited) return { done: true, value: value as T };
    this.#waited = true;
    return { done: false, value: this };
  }

  throw(error: unknown): IteratorResult<unknown, T> {
    throw error;
  }
}

/** What aborts when a task is cancelled. */
export class TaskAbort {
  readonly controller: AbortController = new AbortController();
  /** Has the task read its signal since it last waited? */
  isTaken = false;
}

/** What a strand knows of its task. */
export interface Owner extends Strand, Future<unknown> {
  /** The strands of its native code that wait or are queued: the newest of them. */
  _inner: NativeStrand | null;
  /** Its signal, once it was asked for. */
  _abort: TaskAbort | null;
}

/** See the head of this file. */
export interface Strand extends Waiter {
  readonly _loop: EventLoop;
  readonly _task: Owner;
  /** The innermost generator. */
  _frame: Frame | null;
  /** Those that wait for it, outermost first. */
  _below: Frame[] | null;
  /** The future that it waits for. */
  _waiting: Future<unknown> | null;
  /** Is a CancelledError to be thrown when it is resumed? */
  _mustCancel: boolean;
  /** Ends it with a result. */
  _succeed(value: unknown): void;
  /** Ends it with an error. */
  _fail(error: unknown): void;
  /** It waits, or is queued. */
  _suspended(): void;
  /** It waits for a promise of the task's native code. */
  _wentNative(isNative: boolean): void;
}

/** Goes on with what the strand waited for: its turn has come. */
export function wake(strand: Strand): void {
  const future = strand._waiting;
  let threw = false;
  let value: unknown = undefined;
  if (future !== null) {
    strand._waiting = null;
    if (future._state === RESULT) {
      value = future._value;
    } else {
      threw = true;
      value = future._takeError();
    }
  }
  if (strand._mustCancel) {
    // Whatever was on its way is lost, unless it is a cancellation itself.
    strand._mustCancel = false;
    if (!threw || !(value instanceof CancelledError)) value = strand._task._makeCancelledError();
    threw = true;
  }
  drive(strand, threw, value);
}

/** Runs the strand's generators until it waits or ends. */
export function drive(strand: Strand, threw: boolean, value: unknown): void {
  for (let frame = strand._frame; frame !== null; frame = pop(strand)) {
    let done = true;
    try {
      const result = threw ? throwInto(frame, value) : frame.next(value);
      value = result.value;
      done = result.done === true;
      threw = false;
    } catch (error) {
      value = error;
      threw = true;
    }
    if (!done) {
      if (value !== undefined || strand._loop._baton.isMaker(strand._task)) {
        return suspend(strand, value);
      }
      strand._loop._push(strand);
      return strand._suspended();
    }
  }
  end(strand, threw, value);
}

function end(strand: Strand, threw: boolean, value: unknown): void {
  if (strand._loop._baton.isMaker(strand._task)) holdCall(strand, end, threw, value);
  else if (threw) strand._fail(value);
  else strand._succeed(value);
}

/**
 * Calls `fn` when the eager tasks that the strand's task made are through their first
 * steps. Its closure is here, as one in a hot function would cost each of its calls.
 */
function holdCall(
  strand: Strand,
  fn: (strand: Strand, threw: boolean, value: unknown) => void,
  threw: boolean,
  value: unknown,
): void {
  const task = strand._task;
  task._loop._baton.hold(task, () => {
    const previous = activate(task);
    fn(strand, threw, value);
    activate(previous);
  });
}

/** `yield` it to have the eager tasks that were just made run their first steps. */
export const FIRST_STEPS: unique symbol = Symbol("first steps");

function pop(strand: Strand): Frame | null {
  const below = strand._below;
  return strand._frame = below === null || below.length === 0 ? null : below.pop()!;
}

function throwInto(frame: Frame, error: unknown): IteratorResult<unknown, unknown> {
  if (frame.throw === undefined) throw error;
  return frame.throw(error);
}

/** Has the strand wait for what its innermost generator yielded. */
function suspend(strand: Strand, yielded: unknown): void {
  // A coroutine that waits: its generator goes on top, and what that yielded counts.
  while (yielded instanceof GeneratorCoroutine) {
    if (strand._frame !== yielded) (strand._below ??= []).push(strand._frame!);
    strand._frame = yielded._frame as Frame;
    const inner: unknown = yielded._yielded;
    yielded._frame = null;
    yielded._yielded = undefined;
    yielded = inner;
  }
  // This is no pause: native code of the task runs on.
  if (yielded instanceof NativeWait) return goNative(strand, yielded.promise);
  if (strand._loop._baton.isMaker(strand._task)) {
    return holdCall(strand, suspendHeld, false, yielded);
  }
  if (yielded instanceof Future) {
    // It was pending when it was yielded, but this may have been held meanwhile.
    if (yielded._state === RESULT) return drive(strand, false, yielded._value);
    if (yielded._state !== PENDING) return drive(strand, true, yielded._takeError());
    waitFor(strand, yielded);
  } else if (yielded === undefined) {
    strand._loop._push(strand);
  } else if (yielded === FIRST_STEPS) {
    return drive(strand, false, undefined);
  } else {
    throwNext(strand, badYield(strand, yielded));
  }
  strand._suspended();
}

function suspendHeld(strand: Strand, _threw: boolean, yielded: unknown): void {
  suspend(strand, yielded);
}

/** Has the strand wait for `future`, which is pending. */
export function waitFor(strand: Strand, future: Future<unknown>): void {
  if (future === strand._task) {
    throwNext(strand, new RuntimeError(`Task cannot await on itself: ${future}`));
  } else if (future._loop !== strand._loop) {
    throwNext(
      strand,
      new RuntimeError(`Task ${strand._task} got Future ${future} attached to a different loop`),
    );
  } else {
    future._addWaiter(strand);
    strand._waiting = future;
  }
}

/** Delivers a cancellation that came while the strand's task was running. */
export function deliverPendingCancel(strand: Strand): void {
  if (strand._waiting?.cancel(strand._task._cancelMessage)) strand._mustCancel = false;
}

/** Asks what the strand waits for to cancel; else has it thrown when the strand is resumed. */
export function cancelStrand(strand: Strand, message: string | undefined): void {
  if (strand._waiting !== null && strand._waiting.cancel(message)) return;
  strand._mustCancel = true;
  strand._task._cancelMessage = message;
}

/** Has `error` thrown in the next turn. */
function throwNext(strand: Strand, error: Error): void {
  const failed = new Future<never>({ loop: strand._loop });
  failed._state = FAILED;
  failed._value = error;
  strand._waiting = failed;
  strand._loop._push(strand);
}

function badYield(strand: Strand, yielded: unknown): RuntimeError {
  const remedy = isGenerator(yielded) || yielded instanceof Future
    ? "say 'yield*' instead of 'yield'"
    : typeof (yielded as PromiseLike<unknown> | null)?.then === "function"
    ? "say 'yield* until(promise)' to wait for a promise"
    : "'yield*' an awaitable, or 'yield' nothing to let others run";
  return new RuntimeError(`Task got bad yield: ${String(yielded)} in ${strand._task}; ${remedy}`);
}

/** Has the strand wait for a promise of the task's own native code. */
export function goNative(strand: Strand, promise: PromiseLike<unknown>): void {
  strand._wentNative(true);
  promise.then(
    (value) => comeBack(strand, false, value),
    (error) => comeBack(strand, true, error),
  );
  strand._loop._baton.handOver(strand._task);
}

function comeBack(strand: Strand, threw: boolean, value: unknown): void {
  if (strand._loop._baton.isMaker(strand._task)) return holdCall(strand, comeBack, threw, value);
  const previous = activate(strand._task);
  try {
    strand._wentNative(false);
    drive(strand, threw, value);
  } finally {
    activate(previous);
  }
}

const NOTHING_YET = Symbol("nothing yet");

/** The promise that `then` was asked for before there was a result. */
class Promised {
  resolve!: Settle;
  readonly promise: Promise<unknown> = new Promise((resolve) => this.resolve = resolve);
}

/** The strand of an `await` in native code. Its fields are plain: one is made for each await. */
export class NativeStrand implements Strand {
  readonly _task: Owner;
  _frame: Frame | null = null;
  _below: Frame[] | null = null;
  _waiting: Future<unknown> | null = null;
  _mustCancel = false;
  /** The next older strand of the task. */
  _older: NativeStrand | null = null;
  readonly _resolve: Settle;
  readonly _reject: Settle;
  /** What the reaction gave, once it was called; before, the promise for it if there is one. */
  _result: unknown = NOTHING_YET;

  constructor(task: Owner, resolve: Settle, reject: Settle) {
    this._task = task;
    this._resolve = resolve;
    this._reject = reject;
  }

  get _loop(): EventLoop {
    return this._task._loop;
  }

  get _context(): Context | Values {
    return this._task._context;
  }

  /** With no generator to run, but at most an operation of ours, no user code is called. */
  get _settles(): boolean {
    const frame = this._frame;
    return frame === null || frame instanceof Coroutine;
  }

  _run(): void {
    const task = this._task;
    this.#unlink();
    if (task._abort !== null) task._abort.isTaken = false;
    activate(task);
    wake(this);
  }

  _succeed(value: unknown): void {
    this.#settle(this._resolve, value);
  }

  _fail(error: unknown): void {
    this.#settle(this._reject, error);
  }

  #settle(reaction: Settle, value: unknown): void {
    if (this._task._state === PENDING) this._loop._baton.handOver(this._task);
    const promised = this._result;
    try {
      this._result = reaction(value);
    } catch (error) {
      // Only a reaction that was given by hand can throw: an await's never does.
      this._result = Promise.reject(error);
    }
    if (promised instanceof Promised) promised.resolve(this._result);
  }

  /**
   * What `awaitable.then()` gave, used as a promise. An await ignores it, so there is
   * no promise unless somebody asks.
   */
  then(onFulfilled?: Settle | null, onRejected?: Settle | null): Promise<unknown> {
    if (this._result === NOTHING_YET) this._result = new Promised();
    const promise = this._result instanceof Promised
      ? this._result.promise
      : Promise.resolve(this._result);
    return promise.then(onFulfilled, onRejected);
  }

  _suspended(): void {
    const task = this._task;
    this._older = task._inner;
    task._inner = this;
    if (task._mustCancel) {
      task._mustCancel = false;
      this._mustCancel = true;
      deliverPendingCancel(this);
    }
    if (task._state !== PENDING) noteFloating(task);
    task._loop._baton.handBack(task);
  }

  _wentNative(): void {}

  #unlink(): void {
    const task = this._task;
    if (task._inner === this) {
      task._inner = this._older;
    } else {
      let newer = task._inner;
      while (newer !== null && newer._older !== this) newer = newer._older;
      if (newer !== null) newer._older = this._older;
    }
    this._older = null;
    if (task._inner === null && task._state !== PENDING) forgetFloating(task);
  }

  _describeWaiter(): string {
    return "Task.wakeup()";
  }

  toString(): string {
    return String(this._task);
  }
}
