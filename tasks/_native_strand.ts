/**
 * The strands of awaits in native code.
 *
 * @module
 */

import {
  activate,
  callAround,
  type Context,
  ownSurroundings,
  type Scope,
  type Values,
} from "../loop/context.ts";
import { CancelledError } from "../errors.ts";
import { Coroutine, type Frame } from "./coroutine.ts";
import { deliverPendingCancel, noteWait } from "./_cancel.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { type Future, PENDING, type Settle } from "./future.ts";
import { type InnerStrand, NativeCode, type Owner, type Strand } from "./_native_code.ts";
import { forgetFloating, noteFloating } from "./_floating.ts";
import { noteCancelled, noteLastEnd } from "./_abandoned.ts";
import { wake } from "./_strand.ts";

const NOTHING_YET = Symbol("nothing yet");

/** The promise that `then` was asked for before there was a result. */
class Promised {
  resolve!: Settle;
  readonly promise: Promise<unknown> = new Promise((resolve) => this.resolve = resolve);
}

/** What few strands need: those that run generators or blocks. */
interface Extra {
  body: NativeCode | null;
  /** May a block on it cancel it alone? */
  isBlock: boolean;
  cancelRequests: number;
  /** Those of its generators, once they wait. */
  surroundings: unknown;
}

/** The strand of an `await` in native code. Its fields are plain: one is made for each await. */
export class NativeStrand implements InnerStrand {
  readonly _task: Owner;
  _code: NativeCode;
  _frame: Frame | null = null;
  _below: Frame[] | null = null;
  _waiting: Future<unknown> | null = null;
  _mustCancel = false;
  _older: InnerStrand | null = null;
  readonly _resolve: Settle;
  readonly _reject: Settle;
  /** What the reaction gave, once it was called; before, the promise for it if there is one. */
  _result: unknown = NOTHING_YET;
  _extra: Extra | null = null;

  constructor(code: NativeCode, resolve: Settle, reject: Settle) {
    this._task = code._task;
    this._code = code;
    this._resolve = resolve;
    this._reject = reject;
  }

  get _loop(): EventLoop {
    return this._task._loop;
  }

  get _context(): Context | Values {
    return this._task._context;
  }

  get _body(): NativeCode | null {
    return this._extra === null ? null : this._extra.body;
  }

  get _cancelRequests(): number {
    return this._extra === null ? 0 : this._extra.cancelRequests;
  }

  set _cancelRequests(count: number) {
    this._more().cancelRequests = count;
  }

  _more(): Extra {
    return this._extra ??= { body: null, isBlock: false, cancelRequests: 0, surroundings: null };
  }

  /** With no generator to run, but at most an operation of ours, no user code is called. */
  get _settles(): boolean {
    const frame = this._frame;
    return frame === null || frame instanceof Coroutine;
  }

  _run(): void {
    const code = this._code;
    code.unlink(this);
    if (code.abort !== null) code.abort.isTaken = false;
    activate(this);
    if (this._extra === null) wake(this);
    else callAround(this._extra.surroundings, wake, this);
    if (this._task._state !== PENDING && code.inner === null) noteFloatingEnd(this._task);
  }

  _succeed(value: unknown): void {
    this.#settle(this._resolve, value);
  }

  _fail(error: unknown): void {
    if (error instanceof CancelledError) noteCancelled(this._loop, error);
    this.#settle(this._reject, error);
  }

  #settle(reaction: Settle, value: unknown): void {
    if (this._mustCancel) this.#passCancelOn();
    const task = this._task;
    const baton = task._loop._baton;
    const waited = task._state === PENDING && baton.handOver(this._code);
    if (!waited && baton.isRestDue()) this.#reactLater(reaction, value);
    else this.#react(reaction, value);
  }

  #reactLater(reaction: Settle, value: unknown): void {
    this._loop._baton.restBefore(() => this.#react(reaction, value));
  }

  #react(reaction: Settle, value: unknown): void {
    const promised = this._result;
    try {
      this._result = reaction(value);
    } catch (error) {
      // Only a reaction that was given by hand can throw: an await's never does.
      this._result = Promise.reject(error);
    }
    if (promised instanceof Promised) promised.resolve(this._result);
  }

  /** Its native code ended before its next await: it is delivered at the next one around. */
  #passCancelOn(): void {
    this._mustCancel = false;
    this._code.strand._mustCancel = true;
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
    this.#link();
    if (this._mustCancel) deliverPendingCancel(this);
    if (this._task._state !== PENDING) noteFloating(this._task);
    this._task._loop._baton.handBack(this._task);
  }

  #link(): void {
    const code = this._code;
    code.link(this);
    if (code.toldAt !== 0) noteWait(code);
    if (!code.strand._mustCancel) return;
    code.strand._mustCancel = false;
    this._mustCancel = true;
  }

  _climbed(): void {
    this._more().surroundings ??= ownSurroundings();
  }

  _wentNative(isNative: boolean): void {
    const body = this._body;
    if (body === null) return; // its native code is that around it
    if (isNative) return this.#link();
    body.isRunning = false;
    body.isOver = true;
    this._code.unlink(this);
    for (const strand of body.strands()) {
      body.unlink(strand);
      this._code.link(strand);
    }
  }

  _describeWaiter(): string {
    return "Task.wakeup()";
  }

  toString(): string {
    return String(this._task);
  }
}

/** The last code of a task that has ended goes on. */
function noteFloatingEnd(task: Owner): void {
  forgetFloating(task);
  noteLastEnd(task._loop);
}

/** The strand whose generators run now: what a block runs on. */
export function currentStrand(scope: Scope | null): Strand | null {
  if (scope instanceof NativeStrand) return scope;
  return scope === null ? null : scope._task as Strand | null;
}

/** Notes that a block may cancel the strand alone. */
export function markBlock(strand: Strand): void {
  if (strand instanceof NativeStrand) strand._more().isBlock = true;
}

/** The code that an async body is of, which `strand` is to wait for. */
export function codeForBody(strand: Strand): NativeCode {
  if (!(strand instanceof NativeStrand)) return ownCode(strand);
  const more = strand._more();
  // Of what nothing cancels alone, a scope of its own would be for nothing.
  if (!more.isBlock) return strand._code;
  return more.body = anotherCode(strand, more.body);
}

/** A task's own code: of its function, or of the body of a block in its generator. */
export function ownCode(task: Strand): NativeCode {
  return (task as Owner)._body = anotherCode(task, task._body);
}

/** Code that takes the place of what ran on a strand before; the signal is the strand's. */
function anotherCode(strand: Strand, before: NativeCode | null): NativeCode {
  const code = new NativeCode(strand);
  if (before !== null) code.abort = before.abort;
  return code;
}

/** The code whose cancellation aborts a signal that is read in `scope`. */
export function codeOfSignal(scope: Scope): NativeCode {
  if (!(scope instanceof NativeStrand) || !scope._more().isBlock) return codeOf(scope);
  return scope._more().body ??= new NativeCode(scope);
}

/** The code that an await made in `scope`, by native code or by hand, is in. */
export function codeOf(scope: Scope): NativeCode {
  if (scope instanceof NativeCode) return ofWhatRuns(scope);
  if (scope instanceof NativeStrand) return scope._body?.isRunning ? scope._body : scope._code;
  const task = scope._task as Owner;
  return task._body ??= new NativeCode(task);
}

function ofWhatRuns(code: NativeCode): NativeCode {
  while (code.isOver && code.strand instanceof NativeStrand) code = code.strand._code;
  return code;
}
