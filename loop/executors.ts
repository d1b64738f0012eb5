/**
 * The slots for executors: the loop runs things in them without knowing one.
 *
 * @module
 */

import type { DurationLike } from "../duration.ts";
import { RuntimeError } from "../errors.ts";
import type { FutureLike } from "./awaitable.ts";

/** What the loop knows of an executor. */
export interface ExecutorLike {
  /** Has a function called elsewhere. */
  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): PromiseLike<unknown>;
  /** Takes no more work. */
  shutdown(options?: { wait?: boolean }): Promise<void>;
}

/** What an executor's call gives: for a generator function an async generator. */
export type ExecutorResult<R> = R extends
  AsyncGenerator<infer Y, infer T> | Generator<infer Y, infer T> ? AsyncGenerator<Y, T, void>
  : Awaited<R>;

/** A loop, as what has a default executor. */
export interface ExecutorOwner {
  /** Undefined until it is needed, null once it was shut down. */
  _executor: ExecutorLike | null | undefined;
}

/** What `bridge.ts` puts in here when it is imported. Each takes the loop that it is for. */
export interface ExecutorSlots {
  /** `runInExecutor`. */
  run(
    loop: ExecutorOwner,
    executor: ExecutorLike | null,
    fn: (...args: never[]) => unknown,
    args: unknown[],
  ): FutureLike<unknown>;
  /** `setDefaultExecutor`. */
  setDefault(loop: ExecutorOwner, executor: ExecutorLike): void;
  /** `shutdownDefaultExecutor`. */
  shutdownDefault(loop: ExecutorOwner, timeout: DurationLike | null): Promise<void>;
  /** The loop was closed. */
  closed(loop: ExecutorOwner): void;
}

let executors: ExecutorSlots | null = null;

/** Fills the slots. */
export function setExecutorSlots(filled: ExecutorSlots): void {
  executors = filled;
}

/** What is in the slots, for what can't do without. */
export function requireExecutors(): ExecutorSlots {
  if (executors !== null) return executors;
  throw new RuntimeError("Cannot run in an executor: import '@aio/asyncio' first");
}

/** Shuts a loop's default executor down, if it can have one. */
export function shutdownDefaultExecutor(
  loop: ExecutorOwner,
  timeout: DurationLike | null,
): Promise<void> {
  return executors?.shutdownDefault(loop, timeout) ?? Promise.resolve();
}

/** Tells that a loop was closed. */
export function loopClosed(loop: ExecutorOwner): void {
  executors?.closed(loop);
}
