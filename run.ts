/**
 * Running a program: the one place that puts the parts together.
 *
 * @module
 */

import { type Context, copyContext, usesAsyncLocal } from "./loop/context.ts";
import { CancelledError, DeadlockError, KeyboardInterrupt, RuntimeError } from "./errors.ts";
import type { Coro } from "./loop/awaitable.ts";
import { Coroutine } from "./tasks/coroutine.ts";
import { allTasks } from "./tasks/current.ts";
import { Presence, type Run, untilOthersWaitForUs } from "./_runtime/presence.ts";
import type { EventLoop } from "./loop/event_loop.ts";
import { endFloating, hasFloating } from "./tasks/floating.ts";
import { FAILED } from "./tasks/future.ts";
import { gather } from "./tasks/gather.ts";
import { callersLoop, newEventLoop } from "./loop/running.ts";
import type { ResultOf } from "./tasks/awaitable.ts";
import type { Task } from "./tasks/task.ts";

/** How long the default executor may take to finish its work at the end: CPython's five minutes. */
const EXECUTOR_TIMEOUT = { minutes: 5 };
/** How many times what was made too late is cancelled, if its clean-up makes more of it. */
const LATE_ROUNDS = 100;

/** Options of `Runner`. */
export interface RunnerOptions {
  /** Debug mode; by default as the loop says. */
  debug?: boolean;
  /** Makes the loop; `newEventLoop` by default. */
  loopFactory?: () => EventLoop;
}

/** Options of `Runner.run`. */
export interface RunnerRunOptions {
  /** The context that the main task runs in; the runner's by default. */
  context?: Context;
  /** Cancels the main task when it aborts. */
  signal?: AbortSignal;
}

/** Options of `run`. */
export interface RunOptions extends RunnerOptions {
  /** Cancels the main task when it aborts. */
  signal?: AbortSignal;
}

/**
 * Runs coroutines one after another on one loop, and cleans up at the end.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-runner.html#asyncio.Runner | asyncio.Runner}.
 *
 * @example Usage
 * ```ts
 * import { Runner, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await using runner = new Runner();
 * assertEquals(await runner.run(sleep(1, "a")), "a");
 * assertEquals(await runner.run(sleep(1, "b")), "b");
 * ```
 */
export class Runner implements AsyncDisposable {
  readonly #options: RunnerOptions;
  #loop: EventLoop | null = null;
  #context: Context | null = null;
  #isClosed = false;

  /** Makes a runner; its loop is made at the first use. */
  constructor(options: RunnerOptions = {}) {
    this.#options = options;
  }

