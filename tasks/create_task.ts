/**
 * Making tasks.
 *
 * @module
 */

import type { Awaitable, ResultOf } from "./awaitable.ts";
import { type Coro, NO_OPTIONS, type TaskLike, type TaskOptions } from "../loop/awaitable.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { Coroutine, isCoroutineFunction, isGenerator } from "./coroutine.ts";
import { describeValue } from "../loop/describe.ts";
import { foreignFuture } from "./until.ts";
import { Future } from "./future.ts";
import { getEventLoop, getRunningLoop } from "../loop/running.ts";
import { setMakers } from "../loop/makers.ts";
import { pendingTasks } from "./_registry.ts";
import { Task } from "./task.ts";
import { ValueError } from "../errors.ts";

/**
 * Makes a task of a coroutine: it starts in the next turn, and runs beside its maker.
 *
 * Keep the task, and await it: its errors are yours. A group of tasks is better made
 * by `taskGroup()`, which waits for all of them.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task | asyncio.create_task}.
 *
 * @typeParam C The coroutine's type.
 * @param coro An async function or generator function without parameters, or a generator. Of an
 * async function with arguments, hand over a call to come: `createTask(() => f(1))`.
 * @param options Its name and context, and whether it runs its first step now.
 * @returns The task.
 * @throws {RuntimeError} If no loop is running here.
 * @throws {TypeError} If `coro` is no coroutine, such as a promise.
 *
 * @example Usage
 * ```ts
 * import { createTask, run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * async function double(n: number) {
 *   await sleep(1);
 *   return 2 * n;
 * }
 * await run(async () => {
 *   const a = createTask(() => double(1));
 *   const b = createTask(() => double(2), { name: "second" });
 *   assertEquals([await a, await b], [2, 4]);
 * });
 * ```
 */
export function createTask<C extends Coro<unknown>>(
  coro: C,
  options?: TaskOptions,
): Task<ResultOf<C>> {
  return getRunningLoop().createTask(coro, options) as Task<ResultOf<C>>;
}

/**
 * Makes a future of whatever can be awaited: a future stays what it is, a coroutine
 * becomes a task, a foreign promise is wrapped as by `until()`.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-future.html#asyncio.ensure_future | asyncio.ensure_future}.
 *
 * @param awaitable What to make a future of.
 * @param options `loop`: where to run a coroutine; the running one by default.
 * @throws {TypeError} If it can't be awaited.
 * @throws {ValueError} If it is a future of another loop.
 *
 * @example Usage
 * ```ts
 * import { ensureFuture, run, sleep } from "@aio/asyncio";
 * import { assertStrictEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const task = ensureFuture(sleep(1));
 *   assertStrictEquals(ensureFuture(task), task);
 *   await task;
 * });
 * ```
 */
export function ensureFuture<A extends Awaitable<unknown>>(
  awaitable: A,
  options: { loop?: EventLoop } = {},
): Future<ResultOf<A>> {
  if (awaitable instanceof Future) {
    if (options.loop !== undefined && options.loop !== awaitable._loop) {
      throw new ValueError(`Cannot take ${awaitable}: it belongs to a different loop`);
    }
    return awaitable as Future<ResultOf<A>>;
  }
  const loop = options.loop ?? getEventLoop();
  if (typeof awaitable === "function" || awaitable instanceof Coroutine || isGenerator(awaitable)) {
    return loop.createTask(awaitable as Coro<ResultOf<A>>) as Task<ResultOf<A>>;
  }
  const foreign = foreignFuture<ResultOf<A>>(awaitable, loop);
  if (foreign !== null) return foreign;
  throw new TypeError(
    `Cannot await ${
      describeValue(awaitable)
    }: a future, a coroutine, a function that makes one, or a ` +
      "promise is required",
  );
}

/**
 * Is `value` a future (or a task)?
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-future.html#asyncio.isfuture | asyncio.isfuture}.
 *
 * @example Usage
 * ```ts
 * import { isFuture } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isFuture(Promise.resolve()), false);
 * ```
 */
export function isFuture(value: unknown): value is Future<unknown> {
  return value instanceof Future;
}

/**
 * A task factory whose tasks run their first step at once, inside of the call that
 * makes them: for coroutines that mostly end without waiting.
 *
 * A generator coroutine that never waits is done when `createTask` returns. Of an
 * async function, the part before its first `await` has run by then: what follows
 * an `await` always comes later in JavaScript.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.eager_task_factory | asyncio.eager_task_factory}.
 *
 * @example Usage
 * ```ts
 * import { createTask, eagerTaskFactory, getRunningLoop, run } from "@aio/asyncio";
 * import { assert } from "@std/assert";
 *
 * await run(async () => {
 *   getRunningLoop().setTaskFactory(eagerTaskFactory);
 *   assert(createTask(function* () {}).done());
 * });
 * ```
 */
export function eagerTaskFactory<T>(
  loop: object,
  coro: Coro<T>,
  options: TaskOptions,
): TaskLike<T> {
  return new Task(coro, { ...options, loop: loop as EventLoop, eagerStart: true });
}

setMakers({
  future: (loop) => new Future({ loop: loop as EventLoop }),
  task: (loop, coro, options) =>
    new Task(
      coro,
      options === NO_OPTIONS
        ? { loop: loop as EventLoop }
        : { ...options, loop: loop as EventLoop },
    ),
  ensureFuture: (awaitable, loop) =>
    ensureFuture(awaitable, { loop: loop as EventLoop }) as Future<never>,
  isCoroutineFunction,
  pending: (loop) => pendingTasks(loop as EventLoop) as Task<unknown>[],
});
