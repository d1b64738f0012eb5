/**
 * What a pool tells of itself.
 *
 * @module
 */

/** A spread of durations in milliseconds, over the last calls. */
export interface Percentiles {
  /** Half were shorter. */
  p50: number;
  /** Nine in ten were shorter. */
  p90: number;
  /** Ninety-nine in a hundred were shorter. */
  p99: number;
  /** The longest. */
  max: number;
}

/** A pool's state at one moment; see `ThreadPoolExecutor.stats`. */
export interface PoolStats {
  /** Workers that live: those that start, too. */
  workers: number;
  /** Workers that run something. */
  busy: number;
  /** Calls that wait for a worker. */
  queued: number;
  /** Calls that workers have. */
  running: number;
  /** Calls that returned. */
  completed: number;
  /** Calls that threw, or were lost with their worker. */
  failed: number;
  /** Calls that were cancelled. */
  cancelled: number;
  /** Workers that ended without being told to, or never started. */
  crashes: number;
  /** Workers that couldn't be stopped and still run. */
  abandoned: number;
  /** How long calls waited for a worker. */
  waitTime: Percentiles;
  /** How long calls ran; calls that ran as a batch count as its average. */
  runTime: Percentiles;
}
