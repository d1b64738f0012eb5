/**
 * What a job can ask of the pool that runs it.
 *
 * @module
 */

import { RuntimeError } from "../errors.ts";

const JOB: unique symbol = Symbol.for("@aio/asyncio.job") as never;

/** What a worker offers to the job that runs. @internal */
export interface JobScope {
  /** The running job's signal. */
  signal(): AbortSignal;
  /** Sends a value to the running job's future. */
  report(value: unknown): void;
}

/** Tells this thread's jobs where they run. @internal */
export function setJobScope(scope: JobScope | undefined): void {
  (globalThis as { [JOB]?: JobScope | undefined })[JOB] = scope;
}

function jobScope(what: string): JobScope {
  const scope = (globalThis as { [JOB]?: JobScope })[JOB];
  if (scope === undefined) {
    throw new RuntimeError(`Cannot use ${what} here: it belongs inside a job that a pool runs`);
  }
  return scope;
}

/**
 * The signal of the job that runs: it aborts when the job's future is told to
 * stop, or its time is up. Ask for it at the job's start. A job that never
 * awaits can ask again and again (in browsers, if the page is isolated).
 *
 * @returns The signal, with the reason given to `abort()`.
 * @throws {RuntimeError} Outside of a job.
 *
 * @example Usage
 * ```ts
 * import { InlineExecutor, workerSignal } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * function job(): boolean {
 *   return workerSignal().aborted;
 * }
 * await using pool = new InlineExecutor({ allowClosures: true });
 *
 * assertEquals(await pool.submit(job), false);
 * ```
 */
export function workerSignal(): AbortSignal {
  return jobScope("workerSignal()").signal();
}

/**
 * Sends a value, such as how far the job is, to its future's `onProgress`.
 *
 * @param value Anything that can be cloned.
 * @throws {RuntimeError} Outside of a job.
 *
 * @example Usage
 * ```ts
 * import { InlineExecutor, report } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * const seen: unknown[] = [];
 * await using pool = new InlineExecutor({ allowClosures: true });
 * const future = pool.submit(() => report(0.5));
 * future.onProgress((value) => seen.push(value));
 * await future;
 *
 * assertEquals(seen, [0.5]);
 * ```
 */
export function report(value: unknown): void {
  jobScope("report()").report(value);
}
