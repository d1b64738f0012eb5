/**
 * Who gets which call when.
 *
 * Invariants: work is handed out in a microtask after it was submitted, so calls made
 * together travel together. A function that isn't known to be quick goes to an idle worker,
 * one call at a time; only quick ones wait at a worker for their turn.
 */

import { isQuick } from "./batch.ts";
import type { CallQueue } from "./call_queue.ts";
import type { Crew } from "./crew.ts";
import type { PoolWorker } from "./pool_worker.ts";
import { MAX_BATCH } from "./profile.ts";
import type { Rebalancer } from "./rebalancer.ts";
import type { Tally } from "./tally.ts";

/** What hands out a pool's calls, and what it has to do with. */
export interface DispatcherParts {
  queue: CallQueue;
  crew: Crew;
  rebalancer: Rebalancer;
  tally: Tally;
  /** How many calls a worker gets in its life. */
  maxTasks: number;
  /** Nothing may be under way any more. */
  onRest: () => void;
}

/** Hands out the calls of one pool. */
export class Dispatcher {
  /** Whether workers may be started. */
  startsWorkers = true;
  readonly #queue: CallQueue;
  readonly #crew: Crew;
  readonly #rebalancer: Rebalancer;
  readonly #tally: Tally;
  readonly #maxTasks: number;
  readonly #onRest: () => void;
  #isDue = false;
  #now = 0;

  constructor({ queue, crew, rebalancer, tally, maxTasks, onRest }: DispatcherParts) {
    this.#queue = queue;
    this.#crew = crew;
    this.#rebalancer = rebalancer;
    this.#tally = tally;
    this.#maxTasks = maxTasks;
    this.#onRest = onRest;
  }

  /** A call is being submitted; gives the time, which calls made together share. */
  submitted(): number {
    if (!this.#isDue) {
      this.#now = performance.now();
      this.soon();
    }
    return this.#now;
  }

  /** Hands out in a microtask. */
  soon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.handOut());
  }

  /** Hands out what can be now. */
  handOut(): void {
    this.#isDue = false;
    const now = this.#now = performance.now();
    const queue = this.#queue;
    queue.skipDone();
    for (const worker of this.#crew.workers) {
      if (queue.isEmpty) break;
      if (worker.isOpen && worker.batches === 0) this.#hand(worker, now);
    }
    if (!queue.isEmpty) {
      // A second batch waits at each worker, so that none has to wait for us.
      for (const worker of this.#crew.workers) {
        if (!isQuick(queue.peek())) break;
        if (worker.isOpen && worker.batches === 1 && worker.quick) this.#hand(worker, now);
      }
    }
    if (queue.isEmpty) this.#rebalancer.watch();
    else if (this.startsWorkers && this.#crew.start(queue.count)) this.#promise();
  }

  /** Sends a worker the batch that is due. */
  #hand(worker: PoolWorker, now: number, most = MAX_BATCH): void {
    const fair = Math.min(most, Math.ceil(this.#queue.count / this.#crew.most));
    const batch = this.#queue.takeBatch(Math.min(fair, this.#maxTasks - worker.sent));
    if (batch.length === 0) return;
    for (const call of batch) {
      this.#tally.waits.add(now - call.submitted);
      call.setRunningOrNotifyCancel();
    }
    worker.quick = isQuick(batch[0]) && (worker.batches === 0 || worker.quick);
    worker.send(batch, now);
    // None could be sent: nothing will come back that has the next ones handed out.
    if (worker.batches === 0) {
      this.soon();
      queueMicrotask(this.#onRest);
    }
  }

  /**
   * Where nobody is ready yet, workers that start get a call to begin with: its result is
   * there two messages earlier.
   */
  #promise(): void {
    if (!this.#crew.isAllNew) return;
    for (const worker of this.#crew.workers) {
      if (!this.#queue.isEmpty && worker.isPromising) this.#hand(worker, this.#now, 1);
    }
  }
}
