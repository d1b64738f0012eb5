/**
 * How a pool lives.
 *
 * @module
 */

import type { DurationLike } from "../duration.ts";
import type { PoolWarning } from "./errors.ts";
import type { AnyFunction } from "./executor.ts";

/** Options of both kinds of pool. */
export interface PoolOptions {
  /** How many workers there may be; by default as many as the machine has cores. */
  maxWorkers?: number | undefined;
  /** The pool's name: part of its workers' names and of its messages. */
  name?: string | undefined;
  /** Runs in each worker before its first job. */
  initializer?: AnyFunction | undefined;
  /** The initializer's arguments. */
  initArgs?: readonly unknown[] | undefined;
  /**
   * After how long without work a worker is ended. Idle workers don't keep the process
   * alive, so by default they stay; Deno's Web Workers do, and go after 250 ms.
   */
  idleTimeout?: DurationLike | undefined;
  /** How long a worker may take to start; 30 seconds by default. */
  startTimeout?: DurationLike | undefined;
  /** After how many calls a worker is replaced; never by default. */
  maxTasksPerWorker?: number | undefined;
  /** How many calls may wait for a worker; no limit by default. See `ready()`. */
  maxQueue?: number | undefined;
  /**
   * What to do when a worker ends that nobody ended: replace it, or give the whole pool
   * up as Python does.
   */
  onCrash?: "replace" | "break" | undefined;
  /** URLs of the modules that workers may load jobs from; they then take no sources. */
  allow?: readonly (string | URL)[] | undefined;
  /** Limits of a worker's memory, where the runtime has them. */
  resourceLimits?:
    | { maxOldGenerationSizeMb?: number; maxYoungGenerationSizeMb?: number }
    | undefined;
  /**
   * Told of what no future can carry, such as a worker that ended between two jobs of an
   * error that one had left behind; by default it is written to the console.
   */
  onWarning?: ((warning: PoolWarning) => void) | undefined;
}
