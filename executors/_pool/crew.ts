/** The workers of a pool, and starting them. */

import type { PoolWorker } from "./pool_worker.ts";

/** So many starts may fail in a row. */
const MAX_FAILED_STARTS = 3;

/** As many workers as there is work for, up to a limit. */
export class Crew {
  /** Those that live. */
  readonly workers: Set<PoolWorker> = new Set();
  /** How many there may be. */
  readonly most: number;
  readonly #make: (number: number) => PoolWorker;
  #size = 0;
  #started = 0;
  #failedStarts = 0;

  /** `make` starts a worker, which is the how-manieth of its pool. */
  constructor(most: number, make: (number: number) => PoolWorker) {
    this.most = most;
    this.#make = make;
  }

  /** Whether there can be one more. */
  get canGrow(): boolean {
    return this.#size < this.most;
  }

  /** How many have something to do. */
  get busy(): number {
    let busy = 0;
    for (const worker of this.workers) if (worker.batches > 0) busy += 1;
    return busy;
  }

  /** How many calls they have. */
  get load(): number {
    let load = 0;
    for (const worker of this.workers) load += worker.load;
    return load;
  }

  /** Starts workers for so many calls; none, and gives `false`, while starts fail. */
  start(calls: number): boolean {
    if (this.#failedStarts >= MAX_FAILED_STARTS) {
      // Those that live do the work. Once they are gone it is tried anew.
      if (this.#size > 0) return false;
      this.#failedStarts = 0;
    }
    let starting = 0;
    for (const worker of this.workers) if (worker.state === "starting") starting += 1;
    while (starting < calls && this.canGrow) {
      starting += 1;
      this.#size += 1;
      this.workers.add(this.#make(++this.#started));
    }
    return true;
  }

  /** One has started. */
  hasStarted(): void {
    this.#failedStarts = 0;
  }

  /** One is gone. */
  remove(worker: PoolWorker): void {
    this.workers.delete(worker);
    this.#size -= 1;
  }

  /** One is gone that never was ready; tells whether there will be none. */
  failsToStart(): boolean {
    return ++this.#failedStarts >= MAX_FAILED_STARTS && this.workers.size === 0;
  }

  /** Whether nobody is ready yet: then workers that start get a call to begin with. */
  get isAllNew(): boolean {
    for (const worker of this.workers) if (worker.wasReady) return false;
    return true;
  }
}
