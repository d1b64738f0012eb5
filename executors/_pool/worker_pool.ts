/**
 * What thread and process pools have in common: a queue, workers, and who gets what when.
 *
 * Invariants: work is handed out in a microtask after it was submitted, so calls made
 * together travel together. Calls start in the order of their submission, but for those
 * that a worker gave back, which come first. A function that isn't known to be quick
 * goes to an idle worker, one call at a time; only quick ones wait at a worker for their
 * turn. Every call that was submitted ends: with its worker, with the pool, or by itself.
 *
 * @module
 */

import { toMilliseconds } from "../../duration.ts";
import { RuntimeError } from "../../errors.ts";
import { isQuick, skipDone, takeBatch } from "./batch.ts";
import { Calls } from "./calls.ts";
import { define } from "./definition.ts";
import { Deque } from "../../deque.ts";
import { causedBy, EndWarnings, howItEnded } from "./ends.ts";
import { ExecutorBase } from "../executor_base.ts";
import type { WorkerEnd, WorkerHost } from "../_wire/link.ts";
import { positiveInteger } from "./map.ts";
import { type CallLimits, PoolFuture } from "./pool_future.ts";
import { PoolWorker, type WorkerOwner } from "./pool_worker.ts";
import { type FunctionProfile, MAX_BATCH } from "./profile.ts";
import { Reaper } from "./reaper.ts";
import { Rooms } from "./rooms.ts";
import { Samples } from "./samples.ts";
import { listen, unlisten } from "./signals.ts";
import { type BrokenExecutorError, ExecutorFullError } from "../errors.ts";
import type { ShutdownOptions } from "../executor.ts";
import type { PoolOptions } from "../pool_options.ts";
import type { PoolStats } from "../stats.ts";
import { defaultWorkers } from "../_runtime/builtins.ts";

/** What tells the kinds of pool apart. */
export interface PoolKind {
  /** The class's name. */
  name: string;
  /** Its error. */
  broken: new (message: string, options?: ErrorOptions) => BrokenExecutorError;
}

/** So many starts may fail in a row. */
const MAX_FAILED_STARTS = 3;
/** How long a worker may be at a batch before others take its rest. */
const PATIENCE = 2;
/** From this average on, the stack of who submits a call costs little beside the call. */
const ORIGIN_FROM = 0.1;

/** So many messages of its jobs' own are told of for each worker. */
const MAX_STRAYS = 20;

let count = 0;

