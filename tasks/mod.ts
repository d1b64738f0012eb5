/**
 * Futures, tasks, and what combines them.
 *
 * @example Usage
 * ```ts
 * import { createTask, gather, sleep } from "@aio/asyncio/tasks";
 * import { run } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const early = createTask(sleep(1, "early"));
 *   assertEquals(await gather([sleep(2, "late"), early]), ["late", "early"]);
 * });
 * ```
 *
 * @module
 */

export type { Awaitable, Body, ResultOf, ResultsOf } from "./awaitable.ts";
export { AsCompleted, asCompleted, type AsCompletedOptions, type Done } from "./as_completed.ts";
export type { Coro, CoroutineLike, TaskFactory, TaskOptions } from "../loop/awaitable.ts";
export { Context, ContextVar, copyContext, Token } from "../loop/context.ts";
export { Coroutine, coroutine, isCoroutine, isCoroutineFunction } from "./coroutine.ts";
export { createTask, eagerTaskFactory, ensureFuture, isFuture } from "./create_task.ts";
export { allTasks, currentTask } from "./current.ts";
export type { DurationFields, DurationLike } from "../duration.ts";
export {
  CancelledError,
  InvalidStateError,
  RuntimeError,
  TimeoutError,
  ValueError,
} from "../errors.ts";
export { type ErrorFilter, ExceptionGroup } from "./exception_group.ts";
export { Future } from "./future.ts";
export { gather, type GatherOptions } from "./gather.ts";
export { shield } from "./shield.ts";
export { sleep } from "./sleep.ts";
export { Task, type TaskConstructorOptions } from "./task.ts";
export { TaskGroup, taskGroup } from "./task_group.ts";
export { Timeout, timeout, timeoutAt } from "./timeout.ts";
export { until } from "./until.ts";
export {
  ALL_COMPLETED,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type ReturnWhen,
  wait,
  type WaitOptions,
} from "./wait.ts";
export { waitFor } from "./wait_for.ts";
