/**
 * Pools of processes.
 *
 * @module
 */

import { BrokenProcessPool } from "./errors.ts";
import type { PoolOptions } from "./pool_options.ts";
import { WorkerPool } from "./_pool/worker_pool.ts";
import { processHost } from "./_runtime/processes.ts";

/** Options of a {@linkcode ProcessPoolExecutor}. */
export interface ProcessPoolOptions extends PoolOptions {
  /** Environment variables, added to those of this process that it may read. */
  env?: Record<string, string> | undefined;
  /**
   * Options for the runtime, added to those that this process was started with, such as
   * `--conditions` and `--import` (on Deno those can be read on Linux only, and with
   * `--allow-all`). Where these name no permissions, Deno's workers get those that this
   * process has for everything; of those for some paths, files and variables, they get the
   * current folder, the program's, and the common variables.
   */
  execArgv?: readonly string[] | undefined;
}

/**
 * Runs functions in child processes, each this runtime anew.
 *
 * As a `ThreadPoolExecutor`, but a worker that is killed is surely gone, one that runs out of memory
 * takes nobody with it, and nothing is shared: buffers are copied, and a
 * `SharedArrayBuffer` can't be sent. Workers end with this process, however it ends and
 * whatever they do. They leave Ctrl-C to it.
 *
 * Workers see the modules that this program sees: on Deno by its configuration file and
 * `package.json`, elsewhere by the current folder. There, a pool needs `--allow-run=deno`,
 * and of the environment `NODE_V8_COVERAGE`, which Deno reads for each process. A program
 * that was compiled into one file with Deno or Node can't have one.
 *
 * Port of {@link https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor | concurrent.futures.ProcessPoolExecutor}.
 *
 * @example Usage
 * ```ts
 * import { ProcessPoolExecutor } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
 *
 * assertEquals(await pool.submit((words: string[]) => words.join(" "), ["over", "there"]), "over there");
 * ```
 */
export class ProcessPoolExecutor extends WorkerPool {
  /**
   * Makes a pool; its workers start with the first calls.
   *
   * @param options How many workers, and how they live.
   * @throws {TypeError} Where there are no processes.
   */
  constructor(options: ProcessPoolOptions = {}) {
    const { resourceLimits, env, execArgv } = options;
    const host = processHost({ resourceLimits, env, execArgv: execArgv && [...execArgv] });
    super({ name: "ProcessPoolExecutor", broken: BrokenProcessPool }, host, options);
  }
}