/** What thread and process pools have in common; it isn't meant to be extended elsewhere. */
export abstract class WorkerPool extends ExecutorBase {
  /** The pool's name. */
  readonly name: string;
  readonly #kind: PoolKind;
  readonly #host: WorkerHost;
  readonly #options: PoolOptions;
  readonly #maxWorkers: number;
  readonly #startTimeout: number;
  readonly #maxTasks: number;
  readonly #queue: Deque<PoolFuture> = new Deque();
  /** Calls in the queue that weren't cancelled. */
  #queued = 0;
  readonly #rooms: Rooms;
  readonly #workers: Set<PoolWorker> = new Set();
  #workerCount = 0;
  #pumping = false;
  #rebalancing: ReturnType<typeof setTimeout> | undefined;
  readonly #reaper: Reaper;
  readonly #warnings: EndWarnings;
  #failedStarts = 0;
  #broken: BrokenExecutorError | null = null;
  #terminated = false;
  #shutDown: PromiseWithResolvers<void> | null = null;
  #now = 0;
  readonly #counts = { completed: 0, failed: 0, cancelled: 0, crashes: 0, abandoned: 0 };
  readonly #waits: Samples = new Samples();
  readonly #runs: Samples = new Samples();
  /** @internal */
  protected constructor(kind: PoolKind, host: WorkerHost, options: PoolOptions) {
    super();
    this._sink = new Calls({
      // Bound, it has no frame of its own: a stack's ten are for who submits.
      enqueue: this.#enqueue.bind(this),
      room: () => this.#rooms.wait(),
      define,
    });
    this.#kind = kind;
    this.#host = host;
    this.#options = options;
    const verb = `make a ${kind.name}`;
    const { maxWorkers = defaultWorkers(), maxTasksPerWorker, maxQueue } = options;
    this.#maxWorkers = positiveInteger(maxWorkers, "maxWorkers", verb);
    this.#maxTasks = maxTasksPerWorker === undefined
      ? Infinity
      : positiveInteger(maxTasksPerWorker, "maxTasksPerWorker", verb);
    if (maxQueue !== undefined) positiveInteger(maxQueue, "maxQueue", verb);
    this.#rooms = new Rooms(() => {
      if (maxQueue === undefined) return Infinity;
      return maxQueue + Math.max(0, this.#maxWorkers - this.#busyWorkers()) - this.#queued;
    });
    const idleTimeout = toMilliseconds(options.idleTimeout ?? host.idleTimeout, "idleTimeout");
    this.#warnings = new EndWarnings(options.onWarning);
    this.#reaper = new Reaper(this.#workers, idleTimeout);
    this.#startTimeout = toMilliseconds(options.startTimeout ?? 30_000, "startTimeout");
    if (options.initializer !== undefined) define(options.initializer);
    this.name = options.name ?? `${kind.name}-${++count}`;
  }

  /**
   * Waits for room in the queue of a pool with `maxQueue`.
   *
   * @returns When a call can be submitted; at once if it can now.
   */
  ready(): Promise<void> {
    return this.#rooms.wait() ?? Promise.resolve();
  }

  /** What the pool does and did. */
  stats(): PoolStats {
    const busy = this.#busyWorkers();
    let running = 0;
    for (const worker of this.#workers) running += worker.load;
    return {
      workers: this.#workers.size,
      busy,
      queued: this.#queued,
      running,
      ...this.#counts,
      waitTime: this.#waits.percentiles(),
      runTime: this.#runs.percentiles(),
    };
  }

  /**
   * Takes no more work. What was submitted still runs, unless it is cancelled.
   *
   * @param options Whether to wait, and whether to cancel what hasn't started.
   * @returns When all submitted work is done and all workers have ended; at once
   * without `wait`.
   */
  override shutdown(options: ShutdownOptions = {}): Promise<void> {
    const { wait = true, cancelFutures = false } = options;
    this.#shutDown ??= Promise.withResolvers();
    if (cancelFutures) {
      this.#takePromised();
      for (const call of this.#queue.drain()) call.cancel();
    }
    this.#settleDown();
    return wait ? this.#shutDown.promise : Promise.resolve();
  }

  /**
   * Ends all workers at once, whatever they do, and fails or cancels what they and the
   * queue had. Port of `terminate_workers()`.
   *
   * @returns When they are gone.
   */
  terminate(): Promise<void> {
    this.#shutDown ??= Promise.withResolvers();
    this.#terminated = true;
    for (const call of this.#queue.drain()) call.cancel();
    // Those that are idle end as fast by themselves, and what they wrote isn't lost.
    for (const worker of this.#workers) {
      if (worker.state !== "ready" || worker.batches > 0) worker.kill();
    }
    this.#settleDown();
    return this.#shutDown.promise;
  }

  /** The pool as text. */
  override toString(): string {
    const state = this.#broken !== null ? "broken" : this.#shutDown !== null ? "shut down" : "open";
    return `<${this.#kind.name} ${state} name='${this.name}'>`;
  }

  // What workers tell.

  readonly #owner: WorkerOwner = {
    started: (worker) => this.#started(worker),
    freed: (worker) => this.#freed(worker),
    returned: (calls) => this.#returned(calls),
    finished: (call, elapsed, failed) => this.#finished(call, elapsed, failed),
    ended: (worker, end, expected, lost) => this.#ended(worker, end, expected, lost),
    strayed: (worker, what) => this.#strayed(worker, what),
    brokenBy: (call, end, inDoubt) => this.#brokenBy(call, end, inDoubt),
  };

  #freed(worker: PoolWorker): void {
    this.#skipCancelled();
    if (worker.batches === 0 && this.#queue.length === 0) this.#takePromised();
    if (worker.batches === 0) {
      if (worker.sent >= this.#maxTasks) worker.close();
      else if (this.#queue.length === 0) this.#idle(worker);
    }
    if (this.#queue.length > 0) this.#pump();
    else if (worker.batches === 0) this.#watchForRest();
    this.#settleDown();
    this.#rooms.open();
  }

  #started(worker: PoolWorker): void {
    this.#failedStarts = 0;
    this.#warnings.tellHeld();
    worker.idleSince = performance.now();
    this.#freed(worker);
  }

  #returned(calls: PoolFuture[]): void {
    const back: PoolFuture[] = [];
    for (const call of calls) {
      if (call.done()) continue;
      call.backToPending();
      call.holder = null;
      if (call.stopped !== null) {
        // It was told to stop before it could start.
        this.#finished(call, Infinity, true);
        call.settleStopped(call.stopped.reason);
      } else if (this.#terminated) call.cancel();
      else {
        call.holder = this.#waiting;
        back.push(call);
      }
    }
    if (back.length === 0) return;
    this.#queue.putBack(back);
    this.#queued += back.length;
    this.#pumpSoon();
  }

  #finished(call: PoolFuture, elapsed: number, failed: boolean): void {
    if (failed) this.#counts.failed += 1;
    else this.#counts.completed += 1;
    if (elapsed !== Infinity) this.#runs.add(elapsed);
    if (call.limits?.signal !== undefined) unlisten(call);
  }

  #ended(worker: PoolWorker, end: WorkerEnd, expected: boolean, lost: number): void {
    this.#workers.delete(worker);
    this.#workerCount -= 1;
    if (end.abandoned === true) {
      this.#counts.abandoned += 1;
      this.#warnings.warn(
        `${worker.name} was abandoned: it is in a busy loop, and Deno can't stop such a thread; ` +
          "this process won't end before Deno.exit() is called; use a ProcessPoolExecutor for work that may have to be killed",
        end,
      );
    }
    if (!expected) {
      this.#counts.crashes += 1;
      const isLast = !worker.wasReady && ++this.#failedStarts >= MAX_FAILED_STARTS &&
        this.#workers.size === 0;
      const breaks = isLast || (worker.wasReady && this.#options.onCrash === "break");
      // Calls that fail tell: those that were lost, and those that still wait in a pool that breaks.
      if (breaks && lost + this.#queued > 0) this.#warnings.dropHeld();
      else if (lost === 0 && worker.wasReady) {
        this.#warnings.warn(`${worker.name} ended while no job of it ran, ${howItEnded(end)}`, end);
      } else if (lost === 0) {
        this.#warnings.hold(`${worker.name} ended before it was ready, ${howItEnded(end)}`, end);
      }
      if (breaks) this.#break(end);
    }
    if (this.#queue.length > 0) this.#pumpSoon();
    this.#settleDown();
    this.#rooms.open();
  }

  #strayed(worker: PoolWorker, what: string): void {
    if (++worker.strays > MAX_STRAYS) return;
    const last = worker.strays === MAX_STRAYS ? "; no more of them will be told of" : "";
    this.#warnings.warn(
      `${worker.name} sent ${what}, which is no message of the pool's: it was dropped${last}; ` +
        "a job's result is what it returns, and report() sends more",
    );
  }

  #brokenBy(call: PoolFuture, end: WorkerEnd, inDoubt: boolean): unknown {
    const name = call.profile.definition[3];
    const gone = inDoubt
      ? "its worker is gone, which may have started it or not"
      : "its worker is gone";
    return this.#brokenError(`Cannot finish '${name}': ${gone}`, end);
  }

  #brokenError(what: string, end: WorkerEnd): BrokenExecutorError {
    return new this.#kind.broken(`${what}, ${howItEnded(end)}`, causedBy(end));
  }

  // Submitting.

  #enqueue(profile: FunctionProfile, args: unknown[], limits: CallLimits | null): PoolFuture {
    if (this.#broken !== null) throw this.#broken;
    if (this.#shutDown !== null) {
      throw new RuntimeError(`Cannot submit to ${this}: it takes no more work`);
    }
    if (this.#options.maxQueue !== undefined && this.#rooms.count() <= 0) {
      throw new ExecutorFullError(
        `Cannot submit to ${this}: ${this.#queued} calls wait already, await pool.ready() first`,
      );
    }
    if (!this.#pumping) {
      this.#now = performance.now();
      this.#pumpSoon();
    }
    const call = new PoolFuture(profile, args, this.#now, limits);
    call.holder = this.#waiting;
    if (profile.mean > ORIGIN_FROM || profile.mayThrow) call.origin = captureOrigin();
    this.#queue.push(call);
    this.#queued += 1;
    if (limits?.signal !== undefined) listen(call, limits.signal);
    return call;
  }

  /** Holds the calls that wait: any can be taken out. */
  readonly #waiting = {
    takeOut: (call: PoolFuture): boolean => {
      this.#queued -= 1;
      this.#counts.cancelled += 1;
      if (call.limits?.signal !== undefined) unlisten(call);
      call.holder = null;
      queueMicrotask(() => {
        this.#rooms.open();
        this.#settleDown();
      });
      return true;
    },
    hasStarted: (): boolean => false,
    stop: (): void => {},
  };

  // Handing out.

  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => this.#pump());
  }

  #pump(): void {
    this.#pumping = false;
    const now = this.#now = performance.now();
    const queue = this.#queue;
    this.#skipCancelled();
    for (const worker of this.#workers) {
      if (queue.length === 0) break;
      if (worker.isOpen && worker.batches === 0) this.#hand(worker, now);
    }
    if (queue.length > 0) {
      // A second batch waits at each worker, so that none has to wait for us.
      for (const worker of this.#workers) {
        if (!isQuick(queue.peek())) break;
        if (worker.isOpen && worker.batches === 1 && worker.quick) this.#hand(worker, now);
      }
    }
    if (queue.length > 0) this.#startWorkers();
    else this.#watchForRest();
  }

  #skipCancelled(): void {
    skipDone(this.#queue);
  }

  /** Sends a worker the batch that is due. */
  #hand(worker: PoolWorker, now: number, most = MAX_BATCH): void {
    const fair = Math.min(most, Math.ceil(this.#queued / this.#maxWorkers));
    const batch = takeBatch(this.#queue, Math.min(fair, this.#maxTasks - worker.sent));
    if (batch.length === 0) return;
    this.#queued -= batch.length;
    for (const call of batch) {
      this.#waits.add(now - call.submitted);
      call.setRunningOrNotifyCancel();
    }
    worker.quick = isQuick(batch[0]) && (worker.batches === 0 || worker.quick);
    worker.send(batch, now);
    // None could be sent: nothing will come back that has the next ones handed out.
    if (worker.batches === 0) {
      this.#pumpSoon();
      queueMicrotask(() => this.#settleDown());
    }
  }

  #startWorkers(): void {
    if (this.#broken !== null) return;
    if (this.#failedStarts >= MAX_FAILED_STARTS) {
      // Those that live do the work. Once they are gone it is tried anew.
      if (this.#workerCount > 0) return;
      this.#failedStarts = 0;
    }
    let starting = 0;
    for (const worker of this.#workers) if (worker.state === "starting") starting += 1;
    while (starting < this.#queued && this.#workerCount < this.#maxWorkers) {
      starting += 1;
      this.#startWorker();
    }
    this.#promise();
  }

  /**
   * Where nobody is ready yet, workers that start get a call to begin with: its result is
   * there two messages earlier.
   */
  #promise(): void {
    for (const worker of this.#workers) if (worker.wasReady) return;
    for (const worker of this.#workers) {
      if (this.#queue.length > 0 && worker.isPromising) this.#hand(worker, this.#now, 1);
    }
  }

  /** Takes the calls back that were promised to workers that still start. */
  #takePromised(): void {
    for (const worker of this.#workers) {
      if (worker.state === "starting" && worker.load > 0) this.#returned(worker.takeBackAll());
    }
  }

  #startWorker(): void {
    const { initializer, initArgs = [], allow } = this.#options;
    const setup = {
      name: `${this.name} worker ${++this.#startedCount}`,
      allow: allow === undefined ? null : allow.map((url) => new URL(url).href),
      initializer: initializer === undefined ? null : define(initializer),
    };
    this.#workerCount += 1;
    this.#workers.add(new PoolWorker(this.#owner, this.#host, setup, initArgs, this.#startTimeout));
  }

  #startedCount = 0;

  // Keeping busy, and letting go.

  /** Has idle workers take over what waits behind a call that turned out slow. */
  #watchForRest(): void {
    if (this.#rebalancing !== undefined) return;
    let idle = 0;
    let loaded = false;
    for (const worker of this.#workers) {
      if (worker.state !== "ready") continue;
      if (worker.batches === 0) idle += 1;
      else if (worker.canGiveBack) loaded = true;
    }
    if (!loaded || (idle === 0 && this.#workerCount >= this.#maxWorkers)) return;
    this.#rebalancing = setTimeout(() => {
      this.#rebalancing = undefined;
      if (this.#queue.length > 0) return;
      const now = performance.now();
      for (const worker of this.#workers) {
        if (worker.canGiveBack && now - worker.batchSince >= PATIENCE) worker.giveBack();
      }
      this.#watchForRest();
    }, PATIENCE);
  }

  #idle(worker: PoolWorker): void {
    worker.release();
    if (this.#shutDown === null) this.#reaper.watch();
  }

  /** Ends what is idle once the pool is shut down, and tells when nothing is left. */
  #settleDown(): void {
    if (this.#shutDown === null) return;
    this.#skipCancelled();
    if (this.#queue.length > 0) return;
    this.#reaper.stop();
    clearTimeout(this.#rebalancing);
    this.#rebalancing = undefined;
    for (const worker of this.#workers) {
      const { state, load, batches } = worker;
      if ((state === "starting" && load === 0) || (state === "ready" && batches === 0)) {
        worker.close();
      }
    }
    if (this.#workers.size > 0) return;
    this.#warnings.tellHeld();
    this.#shutDown.resolve();
  }

  #break(end: WorkerEnd): void {
    this.#broken ??= this.#brokenError(`Cannot go on with ${this}: a worker ended`, end);
    for (const call of this.#queue.drain()) {
      if (call.done()) continue;
      this.#queued -= 1;
      call.holder = null;
      this.#finished(call, Infinity, true);
      call.setException(this.#broken);
    }
    for (const worker of this.#workers) worker.kill();
  }

  #busyWorkers(): number {
    let busy = 0;
    for (const worker of this.#workers) if (worker.batches > 0) busy += 1;
    return busy;
  }
}

function captureOrigin(): { stack?: string } {
  return new Error();
}
