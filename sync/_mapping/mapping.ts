/**
 * The machinery of `mapConcurrent`: workers, results, and how all of it ends.
 *
 * Invariants:
 * - A worker is a task that draws an item, calls the function within itself, and hands
 *   in the result, again and again. So there are never more calls than workers.
 * - Items are drawn by one worker at a time.
 * - `#open` counts what was drawn and whose result isn't taken yet. It is at most twice
 *   the number of workers: then they rest until results are taken. If all results are
 *   collected, none has to be taken, and workers only let others run every now and then.
 * - Once `#items.isOver` is set, nothing more is drawn, and workers leave after their call. With
 *   `#isStopping` set, their calls are cancelled as well, and no result is kept.
 * - The last worker to leave closes the source. Until then nobody is told of the end or
 *   of the error: nothing that was started outlives the iteration.
 *
 * @module
 */

import type { Body } from "../../tasks/awaitable.ts";
import { callBody, causeOf, refuseAsyncGenerator } from "../../tasks/body.ts";
import { CancelledError } from "../../errors.ts";
import { currentTask } from "../../tasks/current.ts";
import { type Context, copyContext, usesAsyncLocal } from "../../loop/context.ts";
import {
  type Coroutine,
  fromGenerator,
  isGenerator,
  isGeneratorFunction,
} from "../../tasks/coroutine.ts";
import type { EventLoop } from "../../loop/event_loop.ts";
import { Items } from "./items.ts";
import { type Kind, Operation } from "../_operation.ts";
import { Line, loopOf } from "../_line.ts";
import type { Opened } from "../_streams/source.ts";
import { Results, type Slot } from "./results.ts";
import { sleep } from "../../tasks/sleep.ts";
import type { Task } from "../../tasks/task.ts";

/** After so many calls that needn't wait, a worker that collects lets others run. */
const CALLS_AT_ONCE = 64;

const DONE = { done: true, value: undefined } as const;
const END = { done: true, value: DONE } as const;

type Next<R> = IteratorResult<unknown, IteratorResult<R, undefined>>;

const TAKE: Kind<Mapping<unknown, unknown>, undefined, IteratorResult<unknown, undefined>> = {
  name: "next",
  attempt: (mapping) => mapping._take(),
  line: (mapping) => mapping._takers,
  abandon: (mapping) => mapping._stop(),
};

const REST: Kind<Mapping<unknown, unknown>, undefined, void> = {
  name: "rest",
  attempt(mapping, _, wasWoken) {
    if (!wasWoken) return null;
    mapping._isAwake();
    return DONE;
  },
  line: (mapping) => mapping._resting,
  abandon() {},
};

/** See the head of this file. */
export class Mapping<T, R> {
  _loop: EventLoop | null = null;
  /** Those who want the next result. */
  readonly _takers: Line = new Line(this);
  /** Workers that wait until results are taken. */
  readonly _resting: Line = new Line(this);
  readonly #items: Items<T>;
  readonly #results: Results<R>;
  readonly #fn: Body<[item: T, index: number], R>;
  readonly #concurrency: number;
  /** The workers that have started and not left. */
  readonly #workers = new Set<Task<void>>();
  /** How many workers were made and have not left. */
  #alive = 0;
  /** Those who wait until all is over. */
  readonly #ending = new Line(this);
  #context: Context | null = null;
  #open = 0;
  #isStopping = false;
  #hasEnded = false;
  /** Was a resting worker woken that doesn't run yet? */
  #isWaking = false;
  #isAddingWorker = false;
  #isWorkerWanted = false;
  #hasFailed = false;
  #error: unknown = undefined;

  constructor(
    source: Opened<T>,
    fn: Body<[item: T, index: number], R>,
    concurrency: number,
    isOrdered: boolean,
  ) {
    this.#items = new Items(source);
    this.#results = new Results(isOrdered);
    this.#fn = fn;
    this.#concurrency = concurrency;
  }

  // For the consumer

