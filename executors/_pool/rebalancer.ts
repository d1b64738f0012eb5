/** Has idle workers take over what waits behind a call that turned out slow. */

import type { PoolWorker } from "./pool_worker.ts";

/** How long a worker may be at a batch before others take its rest. */
const PATIENCE = 2;

/** Looks after the workers of one pool while its queue is empty. */
export class Rebalancer {
  readonly #workers: ReadonlySet<PoolWorker>;
  readonly #canGrow: () => boolean;
  readonly #isNeeded: () => boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param workers The pool's workers.
   * @param canGrow Whether there could be one more.
   * @param isNeeded Whether idle workers have nothing else to do.
   */
  constructor(
    workers: ReadonlySet<PoolWorker>,
    canGrow: () => boolean,
    isNeeded: () => boolean,
  ) {
    this.#workers = workers;
    this.#canGrow = canGrow;
    this.#isNeeded = isNeeded;
  }

  /** Looks in soon, if there is somebody to take over and something to be taken. */
  watch(): void {
    if (this.#timer !== undefined) return;
    let idle = 0;
    let loaded = false;
    for (const worker of this.#workers) {
      if (worker.state !== "ready") continue;
      if (worker.batches === 0) idle += 1;
      else if (worker.canGiveBack) loaded = true;
    }
    if (!loaded || (idle === 0 && !this.#canGrow())) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#isNeeded()) return;
      const now = performance.now();
      for (const worker of this.#workers) {
        if (worker.canGiveBack && now - worker.batchSince >= PATIENCE) worker.giveBack();
      }
      this.watch();
    }, PATIENCE);
  }

  /** Looks in no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
