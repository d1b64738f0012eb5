/** What a pool did, in numbers. */

import type { PoolStats } from "../stats.ts";
import { Samples } from "./samples.ts";

/** Counts for one pool. */
export class Tally {
  /** How calls and workers ended. */
  readonly counts = { completed: 0, failed: 0, cancelled: 0, crashes: 0, abandoned: 0 };
  /** How long calls waited. */
  readonly waits: Samples = new Samples();
  readonly #runs: Samples = new Samples();

  /** A call has ended, after `elapsed` milliseconds if that is known. */
  finished(elapsed: number, failed: boolean): void {
    if (failed) this.counts.failed += 1;
    else this.counts.completed += 1;
    if (elapsed !== Infinity) this.#runs.add(elapsed);
  }

  /** All of it, with what the pool does now. */
  stats(now: Pick<PoolStats, "workers" | "busy" | "queued" | "running">): PoolStats {
    return {
      ...now,
      ...this.counts,
      waitTime: this.waits.percentiles(),
      runTime: this.#runs.percentiles(),
    };
  }
}
