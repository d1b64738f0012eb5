/**
 * Which tasks there are.
 *
 * @module
 */

import { currentScope } from "../loop/context.ts";
import { currentStrand } from "./_native_strand.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { getRunningLoop, runningLoop } from "../loop/running.ts";
import { pendingTasks } from "./_registry.ts";
import { RuntimeError } from "../errors.ts";
import type { Strand } from "./_native_code.ts";
import { Task } from "./task.ts";

/**
 * The task whose code runs now, or null in a callback.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.current_task | asyncio.current_task};
 * outside of every loop it gives null as well, where Python raises.
 *
 * @example Usage
 * ```ts
 * import { currentTask, run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const before = currentTask();
 *   await sleep(1);
 *   assertEquals(currentTask() === before, true);
 * });
 * assertEquals(currentTask(), null);
 * ```
 */
export function currentTask(): Task<unknown> | null {
  const task = currentScope()?._task;
  return task instanceof Task ? task : null;
}

/**
 * The tasks of a loop that are not done, oldest first.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks | asyncio.all_tasks}.
 *
 * @param loop The loop; the running one by default.
 * @throws {RuntimeError} If none is given and none is running.
 *
 * @example Usage
 * ```ts
 * import { allTasks, createTask, run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   createTask(() => sleep(5), { name: "other" });
 *   assertEquals([...allTasks()].at(-1)?.getName(), "other");
 * });
 * ```
 */
export function allTasks(loop?: EventLoop): Set<Task<unknown>> {
  return new Set(pendingTasks(loop ?? getRunningLoop()) as Task<unknown>[]);
}

/** The strand of a task that runs now, for what can only be used inside of one. */
export function requireStrand(what: string): Strand {
  const strand = currentStrand(currentScope());
  if (strand !== null) return strand;
  const where = runningLoop() === null ? "outside of run()" : "in a callback";
  throw new RuntimeError(`Cannot use ${what} ${where}: it should be used inside a task`);
}
