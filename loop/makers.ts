/**
 * The slots for what is built on the loop: it runs tasks without knowing what one is.
 *
 * @module
 */

import type { Coro, FutureLike, TaskFactory } from "./awaitable.ts";
import { RuntimeError } from "../errors.ts";

/** What `tasks/` puts in here when it is imported. Each takes the loop that it is for. */
export interface Makers {
  /** Makes a pending future. */
  future<T>(loop: object): FutureLike<T>;
  /** Makes a task. */
  task: TaskFactory;
  /** Makes a future of whatever can be awaited. */
  ensureFuture<T>(awaitable: FutureLike<T> | Coro<T>, loop: object): FutureLike<T>;
  /** Does calling it make a coroutine? */
  isCoroutineFunction(value: unknown): boolean;
  /** The pending tasks. */
  pending(loop: object): { toString(): string; _isAway(): boolean }[];
}

let makers: Makers | null = null;

/** Fills the slots. */
export function setMakers(filled: Makers): void {
  makers = filled;
}

/** What is in the slots, for what can't do without. */
export function requireMakers(): Makers {
  if (makers !== null) return makers;
  throw new RuntimeError(
    "Cannot make a future or a task: import '@aio/asyncio' or '@aio/asyncio/tasks' first",
  );
}

/** Does calling it make a coroutine, as far as it is known here? */
export function isCoroutineFunction(value: unknown): boolean {
  return makers?.isCoroutineFunction(value) ?? false;
}

/** The pending tasks of a loop. */
export function pendingOf(loop: object): ReturnType<Makers["pending"]> {
  return makers?.pending(loop) ?? [];
}
