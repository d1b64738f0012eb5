/**
 * Native code of a task, and the contracts of what runs it.
 *
 * A task's code is a tree. Its strands (`_strand.ts`) are stacks of generators. A strand that comes
 * to a native function waits for its native code; each `await` of ours in that code is a strand of
 * its own, inside of it:
 *
 *     Task ─ native code ┬ strand: await sleep(1)
 *                        └ strand: await timeout(5, …) ─ native code ─ strand: await queue.get()
 *
 * Invariant: a block cancels the strand that runs it, with all that is below it in the tree, and
 * nothing beside it. So native code is a scope of its own wherever something may cancel it alone.
 *
 * @module
 */

import type { Context, Scope, Values } from "../loop/context.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import type { Frame } from "./coroutine.ts";
import type { Future, Waiter } from "./future.ts";

/** See the head of `_strand.ts`. */
export interface Strand extends Waiter {
  readonly _loop: EventLoop;
  readonly _task: Owner;
  /** The innermost generator. */
  _frame: Frame | null;
  /** Those that wait for it, outermost first. */
  _below: Frame[] | null;
  /** The future that it waits for. */
  _waiting: Future<unknown> | null;
  /** Is a CancelledError to be thrown when it, or its native code, is resumed? */
  _mustCancel: boolean;
  /** The native code that it waits for, or waited for last. */
  _body: NativeCode | null;
  /** How many requests to cancel it alone were made and not taken back. */
  _cancelRequests: number;
  /** Ends it with a result. */
  _succeed(value: unknown): void;
  /** Ends it with an error. */
  _fail(error: unknown): void;
  /** It waits, or is queued. */
  _suspended(): void;
  /** A generator, which it is to resume, has climbed up to it. */
  _climbed(): void;
  /** It waits for its native code, or does no more. */
  _wentNative(isNative: boolean): void;
}

/** The strand of an `await` in native code. */
export interface InnerStrand extends Strand {
  /** The code that it is in. */
  _code: NativeCode;
  /** The next older strand of that. */
  _older: InnerStrand | null;
}

/** What a strand knows of its task: the outermost strand. */
export interface Owner extends Strand, Future<unknown> {}

/** What aborts when code is cancelled. */
export class Abort {
  readonly controller: AbortController = new AbortController();
  /** Was its signal read since the code last waited? */
  isTaken = false;
}

/** See the head of this file. */
export class NativeCode implements Scope {
  readonly _task: Owner;
  /** Who waits for its end. */
  readonly strand: Strand;
  /** Is it waited for? */
  isRunning = false;
  /** Has it ended? What goes on unawaited is part of the code around it from then on. */
  isOver = false;
  /** Its strands that wait or are queued: the newest of them. */
  inner: InnerStrand | null = null;
  /** Its signal, once it was asked for. */
  abort: Abort | null = null;
  /** Did a signal of its abort? */
  hasAborted = false;
  /** When that told it of the last cancellation, if nothing has come of it yet; else 0. */
  toldAt = 0;

  constructor(strand: Strand) {
    this._task = strand._task;
    this.strand = strand;
  }

  // As a scope

  get _loop(): EventLoop {
    return this._task._loop;
  }

  get _context(): Context | Values {
    return this._task._context;
  }

  set _context(context: Context | Values) {
    this._task._context = context;
  }

  /** Its strands, oldest first. */
  strands(): InnerStrand[] {
    const strands: InnerStrand[] = [];
    for (let strand = this.inner; strand !== null; strand = strand._older) strands.push(strand);
    return strands.reverse();
  }

  /** Adds a strand. */
  link(strand: InnerStrand): void {
    strand._code = this;
    strand._older = this.inner;
    this.inner = strand;
  }

  /** Removes a strand. */
  unlink(strand: InnerStrand): void {
    if (this.inner === strand) {
      this.inner = strand._older;
    } else {
      let newer = this.inner;
      while (newer !== null && newer._older !== strand) newer = newer._older;
      if (newer !== null) newer._older = strand._older;
    }
    strand._older = null;
  }

  /** Does it wait for something that is not ours? */
  isAway(): boolean {
    if (!this.isRunning) return false;
    if (this.inner === null) return this._loop._baton.holder?._task !== this._task;
    return this.strands().some((strand) => strand._body !== null && strand._body.isAway());
  }

  /** The first future that one of its strands waits for. */
  waitsFor(): Future<unknown> | null {
    for (let strand = this.inner; strand !== null; strand = strand._older) {
      const found = strand._waiting ?? strand._body?.waitsFor();
      if (found) return found;
    }
    return null;
  }
}

/** A promise of the current task's own code: `yield*` it to wait, keeping the baton. */
export class NativeWait<T> implements Iterator<unknown, T, unknown> {
  readonly promise: Promise<unknown>;
  readonly code: NativeCode;
  #waited = false;

  constructor(promise: Promise<unknown>, code: NativeCode) {
    this.promise = promise;
    this.code = code;
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
