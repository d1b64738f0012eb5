/**
 * Groups of tasks that end together.
 *
 * @module
 */

import type { Body, ResultOf } from "./awaitable.ts";
import { callBody, checkBody } from "./body.ts";
import { CancelledError, RuntimeError } from "../errors.ts";
import type { Coro, TaskOptions } from "../loop/awaitable.ts";
import { Coroutine, fromGenerator } from "./coroutine.ts";
import { ExceptionGroup } from "./exception_group.ts";
import { FAILED, Future, RESULT } from "./future.ts";
import { inspectable } from "../loop/describe.ts";
import { markBlock } from "./_native_strand.ts";
import { cancelAgain, requestCancel, requestsFor, takeBackCancel } from "./_cancel.ts";
import { requireStrand } from "./current.ts";
import type { Strand } from "./_native_code.ts";
import type { Task } from "./task.ts";

/**
 * The tasks of a group: what `taskGroup()` hands to its body.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup | asyncio.TaskGroup}.
 *
 * @example Usage
 * ```ts
 * import { run, sleep, taskGroup } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const results = await run(() =>
 *   taskGroup(async (group) => {
 *     const a = group.createTask(sleep(2, "a"));
 *     const b = group.createTask(sleep(1, "b"));
 *     return [await a, await b];
 *   })
 * );
 * assertEquals(results, ["a", "b"]);
 * ```
 */
export class TaskGroup {
  /** Runs the block. */
  #strand: Strand | null = null;
  #exiting = false;
  #aborting = false;
  #parentCancelRequested = false;
  readonly #tasks = new Set<Task<unknown>>();
  readonly #errors: unknown[] = [];
  #allDone: Future<void> | null = null;

  /**
   * Makes a task in this group.
   *
   * @param coro A coroutine, or a function that makes one.
   * @param options Its name and context, and whether it runs its first step now.
   * @returns The task.
   * @throws {RuntimeError} If the group has ended or is shutting down: then the coroutine never starts.
   */
  createTask<C extends Coro<unknown>>(coro: C, options?: TaskOptions): Task<ResultOf<C>> {
    const parent = this.#strand?._task;
    if (parent === undefined) throw this.#refuse(coro, "it has not been entered");
    if (this.#exiting && this.#tasks.size === 0) throw this.#refuse(coro, "it is finished");
    if (this.#aborting) throw this.#refuse(coro, "it is shutting down");
    const task = parent._loop.createTask(coro, options) as Task<ResultOf<C>>;
    const follow = () => {
      if (task.done()) this.#taskDone(task);
      else task._whenDone(this.#taskDone);
    };
    this.#tasks.add(task);
    if (!parent._loop._baton.afterFirstStep(task, follow)) follow();
    // The group may have failed in the first step of an eager task.
    if (this.#aborting && !task.done()) task.cancel();
    return task;
  }

  #refuse(coro: unknown, state: string): RuntimeError {
    if (coro instanceof Coroutine) coro.close();
    return new RuntimeError(`Cannot create a task in ${this}: ${state}`);
  }

  readonly #taskDone = (task: Task<unknown>): void => {
    this.#tasks.delete(task);
    const allDone = this.#allDone;
    if (allDone !== null && this.#tasks.size === 0 && !allDone.done()) {
      allDone._finish(RESULT, undefined);
    }
    if (task._state !== FAILED) return;
    const error = task._takeError();
    this.#errors.push(error);
    const strand = this.#strand!;
    const parent = strand._task;
    if (parent.done()) {
      parent._loop.callExceptionHandler({
        message: `Task ${task} has failed but its parent ${parent} is done already`,
        exception: error,
        task,
      });
    } else if (!this.#aborting && !this.#parentCancelRequested) {
      this.#abort();
      this.#parentCancelRequested = true;
      requestCancel(strand, undefined);
    }
  };

  #abort(): void {
    this.#aborting = true;
    for (const task of this.#tasks) {
      if (!task.done()) task.cancel();
    }
  }

  /**
   * Runs `body` and waits for the tasks.
   * @internal
   */
  *_run<T>(body: Body<[TaskGroup], T>): Generator<unknown, T, unknown> {
    this.#strand = requireStrand("taskGroup()");
    markBlock(this.#strand);
    let result!: T;
    let failed = false;
    let error: unknown;
    try {
      result = yield* callBody(() => body(this));
    } catch (thrown) {
      failed = true;
      error = thrown;
    }
    yield* this.#exit(failed, error);
    return result;
  }

  *#exit(failed: boolean, error: unknown): Generator<unknown, void, unknown> {
    const strand = this.#strand!;
    this.#exiting = true;
    const wasCancelled = failed && error instanceof CancelledError;
    let cancellation = wasCancelled ? error : null;
    if (failed && !this.#aborting) this.#abort();
    while (this.#tasks.size > 0) {
      this.#allDone ??= new Future<void>({ loop: strand._loop });
      try {
        yield* this.#allDone;
      } catch (thrown) {
        if (!(thrown instanceof CancelledError)) throw thrown;
        // If it wasn't one of the tasks that failed, the parent is being cancelled.
        if (!this.#aborting) {
          cancellation = thrown;
          this.#abort();
        }
      }
      this.#allDone = null;
    }
    if (this.#parentCancelRequested && takeBackCancel(strand) === 0) cancellation = null;
    if (cancellation !== null && this.#errors.length === 0) throw cancellation;
    if (failed && !wasCancelled) this.#errors.push(error);
    if (this.#errors.length === 0) return;
    // The errors win, but a cancellation from outside is to be seen at the next await.
    if (requestsFor(strand) > 0) cancelAgain(strand);
    throw new ExceptionGroup("unhandled errors in a TaskGroup", this.#errors);
  }

  /** `<TaskGroup entered tasks=2>`. */
  toString(): string {
    const words = ["TaskGroup"];
    if (this.#tasks.size > 0) words.push(`tasks=${this.#tasks.size}`);
    if (this.#errors.length > 0) words.push(`errors=${this.#errors.length}`);
    if (this.#aborting) words.push("cancelling");
    else if (this.#strand !== null) words.push("entered");
    return `<${words.join(" ")}>`;
  }
}

inspectable(TaskGroup);

/**
 * Runs `body` with a group to make tasks in, and waits for all of them.
 *
 * The first error, of a task or of the body, cancels the rest; when all have ended, the
 * errors are thrown together. No task outlives the group, and no error is lost.
 *
 * Cancellation: cancelling the caller cancels all tasks and waits until they have ended.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup | asyncio.TaskGroup}
 * with its `async with` block.
 *
 * @typeParam T The type of the body's result.
 * @param body An async function or generator function; gets the {@link TaskGroup}.
 * @returns What `body` returns.
 * @throws {ExceptionGroup} The errors of the tasks and of the body, but for cancellations.
 * @throws {RuntimeError} Outside of a task.
 *
 * @example Usage
 * ```ts
 * import { ExceptionGroup, run, sleep, taskGroup } from "@aio/asyncio";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const error = await assertRejects(() =>
 *   run(() =>
 *     taskGroup(async (group) => {
 *       group.createTask(async () => {
 *         throw new TypeError("broken");
 *       });
 *       await sleep(1000); // is cancelled
 *     })
 *   ), ExceptionGroup);
 * assertEquals(error.exceptions.length, 1);
 * ```
 */
export function taskGroup<T>(body: Body<[TaskGroup], T>): Coroutine<T> {
  checkBody(body, "taskGroup");
  return fromGenerator("taskGroup", () => new TaskGroup()._run(body));
}
