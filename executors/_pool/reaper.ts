/** Ends workers that have had nothing to do for a while. */

import type { PoolWorker } from "./pool_worker.ts";
import { unrefTimer } from "../_runtime/builtins.ts";

/** Looks after the workers of one pool, with one timer for all. */
export class Reaper {
  readonly #workers: ReadonlySet<PoolWorker>;
  readonly #idleTimeout: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isWatching = false;

  constructor(workers: ReadonlySet<PoolWorker>, idleTimeout: number) {
    this.#workers = workers;
    this.#idleTimeout = idleTimeout;
  }

  /** A worker is idle. */
  watch(): void {
    if (this.#idleTimeout === Infinity || this.#isWatching) return;
    this.#isWatching = true;
    void this.#begin();
  }

  /** Ends nobody any more. */
  stop(): void {
    this.#isWatching = false;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** After whoever awaits the worker's results: Deno's first timer takes 8 ms to make. */
  async #begin(): Promise<void> {
    await undefined;
    await undefined;
    if (this.#isWatching && this.#timer === undefined) this.#lookIn(this.#idleTimeout);
  }

  #lookIn(delay: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const next = this.#reap(performance.now());
      if (next !== Infinity) this.#lookIn(next);
      else this.#isWatching = false;
    }, delay);
    unrefTimer(this.#timer);
  }

  /** Ends whose time is up; gives how long until the next one's is. */
  #reap(now: number): number {
    let next = Infinity;
    for (const worker of this.#workers) {
      if (worker.state !== "ready" || worker.batches > 0) continue;
      const left = worker.idleSince + this.#idleTimeout - now;
      // A millisecond more or less: timers fire early here and there.
      if (left <= 1) worker.close();
      else next = Math.min(next, left);
    }
    return next;
  }
}