  /** The next result, or the end. */
  next(): Coroutine<IteratorResult<R, undefined>> {
    if (!this.#results.isReady()) {
      return fromGenerator("next", () => this.#waitForNext());
    }
    const kind = TAKE as Kind<unknown, undefined, IteratorResult<R, undefined>>;
    return new Operation(kind, this, undefined);
  }

  /** For `for await`: what is there needs no more than a native promise. */
  nextNative(): PromiseLike<IteratorResult<R, undefined>> {
    if (!this.#results.isReady()) return this.next();
    return Promise.resolve(this._take()!.value as IteratorResult<R, undefined>);
  }

  /** All results, if none was taken before; those that are left otherwise. */
  *collect(): Generator<unknown, R[], unknown> {
    const results: R[] = [];
    if (this.#context === null) this.#results.collectIn(results);
    for (;;) {
      const { done, value } = yield* this.next();
      if (done) return results;
      results.push(value as R);
    }
  }

  /** Ends it early; gives when everything has ended. */
  return(): Coroutine<IteratorResult<R, undefined>> {
    return fromGenerator("return", () => this.#leave());
  }

  /** What is there for the consumer now, or null. */
  _take(): Next<R> | null {
    if (this.#results.isReady()) {
      const value = this.#results.take();
      // Workers rest until half of the results are taken: so they aren't woken for each.
      if (--this.#open <= this.#concurrency) this.#wakeWorker();
      if (this.#results.isReady()) this._takers.wakeNext();
      return { done: true, value: { done: false, value } };
    }
    if (!this.#hasEnded) return null;
    this.#throwFailure();
    return END;
  }

  *#waitForNext(): Generator<unknown, IteratorResult<R, undefined>, unknown> {
    if (this.#context === null) this.#start();
    for (;;) {
      const taken = this._take();
      if (taken !== null) return taken.value as IteratorResult<R, undefined>;
      const waiter = this._takers.join();
      try {
        yield* waiter;
      } catch (error) {
        // `for await` doesn't call `return()` when `next()` fails.
        this._takers.leave(waiter);
        this._stop();
        yield* this.#untilEnded();
        this.report();
        throw error;
      }
      this._takers.leave(waiter);
    }
  }

  *#leave(): Generator<unknown, IteratorResult<R, undefined>, unknown> {
    if (this.#context === null) {
      this.#context = copyContext();
      this.#hasEnded = true;
      yield* this.#items.close();
    }
    this._stop();
    yield* this.#untilEnded();
    this.#results.clear();
    this.#throwFailure();
    return DONE;
  }

  /** Waits for the end, however often it is cancelled meanwhile; the last of these errors is thrown then. */
  *#untilEnded(): Generator<unknown, void, unknown> {
    let cancellation: CancelledError | null = null;
    while (!this.#hasEnded) {
      const waiter = this.#ending.join();
      try {
        yield* waiter;
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        cancellation = error;
      } finally {
        this.#ending.leave(waiter);
      }
    }
    if (cancellation !== null) throw cancellation;
  }

  // Beginning and end

  #start(): void {
    loopOf(this);
    this.#context = copyContext();
    this.#addWorker();
  }

  #addWorker(): void {
    this.#isWorkerWanted = true;
    if (this.#isAddingWorker) return;
    // An eager worker may want the next one while it is being made: no recursion.
    this.#isAddingWorker = true;
    while (this.#isWorkerWanted && this.#alive < this.#concurrency) {
      this.#isWorkerWanted = false;
      this.#makeWorker();
    }
    this.#isAddingWorker = false;
  }

  #makeWorker(): void {
    this.#alive++;
    let hasBegun = false;
    const begin = () => {
      hasBegun = true;
      const task = currentTask() as Task<void>;
      this.#workers.add(task);
      return task;
    };
    // Native code sees its task through AsyncLocalStorage, which costs much to enter on
    // some platforms: a native worker enters it once, not for each call. Where there is
    // none, native code can lose its task, but what the loop drives can't.
    const isDriven = isGeneratorFunction(this.#fn) || !usesAsyncLocal();
    const task = this._loop!.createTask(
      isDriven ? this.#workDriven(begin) : () => this.#workNatively(begin),
      { name: "mapConcurrent", context: this.#context!.copy() },
    ) as Task<void>;
    task.addDoneCallback(() => {
      if (!hasBegun) this.#neverBegan();
    });
  }

  /** The program was cancelled before the worker's first step. */
  #neverBegan(): void {
    this.#alive--;
    this.#failed(new CancelledError(), null);
    // Eagerly: what needn't wait is over before a loop that ends looks for tasks.
    if (this.#alive === 0) this._loop!.createTask(this.#close(), { eagerStart: true });
  }

  /** Draws no more, and cancels the calls that are running. */
  _stop(except: Task<void> | null = null): void {
    if (this.#isStopping || this.#hasEnded) return;
    this.#isStopping = true;
    for (const worker of this.#workers) {
      if (worker !== except) worker.cancel();
    }
    this._resting.wake();
    this.#items.stop();
  }

  #failed(error: unknown, worker: Task<void> | null): void {
    const isCancellation = error instanceof CancelledError;
    if (this.#isStopping && isCancellation) return;
    if (this.#hasFailed) return this.#report(error);
    this.#hasFailed = true;
    this.#error = error;
    // The program was cancelled: whoever waits is told, but nothing failed that is to be reported.
    if (!isCancellation) this._loop!._reports.add(this);
    this._stop(worker);
  }

  #throwFailure(): void {
    if (!this.#hasFailed) return;
    this._loop!._reports.delete(this);
    this.#hasFailed = false;
    throw this.#error;
  }

  /** Tells of a failure that nobody asked for; the loop calls this when it is closed. */
  report(): void {
    if (!this.#hasFailed) return;
    this._loop!._reports.delete(this);
    this.#hasFailed = false;
    this.#report(this.#error);
  }

  #report(exception: unknown): void {
    if (exception instanceof CancelledError) return;
    this._loop!.callExceptionHandler({
      message: "A call of mapConcurrent() failed, and its error was never thrown",
      exception,
    });
  }

  *#close(): Generator<unknown, void, unknown> {
    try {
      yield* this.#items.close();
    } catch (error) {
      this.#failed(error, null);
    }
    this.#hasEnded = true;
    this._takers.wake();
    this.#ending.wake();
  }

  // For the workers

  async #workNatively(begin: () => Task<void>): Promise<void> {
    const task = begin();
    const items = this.#items;
    const fn = this.#fn;
    try {
      while (!items.isOver) {
        if (this.#mustWait()) {
          await this.#rest();
          continue;
        }
        const item = items.isSync ? items.drawNow() : await items.drawNatively();
        if (item === null) break;
        const slot = this.#openSlot(task);
        const called = fn(item.value, slot.index);
        refuseAsyncGenerator(fn, called);
        const value = isGenerator(called) ? fromGenerator("call", () => called) : called;
        this.#deliver(slot, await value as R);
      }
    } catch (error) {
      this.#failed(causeOf(error, task), task);
    }
    if (this.#isLast(task)) await fromGenerator("close", () => this.#close());
  }

  *#workDriven(begin: () => Task<void>): Generator<unknown, void, unknown> {
    const task = begin();
    const items = this.#items;
    const fn = this.#fn;
    const isGenerators = isGeneratorFunction(fn);
    try {
      while (!items.isOver) {
        if (this.#mustWait()) {
          yield* this.#rest();
          continue;
        }
        const item = items.isSync ? items.drawNow() : yield* items.drawDriven();
        if (item === null) break;
        const slot = this.#openSlot(task);
        const call = isGenerators
          ? fn(item.value, slot.index) as Generator<unknown, R, unknown>
          : callBody(() => fn(item.value, slot.index));
        this.#deliver(slot, yield* call);
      }
    } catch (error) {
      this.#failed(causeOf(error, task), task);
    }
    if (this.#isLast(task)) yield* this.#close();
  }

  #mustWait(): boolean {
    const most = this.#results.areCollected ? CALLS_AT_ONCE : 2 * this.#concurrency;
    return this.#open >= most;
  }

  /** One at a time: each will wake the next if there is more to do. */
  #wakeWorker(): void {
    if (!this.#isWaking) this.#isWaking = this._resting.wakeNext();
  }

  /**
   * Called by a worker that has been woken.
   * @internal
   */
  _isAwake(): void {
    this.#isWaking = false;
  }

  #rest(): Coroutine<void> {
    if (this.#results.areCollected) {
      this.#open = 0;
      return sleep(0);
    }
    return new Operation(REST as Kind<unknown, undefined, void>, this, undefined);
  }

  /** Begins a call: each one in the context of the caller, whatever the last one set. */
  #openSlot(task: Task<void>): Slot<R> {
    const slot = this.#results.open(); // before a worker that is added, which may be eager
    this.#open++;
    task.getContext()._values = this.#context!._values;
    if (this._resting.length > 0) this.#wakeWorker();
    else if (this.#alive < this.#concurrency && !this.#items.isAnyoneWaiting()) this.#addWorker();
    return slot;
  }

  #deliver(slot: Slot<R>, value: R): void {
    if (this.#isStopping) return;
    this.#results.put(slot, value);
    if (this.#results.isReady()) this._takers.wakeNext();
  }

  /** The worker leaves; is it the last? Then it has to close the source. */
  #isLast(task: Task<void>): boolean {
    this.#workers.delete(task);
    // Those that rest have nothing to wait for any more.
    this._resting.wake();
    // A cancellation that came too late is not to hit the closing.
    while (task.cancelling() > 0) task.uncancel();
    return --this.#alive === 0;
  }

  /** `<mapConcurrent workers=3>`. */
  toString(): string {
    return `<mapConcurrent workers=${this.#alive}>`;
  }
}
