/**
 * The event loop below tasks: callbacks, timers, drivers, context variables.
 *
 * @example Usage
 * ```ts
 * import { EventLoop } from "@aio/asyncio/loop";
 * import { assertEquals } from "@std/assert";
 *
 * const calls: number[] = [];
 * const loop = new EventLoop();
 * loop.callLater(2, () => {
 *   calls.push(2);
 *   loop.stop();
 * });
 * loop.callSoon(() => calls.push(1));
 * await loop.runForever();
 * loop.close();
 * assertEquals(calls, [1, 2]);
 * ```
 *
 * @module
 */

export type {
  Coro,
  CoroutineLike,
  FutureLike,
  TaskFactory,
  TaskLike,
  TaskOptions,
} from "./awaitable.ts";
export { Context, ContextVar, copyContext, Token, useAsyncLocalStorage } from "./context.ts";
export type { Driver, Idle } from "./driver.ts";
export { type CallOptions, EventLoop, type ExceptionHandler } from "./event_loop.ts";
export type { ExecutorLike, ExecutorResult } from "./executors.ts";
export { type ExceptionContext, Handle, type HandleHost, TimerHandle } from "./handle.ts";
export { platformDriver } from "./platform_driver.ts";
export { getEventLoop, getRunningLoop, install, newEventLoop } from "./running.ts";
export { type DurationFields, type DurationLike, toMilliseconds } from "../duration.ts";
