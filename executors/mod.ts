/**
 * Running functions elsewhere: Python's `concurrent.futures`, over threads and child
 * processes.
 *
 * @example Usage
 * ```ts
 * import { asCompleted, ThreadPoolExecutor } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * function isPrime(n: number): boolean {
 *   for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
 *   return n > 1;
 * }
 * await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
 * const futures = [7919, 7920].map((n) => pool.submit(isPrime, n));
 * for await (const future of asCompleted(futures)) future.result();
 *
 * assertEquals(futures.map((future) => future.result()), [true, false]);
 * ```
 *
 * @module
 */

export * from "./as_completed.ts";
export * from "./concurrent_future.ts";
export * from "./errors.ts";
export * from "./executor.ts";
export type { ExecutorBase } from "./executor_base.ts";
export * from "./inline_executor.ts";
export { report, workerSignal } from "./job.ts";
export * from "./pool_options.ts";
export * from "./process_pool_executor.ts";
export * from "./register_error.ts";
export * from "./stats.ts";
export * from "./thread_pool_executor.ts";
export { transfer } from "./transfer.ts";
export * from "./wait.ts";
export { type WorkerModule, workerModule } from "./worker_module.ts";
export type { WorkerPool } from "./_pool/worker_pool.ts";