  /**
   * Its loop.
   *
   * @throws {RuntimeError} If the runner is closed.
   */
  getLoop(): EventLoop {
    if (this.#isClosed) throw new RuntimeError("Cannot use a Runner: it is closed");
    if (this.#loop === null) {
      this.#loop = (this.#options.loopFactory ?? newEventLoop)();
      this.#context = copyContext();
      if (this.#options.debug !== undefined) this.#loop.setDebug(this.#options.debug);
    }
    return this.#loop;
  }

  /**
   * Runs a coroutine to its end.
   *
   * Ctrl-C cancels it; a second one ends the process at once. So it is for each of several.
   *
   * @param main A coroutine, or a function that makes one.
   * @param options See {@link RunnerRunOptions}.
   * @returns Its result.
   * @throws Its error.
   * @throws {KeyboardInterrupt} If Ctrl-C cancelled it.
   * @throws {DeadlockError} If the process would exit while it waits.
   * @throws {RuntimeError} Inside of a task, or if the runner is closed or runs one already.
   */
  async run<C extends Coro<unknown>>(
    main: C,
    options: RunnerRunOptions = {},
  ): Promise<ResultOf<C>> {
    if (callersLoop()?.isRunning()) {
      throw new RuntimeError(
        "Cannot call run() from a running event loop: await the coroutine, or make a task of it",
      );
    }
    const loop = this.getLoop();
    if (loop.isRunning()) {
      if (main instanceof Coroutine) main.close();
      throw new RuntimeError(
        "Cannot run two main coroutines at once on a Runner: await the first run(), or use run()",
      );
    }
    const context = options.context ?? this.#context!;
    const task = loop.createTask(main, { context }) as Task<ResultOf<C>>;
    const presence = new Presence(new LoopRun(loop, task));
    const unfollow = followSignal(task, options.signal);
    try {
      presence.begin();
      return await loop.runUntilComplete(task);
    } catch (error) {
      if (presence.wasInterrupted && error instanceof CancelledError && task.uncancel() === 0) {
        throw new KeyboardInterrupt("Ctrl-C was pressed", { cause: error });
      }
      throw error;
    } finally {
      unfollow();
      presence.leave();
    }
  }

  /**
   * Cancels the tasks that are left, waits until they have ended, and closes the loop.
   *
   * If Ctrl-C is pressed meanwhile, the process ends when that is done.
   *
   * @throws {RuntimeError} If a main coroutine is running.
   */
  async close(): Promise<void> {
    if (await this._close()) await untilOthersWaitForUs();
  }

  /**
   * Gives whether Ctrl-C was pressed meanwhile, so that the process is to end.
   * @internal
   */
  async _close(): Promise<boolean> {
    const loop = this.#loop;
    if (loop?.isRunning()) {
      throw new RuntimeError("Cannot close a Runner: its main coroutine is running");
    }
    this.#isClosed = true;
    if (loop === null) return false;
    this.#loop = null;
    const presence = new Presence(new LoopRun(loop, null));
    try {
      if (loop._lastTask !== null) await cancelAll(loop);
      // Without AsyncLocalStorage, what they await next would be taken for code outside of run().
      if (usesAsyncLocal() && hasFloating(loop)) await endFloating(loop);
      await loop.shutdownDefaultExecutor(EXECUTOR_TIMEOUT);
      if (loop._ready.length > 0) {
        // Results that came meanwhile get to their futures.
        await loop.runUntilComplete(function* () {});
        await cancelAll(loop);
      }
    } finally {
      loop.close();
      if (presence.wasInterrupted) presence.demandEnd();
      presence.leave();
    }
    return presence.wasInterrupted;
  }

  /** Closes it: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Follows an abort signal as long as a main task runs. Gives a function that ends that. */
function followSignal(task: Task<unknown>, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => {};
  const cancel = () => void task.cancel(describeReason(signal.reason));
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return () => signal.removeEventListener("abort", cancel);
}

/** The message of the CancelledError; none for the reason that `abort()` makes up by itself. */
function describeReason(reason: unknown): string | undefined {
  if ((reason as Error | null)?.name === "AbortError") return undefined;
  return reason instanceof Error ? reason.message : String(reason);
}

/** A loop that runs, as Ctrl-C and the exit of the process see it; and its main task, if any. */
class LoopRun implements Run {
  readonly #loop: EventLoop;
  readonly #main: Task<unknown> | null;

  constructor(loop: EventLoop, main: Task<unknown> | null) {
    this.#loop = loop;
    this.#main = main;
  }

  interrupt(): void {
    this.#main?.cancel();
  }

  waitsOutside(): boolean {
    return this.#loop._isIdle() && this.#loop.outside() > 0;
  }

  isStuck(): boolean {
    return this.#loop._isStuck();
  }

  giveUp(): void {
    const list = this.#loop.describeWaiting().map((line) => `\n  ${line}`).join("");
    this.#loop._crash(
      new DeadlockError(
        "The process is about to exit, for nothing is left that could wake the event loop, " +
          `while these tasks wait:${list}`,
      ),
    );
  }
}

/** All of a `run()`, from the beginning to the very end: its loop's runs come and go. */
const WHOLE: Run = {
  interrupt() {},
  waitsOutside: () => true,
  isStuck: () => false,
  giveUp() {},
};

/** Cancels the tasks that are left, and those that are made meanwhile, such as in a `finally`. */
async function cancelAll(loop: EventLoop): Promise<void> {
  let tasks = [...allTasks(loop)];
  for (let round = 0; tasks.length > 0 && round < LATE_ROUNDS; round++) {
    if (!await cancelAndWait(loop, tasks)) return;
    // What was made late may end by itself, if it does so soon: CPython's loop runs twice more.
    for (let i = 0; i < 2 && allTasks(loop).size > 0; i++) {
      await loop.runUntilComplete(function* () {});
    }
    tasks = [...allTasks(loop)];
    for (const task of tasks) {
      loop.callExceptionHandler({
        message: "Task was destroyed but it is pending!",
        task,
        name: task.getName(),
      });
    }
  }
}

/** Gives whether they have ended. */
async function cancelAndWait(loop: EventLoop, tasks: Task<unknown>[]): Promise<boolean> {
  for (const task of tasks) task.cancel();
  try {
    await loop.runUntilComplete(gather(tasks, { returnExceptions: true }));
  } catch (error) {
    // They ignore their cancellation and wait for what can't come: that was told.
    if (error instanceof DeadlockError) return false;
    throw error;
  }
  for (const task of tasks) {
    if (task._state !== FAILED) continue;
    loop.callExceptionHandler({
      message: "unhandled exception during run() shutdown",
      exception: task.exception(),
      task,
      name: task.getName(),
    });
  }
  return true;
}

/**
 * Runs a program: makes a loop, runs `main` on it as a task, and cleans up.
 *
 * When `main` has ended, the tasks that are left are cancelled and awaited, errors
 * that nobody asked for are reported, and the loop is closed: nothing that was started
 * within outlives this call.
 *
 * Cancellation: an abort of `signal`, or Ctrl-C, cancels the main task, so that its
 * `finally` blocks run. After a Ctrl-C that `main` lets pass, the process then ends as
 * SIGINT ends one, once every other `run()` has ended too; a second Ctrl-C ends it at once.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-runner.html#asyncio.run | asyncio.run}.
 *
 * @typeParam C The coroutine's type.
 * @param main An async function or generator function without parameters, or a generator. Not
 * the promise of a call: `run(() => main(1))`.
 * @param options See {@link RunOptions}.
 * @returns The result of `main`.
 * @throws The error of `main`.
 * @throws {DeadlockError} If the process would exit while `main` waits; it lists the tasks.
 * @throws {RuntimeError} Inside of a task.
 * @throws {TypeError} If `main` is no coroutine.
 *
 * @example Usage
 * ```ts
 * import { run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const hello = await run(async () => {
 *   await sleep(1);
 *   return "hello";
 * });
 * assertEquals(hello, "hello");
 * ```
 */
export async function run<C extends Coro<unknown>>(
  main: C,
  options: RunOptions = {},
): Promise<ResultOf<C>> {
  const runner = new Runner(options);
  const presence = new Presence(WHOLE);
  let isInterrupted = false;
  try {
    return await runner.run(main, options.signal === undefined ? {} : { signal: options.signal });
  } catch (error) {
    isInterrupted = error instanceof KeyboardInterrupt;
    throw error;
  } finally {
    try {
      if (await runner._close()) isInterrupted = true;
    } finally {
      if (isInterrupted) presence.demandEnd();
      presence.leave();
      if (isInterrupted) await untilOthersWaitForUs();
    }
  }
}
