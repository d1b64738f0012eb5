/**
 * Operations that wait in a line, or don't need to.
 *
 * They are all of one class, and need no generator. With a class for each, engines
 * would see many shapes where coroutines are made and resumed: with six of them, V8
 * took 140 ns instead of 32 for a lock that was free.
 *
 * @module
 */

import { type Coroutine, deriveFromCoroutine, NEW } from "../tasks/coroutine.ts";
import type { Line, Waiter } from "./_line.ts";
import { wasEverDebugged } from "../loop/debug.ts";

/** What an operation does to a primitive, `on`. */
export interface Kind<P, A, R> {
  readonly name: string;
  /** Does it, if it can be done now; gives null if it has to wait, maybe once more. */
  attempt(on: P, argument: A, wasWoken: boolean): IteratorResult<unknown, R> | null;
  /** Where to wait. */
  line(on: P): Line;
  /** It was cancelled while it waited, and has left the line; it may have been woken before. */
  abandon(on: P, waiter: Waiter): void;
}

/** See the head of this file. */
export interface Operation<P, A, R> extends Coroutine<R> {}
export class Operation<P, A, R> {
  _state: number = NEW;
  readonly _kind: Kind<P, A, R>;
  readonly _on: P;
  readonly _argument: A;
  _waiter: Waiter | null = null;

  constructor(kind: Kind<P, A, R>, on: P, argument: A) {
    this._kind = kind;
    this._on = on;
    this._argument = argument;
    if (wasEverDebugged()) this._track();
  }

  get name(): string {
    return this._kind.name;
  }

  _start(): IteratorResult<unknown, R> {
    return this._attempt(false);
  }

  next(value?: unknown): IteratorResult<unknown, R> {
    const waiter = this._waiter;
    if (waiter !== null) {
      this._waiter = null;
      waiter._line.leave(waiter);
      return this._attempt(true);
    }
    if (this._state !== NEW) return { done: true, value: value as R };
    this.close();
    return this._attempt(false);
  }

  throw(error: unknown): IteratorResult<unknown, R> {
    const waiter = this._waiter;
    if (waiter !== null) {
      this._waiter = null;
      waiter.cancel();
      waiter._line.leave(waiter);
      this._kind.abandon(this._on, waiter);
    }
    this.close();
    throw error;
  }

  _attempt(wasWoken: boolean): IteratorResult<unknown, R> {
    const kind = this._kind;
    const result = kind.attempt(this._on, this._argument, wasWoken);
    if (result !== null) return result;
    const waiter = this._waiter = kind.line(this._on).join();
    return { done: false, value: waiter };
  }
}

deriveFromCoroutine(Operation);
