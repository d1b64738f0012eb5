/**
 * What an event loop knows of the futures and tasks that it makes.
 *
 * The classes are in `@aio/asyncio/tasks`, which is built on the loop; here are
 * their contracts, so that the loop doesn't depend on them.
 *
 * @module
 */

import type { Context } from "./context.ts";

/** The contract of a future, as its loop gives it out. See `Future` for what each does. */
export interface FutureLike<T> extends PromiseLike<T> {
  /** Waits for it in a generator coroutine: `yield* future`. */
  [Symbol.iterator](): Iterator<unknown, T, unknown>;
  /** Has it a result, an error, or been cancelled? */
  done(): boolean;
  /** Was it cancelled? */
  cancelled(): boolean;
  /** Its result; throws its error. */
  result(): T;
  /** Its error, or null. */
  exception(): unknown;
  /** Gives it its result. */
  setResult(result: T): void;
  /** Gives it its error. */
  setException(exception: unknown): void;
  /** Asks to cancel it. */
  cancel(message?: string): boolean;
  /** Has `callback` called when it is done. */
  addDoneCallback(callback: (future: this) => unknown, options?: { context?: Context }): void;
  /** Takes a callback back; gives how many were there. */
  removeDoneCallback(callback: (future: this) => unknown): number;
  /** Its loop. */
  getLoop(): object;
}

/** The contract of a task, as its loop gives it out. See `Task` for what each does. */
export interface TaskLike<T> extends FutureLike<T> {
  /** Its name. */
  getName(): string;
  /** Renames it. */
  setName(name: string): void;
  /** How many cancellations were asked for and not taken back. */
  cancelling(): number;
  /** Takes one request to cancel it back; gives how many are left. */
  uncancel(): number;
  /** Aborts when the task is cancelled. */
  readonly signal: AbortSignal;
}

/** A running generator coroutine, or an operation of this module. */
export type CoroutineLike<T> =
  | Generator<unknown, T, unknown>
  | (PromiseLike<T> & { [Symbol.iterator](): Iterator<unknown, T, unknown> });

/** A coroutine, or a function that makes one when it is called. */
export type Coro<T> = CoroutineLike<T> | (() => CoroutineLike<T> | PromiseLike<T>);

/** Options of a new task. */
export interface TaskOptions {
  /** Its name; `Task-1`, `Task-2`, … by default. */
  name?: string;
  /** The context that it runs in; a copy of the current one by default. */
  context?: Context;
  /** Runs the first step at once, inside of the call; false by default. */
  eagerStart?: boolean;
}

/**
 * The options of a task of which nothing was said.
 * @internal
 */
export const NO_OPTIONS: TaskOptions = Object.freeze({});

/** Makes the tasks of a loop: what `setTaskFactory` takes. */
export type TaskFactory = <T>(loop: object, coro: Coro<T>, options: TaskOptions) => TaskLike<T>;
