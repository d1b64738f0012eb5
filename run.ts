/**
 * Running a program: the one place that puts the parts together.
 *
 * @module
 */

import { type Context, copyContext } from "./loop/context.ts";
import { CancelledError, DeadlockError, KeyboardInterrupt, RuntimeError } from "./errors.ts";
import type { Coro } from "./loop/awaitable.ts";
import { allTasks } from "./tasks/current.ts";
import { endByInterrupt, onAboutToExit, onInterrupt } from "./_runtime/process.ts";
import type { EventLoop } from "./loop/event_loop.ts";
import { gather } from "./tasks/gather.ts";
import { callersLoop, newEventLoop } from "./loop/running.ts";
import type { ResultOf } from "./tasks/awaitable.ts";
import type { Task } from "./tasks/task.ts";

/** How long the default executor may take to finish its work at the end: CPython's five minutes. */
const EXECUTOR_TIMEOUT = { minutes: 5 };

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
   * Ctrl-C cancels it; a second one ends the process at once.
   *
   * @param main A coroutine, or a function that makes one.
   * @param options See {@link RunnerRunOptions}.
   * @returns Its result.
   * @throws Its error.
   * @throws {KeyboardInterrupt} If Ctrl-C cancelled it.
   * @throws {DeadlockError} If the process would exit while it waits.
   * @throws {RuntimeError} Inside of a task, or if the runner is closed.
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
    const context = options.context ?? this.#context!;
    const task = loop.createTask(main, { context }) as Task<ResultOf<C>>;
    const guard = new Guard(loop, task, options.signal);
    try {
      return await loop.runUntilComplete(task);
    } catch (error) {
      if (guard.wasInterrupted && error instanceof CancelledError && task.uncancel() === 0) {
        throw new KeyboardInterrupt("Ctrl-C was pressed", { cause: error });
      }
      throw error;
    } finally {
      guard.release();
    }
  }

  /** Cancels the tasks that are left, waits until they have ended, and closes the loop. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const loop = this.#loop;
    if (loop === null) return;
    this.#loop = null;
    try {
      await cancelAll(loop);
      await loop.shutdownDefaultExecutor(EXECUTOR_TIMEOUT);
    } finally {
      loop.close();
    }
  }

  /** Closes it: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** What may come from outside while a main task runs: Ctrl-C, an abort, the end of the process. */
class Guard {
  wasInterrupted = false;
  readonly #releases: (() => void)[];

  constructor(loop: EventLoop, task: Task<unknown>, signal: AbortSignal | undefined) {
    this.#releases = [
      onInterrupt(() => {
        if (this.wasInterrupted || task.done()) {
          this.release();
          return endByInterrupt();
        }
        this.wasInterrupted = true;
        task.cancel();
      }),
      onStuck(loop, () => this.release()),
    ];
    if (signal !== undefined) this.#follow(signal, task);
  }

  #follow(signal: AbortSignal, task: Task<unknown>): void {
    const cancel = () => void task.cancel(describeReason(signal.reason));
    if (signal.aborted) return cancel();
    signal.addEventListener("abort", cancel, { once: true });
    this.#releases.push(() => signal.removeEventListener("abort", cancel));
  }

  release(): void {
    for (const release of this.#releases.splice(0)) release();
  }
}

/** The message of the CancelledError; none for the reason that `abort()` makes up by itself. */
function describeReason(reason: unknown): string | undefined {
  if ((reason as Error | null)?.name === "AbortError") return undefined;
  return reason instanceof Error ? reason.message : String(reason);
}

/** Ends the loop's run with an error if the process would exit while it waits. */
function onStuck(loop: EventLoop, release: () => void): () => void {
  const list = () => loop.describeWaiting().map((line) => `\n  ${line}`).join("");
  return onAboutToExit({
    isStuck: () => loop._isStuck(),
    aboutToExit: () =>
      loop._crash(
        new DeadlockError(
          "The process is about to exit, for nothing is left that could wake the event loop, " +
            `while these tasks wait:${list()}`,
        ),
      ),
    seemsStuck() {
      console.error(
        "run() has nothing left that could wake its event loop, as far as it can see, while " +
          `these tasks wait:${list()}`,
      );
      release(); // what listens for Ctrl-C would keep Deno from ending the process
    },
  });
}

async function cancelAll(loop: EventLoop): Promise<void> {
  const tasks = [...allTasks(loop)];
  if (tasks.length === 0) return;
  for (const task of tasks) task.cancel();
  const release = onStuck(loop, () => {});
  try {
    await loop.runUntilComplete(gather(tasks, { returnExceptions: true }));
  } catch (error) {
    // The tasks ignore their cancellation and wait for what can't come: that was told.
    if (!(error instanceof DeadlockError)) throw error;
  } finally {
    release();
  }
  for (const task of tasks) {
    if (!task.done() || task.cancelled()) continue;
    const exception = task.exception();
    if (exception === null) continue;
    loop.callExceptionHandler({
      message: "unhandled exception during run() shutdown",
      exception,
      task,
      name: task.getName(),
    });
  }
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
 * SIGINT ends one; a second Ctrl-C ends it at once.
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
  const { signal, ...rest } = options;
  const runner = new Runner(rest);
  try {
    return await runner.run(main, signal === undefined ? {} : { signal });
  } catch (error) {
    if (error instanceof KeyboardInterrupt) {
      await runner.close();
      endByInterrupt();
    }
    throw error;
  } finally {
    await runner.close();
  }
}
