/**
 * Pools of threads.
 *
 * @module
 */

import { BrokenThreadPool } from "./errors.ts";
import type { PoolOptions } from "./pool_options.ts";
import { WorkerPool } from "./_pool/worker_pool.ts";
import { threadHost } from "./_runtime/threads.ts";

/** Options of a {@linkcode ThreadPoolExecutor}. */
export interface ThreadPoolOptions extends PoolOptions {
  /**
   * What a worker may, on Deno, as `Deno.PermissionOptions`. Deno must have been started
   * with `--unstable-worker-options`: without it, it ends the process.
   */
  permissions?: unknown;
}

/**
 * Runs functions in threads: Web Workers, or `node:worker_threads` on Node.
 *
 * A worker has its own globals and modules; functions get there as
 * `workerModule()` names them, or as their source, and values as copies. Workers are
 * started when they are needed. A worker that ends unasked fails what it was running,
 * and is replaced.
 *
 * Calls made together are sent together. Only functions that turned out to be quick
 * queue up at a worker, and where memory can be shared another worker takes them over
 * when one of them isn't quick after all.
 *
 * **Deno** can't stop a thread in a busy loop, and ends the process when one runs out
 * of memory (with `resourceLimits` only the thread ends). There, work that may have to be
 * killed belongs in a `ProcessPoolExecutor`.
 *
 * Port of {@link https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor | concurrent.futures.ThreadPoolExecutor}.
 *
 * @example Usage
 * ```ts
 * import { ThreadPoolExecutor } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * function fib(n: number): number {
 *   return n < 2 ? n : fib(n - 1) + fib(n - 2);
 * }
 * await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
 *
 * assertEquals(await pool.submit(fib, 20), 6765);
 * assertEquals(await Array.fromAsync(pool.map(fib, [1, 2, 3, 4])), [1, 1, 2, 3]);
 * ```
 */
export class ThreadPoolExecutor extends WorkerPool {
  /**
   * Makes a pool; its workers start with the first calls.
   *
   * @param options How many workers, and how they live.
   * @throws {TypeError} Where there are no threads; an `InlineExecutor` runs there.
   */
  constructor(options: ThreadPoolOptions = {}) {
    const { resourceLimits, permissions } = options;
    const host = threadHost({ resourceLimits, permissions });
    super({ name: "ThreadPoolExecutor", broken: BrokenThreadPool }, host, options);
  }
}
