/**
 * Python's asyncio for TypeScript: tasks that can be cancelled, timeouts that really
 * stop the work, groups that lose no error.
 *
 * A coroutine is an `async` function, or a generator function (`yield*` for `await`).
 * Names are Python's in camelCase, times are in milliseconds.
 *
 * @example Usage
 * ```ts
 * import { run, sleep, taskGroup, timeout } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * async function fetchPage(n: number) {
 *   await sleep(n);
 *   return `page ${n}`;
 * }
 *
 * const pages = await run(() =>
 *   timeout({ seconds: 5 }, () =>
 *     taskGroup(async (group) => {
 *       const first = group.createTask(() => fetchPage(1));
 *       const second = group.createTask(() => fetchPage(2));
 *       return [await first, await second];
 *     }))
 * );
 * assertEquals(pages, ["page 1", "page 2"]);
 * ```
 *
 * @module
 */

export { runCoroutineThreadsafe, toThread, wrapFuture, type WrapOptions } from "./bridge.ts";
export * from "./errors.ts";
export * from "./loop/mod.ts";
export * from "./sync/mod.ts";
export * from "./tasks/mod.ts";
export { run, Runner, type RunnerOptions, type RunnerRunOptions, type RunOptions } from "./run.ts";
