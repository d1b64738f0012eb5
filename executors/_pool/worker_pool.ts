/**
 * What thread and process pools have in common: what users see of them, and what becomes of
 * calls and workers. The calls that wait are in a `CallQueue`, the workers in a `Crew`, and a
 * `Dispatcher` says who gets which call when.
 *
 * Invariant: every call that was submitted ends: with its worker, with the pool, or by itself.
 *
 * @module
 */

import { toMilliseconds } from "../../duration.ts";
import { RuntimeError } from "../../errors.ts";
import { CallQueue } from "./call_queue.ts";
import { Calls } from "./calls.ts";
import { Crew } from "./crew.ts";
import { define } from "./definition.ts";
import { Dispatcher } from "./dispatcher.ts";
import { causedBy, EndWarnings, howItEnded } from "./ends.ts";
import { ExecutorBase } from "../executor_base.ts";
import type { WorkerEnd, WorkerHost } from "../_wire/link.ts";
import { positiveInteger } from "./map.ts";
import { type CallLimits, PoolFuture } from "./pool_future.ts";
import { PoolWorker, type WorkerOwner } from "./pool_worker.ts";
import type { FunctionProfile } from "./profile.ts";
import { Reaper } from "./reaper.ts";
import { Rebalancer } from "./rebalancer.ts";
import { Rooms } from "./rooms.ts";
import { listen, unlisten } from "./signals.ts";
import { Tally } from "./tally.ts";
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
  readonly #startTimeout: number;
  readonly #maxTasks: number;
  readonly #crew: Crew;
  readonly #queue: CallQueue = new CallQueue((call) => this.#left(call));
  readonly #dispatcher: Dispatcher;
  readonly #rooms: Rooms;
  readonly #reaper: Reaper;
  readonly #rebalancer: Rebalancer;
  readonly #warnings: EndWarnings;
  readonly #tally: Tally = new Tally();
  #broken: BrokenExecutorError | null = null;
  #terminated = false;
  #shutDown: PromiseWithResolvers<void> | null = null;

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
    const most = positiveInteger(maxWorkers, "maxWorkers", verb);
    const crew = this.#crew = new Crew(most, (number) => this.#makeWorker(number));
    this.#maxTasks = maxTasksPerWorker === undefined
      ? Infinity
      : positiveInteger(maxTasksPerWorker, "maxTasksPerWorker", verb);
    if (maxQueue !== undefined) positiveInteger(maxQueue, "maxQueue", verb);
    this.#rooms = new Rooms(() => {
      if (maxQueue === undefined) return Infinity;
      return maxQueue + Math.max(0, most - crew.busy) - this.#queue.count;
    });
    const idleTimeout = toMilliseconds(options.idleTimeout ?? host.idleTimeout, "idleTimeout");
    this.#warnings = new EndWarnings(options.onWarning);
    this.#reaper = new Reaper(crew.workers, idleTimeout);
    this.#rebalancer = new Rebalancer(
      crew.workers,
      () => crew.canGrow,
      () => this.#queue.isEmpty,
    );
    this.#dispatcher = new Dispatcher({
      queue: this.#queue,
      crew,
      rebalancer: this.#rebalancer,
      tally: this.#tally,
      maxTasks: this.#maxTasks,
      onRest: () => this.#settleDown(),
    });
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
    const { workers, busy, load } = this.#crew;
    return this.#tally.stats({
      workers: workers.size,
      busy,
      queued: this.#queue.count,
      running: load,
    });
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
      this.#queue.cancel();
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
    this.#queue.cancel();
    // Those that are idle end as fast by themselves, and what they wrote isn't lost.
    for (const worker of this.#crew.workers) {
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
    this.#queue.skipDone();
    if (worker.batches === 0 && this.#queue.isEmpty) this.#takePromised();
    if (worker.batches === 0) {
      if (worker.sent >= this.#maxTasks) worker.close();
      else if (this.#queue.isEmpty) this.#idle(worker);
    }
    if (!this.#queue.isEmpty) this.#dispatcher.handOut();
    else if (worker.batches === 0) this.#rebalancer.watch();
    this.#settleDown();
    this.#rooms.open();
  }

  #started(worker: PoolWorker): void {
    this.#crew.hasStarted();
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
      else back.push(call);
    }
    if (back.length === 0) return;
    this.#queue.putBack(back);
    this.#dispatcher.soon();
  }

  #finished(call: PoolFuture, elapsed: number, failed: boolean): void {
    this.#tally.finished(elapsed, failed);
    if (call.limits?.signal !== undefined) unlisten(call);
  }

  #ended(worker: PoolWorker, end: WorkerEnd, expected: boolean, lost: number): void {
    this.#crew.remove(worker);
    if (end.abandoned === true) {
      this.#tally.counts.abandoned += 1;
      this.#warnings.warn(
        `${worker.name} was abandoned: it is in a busy loop, and Deno can't stop such a thread; ` +
          "this process won't end before Deno.exit() is called; use a ProcessPoolExecutor for work that may have to be killed",
        end,
      );
    }
    if (!expected) {
      this.#tally.counts.crashes += 1;
      const isLast = !worker.wasReady && this.#crew.failsToStart();
      const breaks = isLast || (worker.wasReady && this.#options.onCrash === "break");
      // Calls that fail tell: those that were lost, and those that still wait in a pool that breaks.
      if (breaks && lost + this.#queue.count > 0) this.#warnings.dropHeld();
      else if (lost === 0 && worker.wasReady) {
        this.#warnings.warn(`${worker.name} ended while no job of it ran, ${howItEnded(end)}`, end);
      } else if (lost === 0) {
        this.#warnings.hold(`${worker.name} ended before it was ready, ${howItEnded(end)}`, end);
      }
      if (breaks) this.#break(end);
    }
    if (!this.#queue.isEmpty) this.#dispatcher.soon();
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
        `Cannot submit to ${this}: ${this.#queue.count} calls wait already, await pool.ready() first`,
      );
    }
    const call = new PoolFuture(profile, args, this.#dispatcher.submitted(), limits);
    if (profile.mean > ORIGIN_FROM || profile.mayThrow) call.origin = captureOrigin();
    this.#queue.push(call);
    if (limits?.signal !== undefined) listen(call, limits.signal);
    return call;
  }

  /** A call was cancelled while it waited. */
  #left(call: PoolFuture): void {
    this.#tally.counts.cancelled += 1;
    if (call.limits?.signal !== undefined) unlisten(call);
    queueMicrotask(() => {
      this.#rooms.open();
      this.#settleDown();
    });
  }

  /** Takes the calls back that were promised to workers that still start. */
  #takePromised(): void {
    for (const worker of this.#crew.workers) {
      if (worker.state === "starting" && worker.load > 0) this.#returned(worker.takeBackAll());
    }
  }

  #makeWorker(number: number): PoolWorker {
    const { initializer, initArgs = [], allow } = this.#options;
    const setup = {
      name: `${this.name} worker ${number}`,
      allow: allow === undefined ? null : allow.map((url) => new URL(url).href),
      initializer: initializer === undefined ? null : define(initializer),
    };
    return new PoolWorker(this.#owner, this.#host, setup, initArgs, this.#startTimeout);
  }

  // Letting go.

  #idle(worker: PoolWorker): void {
    worker.release();
    if (this.#shutDown === null) this.#reaper.watch();
  }

  /** Ends what is idle once the pool is shut down, and tells when nothing is left. */
  #settleDown(): void {
    if (this.#shutDown === null) return;
    this.#queue.skipDone();
    if (!this.#queue.isEmpty) return;
    this.#reaper.stop();
    this.#rebalancer.stop();
    for (const worker of this.#crew.workers) {
      const { state, load, batches } = worker;
      if ((state === "starting" && load === 0) || (state === "ready" && batches === 0)) {
        worker.close();
      }
    }
    if (this.#crew.workers.size > 0) return;
    this.#warnings.tellHeld();
    this.#shutDown.resolve();
  }

  #break(end: WorkerEnd): void {
    this.#broken ??= this.#brokenError(`Cannot go on with ${this}: a worker ended`, end);
    this.#dispatcher.startsWorkers = false;
    for (const call of this.#queue.takeAll()) {
      if (call.done()) continue;
      this.#finished(call, Infinity, true);
      call.setException(this.#broken);
    }
    for (const worker of this.#crew.workers) worker.kill();
  }
}

function captureOrigin(): { stack?: string } {
  return new Error();
}
