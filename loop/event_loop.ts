/**
 * The event loop: turns, timers, and the baton.
 *
 * Invariants:
 * - A turn moves the timers that are due to the ready queue, then runs exactly the
 *   entries that are in it now. What they make ready waits for the next turn.
 * - Turns run inside one async function, the pump, which is the only thing that
 *   runs callbacks and generators. Anyone may ask it to go on; nobody else may.
 * - While someone holds the baton, native async code of that task is running or about
 *   to run, and the loop runs nothing.
 * - Whatever foreign code throws, the pump goes on, and leaves nobody active behind.
 *
 * @module
 */

import {
  type Coro,
  type FutureLike,
  NO_OPTIONS,
  type TaskFactory,
  type TaskLike,
  type TaskOptions,
} from "./awaitable.ts";
import {
  activate,
  callAround,
  callerScope,
  Context,
  currentValues,
  dropHolder,
  noteHolder,
  othersHandBack,
  type Runnable,
  type Scope,
  surroundings,
  usesAsyncLocal,
  type Values,
} from "./context.ts";
import { describeFunction, describeValue, inspectable } from "./describe.ts";
import { reportBroken, reportSlow, reportToConsole } from "./_report.ts";
import { platformDriver } from "./platform_driver.ts";
import type { Driver, Idle } from "./driver.ts";
import { type DurationLike, toMilliseconds } from "../duration.ts";
import { type ExceptionContext, Handle, type Timer, TimerHandle } from "./handle.ts";
import { Baton } from "./_baton.ts";
import { BUDGET, isBusy, isNowOverdue, isOverdue, noteMacrotask } from "./_breath.ts";
import { noteDebugging } from "./debug.ts";
import {
  type ExecutorLike,
  type ExecutorResult,
  loopClosed,
  requireExecutors,
  shutdownDefaultExecutor,
} from "./executors.ts";
import { isCoroutineFunction, pendingOf, requireMakers } from "./makers.ts";
import { Deque } from "../deque.ts";
import { RuntimeError } from "../errors.ts";
import { TimerHeap } from "./_timer_heap.ts";

/** After so many entries the platform gets its chance even if its clock stands still. */
const BUDGET_COUNT = 20_000;
/** How often the clock is read: at most each so many entries, */
const SAMPLE_MOST = 256;
/** and about each so many milliseconds. */
const SAMPLE_TIME = 0.1;

/** Why turns stopped running. */
type Pause = "stopped" | "idle" | "handed over" | "out of budget" | "not here";

const running = new Set<EventLoop>();

/** The loop that is running, if there is just one. */
export function onlyRunningLoop(): EventLoop | null {
  const [first] = running;
  return running.size === 1 ? first! : null;
}

/** Options of `callSoon`, `callLater` and `callAt`. */
export interface CallOptions {
  /** The context that the callback runs in; a copy of the current one by default. */
  context?: Context;
}

/** Takes what `callExceptionHandler` is told, instead of the console. */
export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => void;

/**
 * An event loop: runs callbacks and tasks in turns, as CPython does.
 *
 * Most programs use `run()` and never touch one.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-eventloop.html | asyncio's event loop};
 * times are in milliseconds.
 *
 * @example Usage
 * ```ts
 * import { EventLoop, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const loop = new EventLoop();
 * const result = await loop.runUntilComplete(sleep(1, "done"));
 * loop.close();
 * assertEquals(result, "done");
 * ```
 */
export class EventLoop implements Idle {
  // Plain fields, not #private: the hot loop reads them, and so do futures and tasks.

  /** In debug mode, callbacks that run longer than this are reported, in milliseconds. */
  slowCallbackDuration = 100;

  /** @internal */
  readonly _driver: Driver;
  /** @internal */
  readonly _ready: Deque<Runnable> = new Deque();
  /** @internal */
  readonly _timers: TimerHeap = new TimerHeap();
  /** @internal */
  _context: Context | Values = new Context();
  /**
   * Whose native code runs.
   * @internal
   */
  readonly _baton: Baton = new Baton({
    isSpinning: () => this.#spinning,
    goOn: () => this.#goOn(),
    driver: () => this._driver,
    surroundings: () => this._surroundings,
    isOverdue: isNowOverdue,
    rest: (callback) => this.#rest(callback, isBusy()),
  });
  /**
   * The pending tasks, linked through themselves: the newest of them.
   * @internal
   */
  _lastTask: object | null = null;
  /**
   * What is to be told when the loop closes, unless it is withdrawn before.
   * @internal
   */
  readonly _reports: Set<{ report(): void }> = new Set();
  /**
   * Those that the pump runs in: whatever was made in the same ones is called without a detour.
   * @internal
   */
  _surroundings: unknown = null;
  /**
   * What outside of the loop is to let go of it when it closes.
   * @internal
   */
  readonly _holders: Set<{ loopClosed(): void }> = new Set();
  /**
   * How many foreign promises are awaited by `until`.
   * @internal
   */
  _outside = 0;
  /**
   * The default executor.
   * @internal
   */
  _executor: ExecutorLike | null | undefined = undefined;
  #left = 0; // entries of this turn that are still to run
  #now = 0; // the clock when it was read last
  #breathed = 0; // the clock when the platform had its last chance
  #ran = 0; // entries since then
  #sample: number = SAMPLE_MOST; // entries until the clock is read again
  #countdown: number = SAMPLE_MOST;
  #mustBreathe = false;
  #spinning = false;
  #running = false;
  #stopping = false;
  #closed = false;
  #debug = false;
  #crash: Error | null = null;
  #wake: (() => void) | null = null; // lets the pump go on
  #alarm: (() => void) | null = null; // gives up the driver's alarm; set while idle
  #exceptionHandler: ExceptionHandler | null = null;
  #taskFactory: TaskFactory | null = null;

  /**
   * Makes a loop that isn't running.
   *
   * @param driver What it runs on; the platform by default.
   */
  constructor(driver: Driver = platformDriver()) {
    this._driver = driver;
  }

  /** @internal */
  get _loop(): this {
    return this;
  }

  /** @internal */
  get _task(): null {
    return null;
  }

  // Executors

  /**
   * Has an executor call `fn(...args)`: in a thread, in another process.
   *
   * Cancellation: takes the call back if it hasn't started; else sets its
   * `workerSignal()`.
   *
   * @param executor An executor; null for the loop's default one, a `ThreadPoolExecutor`.
   * @param fn A function of a `workerModule()`, or one that closes over nothing.
   * @param args Its arguments; they are copied.
   * @returns A future of what it returns.
   * @throws {RuntimeError} If the loop is closed, or its default executor shut down.
   */
  runInExecutor<A extends unknown[], R>(
    executor: ExecutorLike | null,
    fn: (...args: A) => R,
    ...args: A
  ): FutureLike<ExecutorResult<R>> {
    this.#checkOpen();
    return requireExecutors().run(this, executor, fn, args) as FutureLike<ExecutorResult<R>>;
  }

  /** Sets what `runInExecutor(null, …)` uses. */
  setDefaultExecutor(executor: ExecutorLike): void {
    requireExecutors().setDefault(this, executor);
  }

  /**
   * Shuts the default executor down and waits until its work is done; `run()` does it at
   * its end. From then on `runInExecutor(null, …)` throws.
   *
   * @param timeout How long to wait; for ever by default. Then it goes on by itself, and that is reported.
   */
  shutdownDefaultExecutor(timeout: DurationLike | null = null): Promise<void> {
    return shutdownDefaultExecutor(this, timeout);
  }

  // Callbacks

  /**
   * Has `callback` called in the next turn.
   *
   * @param callback A synchronous function.
   * @param options See {@link CallOptions}.
   * @returns A handle, to take it back.
   * @throws {RuntimeError} If the loop is closed.
   * @throws {TypeError} If it is a generator function; in debug mode, an async function too.
   */
  callSoon(callback: () => unknown, options?: CallOptions): Handle {
    this.#checkOpen();
    const handle = new Handle(
      checkCallback(callback, this),
      this,
      options?.context ?? currentValues(),
    );
    this._push(handle);
    return handle;
  }

  /**
   * Has `callback` called after `delay`; at once is the next turn, not now.
   *
   * @param delay How long from now; negative ones count as 0.
   * @param callback A synchronous function.
   * @param options See {@link CallOptions}.
   * @returns A handle, to take it back.
   * @throws {ValueError} If `delay` is NaN.
   * @throws {RuntimeError} If the loop is closed.
   * @throws {TypeError} If it is a generator function; in debug mode, an async function too.
   */
  callLater(delay: DurationLike, callback: () => unknown, options?: CallOptions): TimerHandle {
    return this.callAt(this._driver.now() + toMilliseconds(delay), callback, options);
  }

  /**
   * Has `callback` called at the time `when` of this loop's clock.
   *
   * @param when Milliseconds, on the clock of `time()`.
   * @param callback A synchronous function.
   * @param options See {@link CallOptions}.
   * @returns A handle, to take it back.
   * @throws {ValueError} If `when` is NaN.
   * @throws {RuntimeError} If the loop is closed.
   * @throws {TypeError} If it is a generator function; in debug mode, an async function too.
   */
  callAt(when: number, callback: () => unknown, options?: CallOptions): TimerHandle {
    this.#checkOpen();
    const context = options?.context ?? currentValues();
    const timer = new TimerHandle(
      toMilliseconds(when, "when"),
      checkCallback(callback, this),
      this,
      context,
    );
    this._schedule(timer);
    return timer;
  }

  /** The loop's clock, in milliseconds. It has no relation to the time of day. */
  time(): number {
    return this._driver.now();
  }

  // Futures and tasks

  /** Makes a pending future of this loop. */
  createFuture<T>(): FutureLike<T> {
    return requireMakers().future<T>(this);
  }

  /**
   * Makes a task of a coroutine, to start in the next turn.
   *
   * @param coro A coroutine, or a function that makes one.
   * @param options Name, context, eager start.
   * @throws {TypeError} If `coro` is neither, such as the promise of a call that runs already.
   * @throws {RuntimeError} If the loop is closed.
   */
  createTask<T>(coro: Coro<T>, options: TaskOptions = NO_OPTIONS): TaskLike<T> {
    this.#checkOpen();
    if (this.#taskFactory === null) return requireMakers().task(this, coro, options);
    const task = this.#taskFactory(this, coro, options);
    const { name } = options;
    // A factory may leave the name to us.
    if (name !== undefined && name !== null && task.getName?.() !== String(name)) {
      task.setName?.(name);
    }
    return task;
  }

  /**
   * Has `factory` make the tasks of this loop; null restores the default.
   *
   * @throws {TypeError} If it is neither.
   */
  setTaskFactory(factory: TaskFactory | null): void {
    this.#taskFactory = checkHandler(factory, "task factory");
  }

  /** The task factory in use, or null for the default. */
  getTaskFactory(): TaskFactory | null {
    return this.#taskFactory;
  }

  // Running

  /**
   * Runs until `stop()` is called.
   *
   * @throws {RuntimeError} If the loop runs already or is closed, or inside of a task.
   */
  async runForever(): Promise<void> {
    this.#checkRunnable();
    this.#running = true;
    running.add(this);
    if (this.#stopping) {
      // Stopped before it ran: as in CPython, one turn runs.
      this.#stopping = false;
      this.callSoon(() => this.stop());
    }
    try {
      this._surroundings = surroundings(this);
      await callAround(this._surroundings, pump, this);
    } finally {
      this.#running = this.#stopping = false;
      this.#crash = null;
      this.#spinning = false;
      running.delete(this);
      this.#wake = null;
      this._baton.drop();
      dropHolder(this);
    }
  }

  /**
   * Runs until `awaitable` is done.
   *
   * @returns Its result.
   * @throws Its error; {@link RuntimeError} as `runForever`, or if the loop was stopped before.
   */
  async runUntilComplete<T>(awaitable: FutureLike<T> | Coro<T>): Promise<T> {
    this.#checkRunnable();
    const future = requireMakers().ensureFuture(awaitable, this);
    const stop = () => this.stop();
    future.addDoneCallback(stop);
    try {
      await this.runForever();
    } catch (error) {
      // The loop gave up. If the future failed as well, this error is the one that is told.
      if (future.done() && !future.cancelled()) future.exception();
      throw error;
    } finally {
      future.removeDoneCallback(stop);
    }
    if (!future.done()) {
      throw new RuntimeError(
        `Cannot get the result of ${future}: the event loop was stopped before`,
      );
    }
    return future.result();
  }

  /** Makes `runForever` end when the current turn has run; before that, after its first turn. */
  stop(): void {
    this.#stopping = true;
    if (this.#alarm !== null) this.#endIdle();
  }

  /**
   * Closes the loop: drops what is left in it. It can't run again.
   *
   * @throws {RuntimeError} If it is running.
   */
  close(): void {
    if (this.#running) {
      throw new RuntimeError("Cannot close a running event loop: stop it first");
    }
    if (this.#closed) return;
    this.#closed = true;
    this._ready.clear();
    this._timers.clear();
    for (const due of this._reports) due.report();
    for (const holder of this._holders) holder.loopClosed();
    this._holders.clear();
    loopClosed(this);
  }

  /** Is it running? */
  isRunning(): boolean {
    return this.#running;
  }

  /** Is it closed? */
  isClosed(): boolean {
    return this.#closed;
  }

  // Errors and debugging

  /**
   * Has `handler` take the errors that nobody else can; null restores the default.
   *
   * @throws {TypeError} If it is neither.
   */
  setExceptionHandler(handler: ExceptionHandler | null): void {
    this.#exceptionHandler = checkHandler(handler, "exception handler");
  }

  /** The exception handler in use, or null for the default. */
  getExceptionHandler(): ExceptionHandler | null {
    return this.#exceptionHandler;
  }

  /** What is done with an error where no handler is set: prints it to the console. */
  defaultExceptionHandler(context: ExceptionContext): void {
    reportToConsole(context);
  }

  /**
   * Hands an error that nobody can catch to the exception handler, in the context of the task,
   * future or callback that it is about. Never throws.
   */
  callExceptionHandler(context: ExceptionContext): void {
    const handler = this.#exceptionHandler;
    if (handler === null) return this.#reportByDefault(context);
    const subject = context.task ?? context.future ?? context.handle;
    const previous = activate(subject !== undefined && isScope(subject) ? subject : null);
    try {
      handler(this, context);
    } catch (exception) {
      this.#reportByDefault({
        message: `Unhandled error in exception handler, while handling: ${context.message}`,
        exception,
      });
    } finally {
      activate(previous);
    }
  }

  /** Another class may have its own way, and the console's may have been replaced. */
  #reportByDefault(context: ExceptionContext): void {
    try {
      this.defaultExceptionHandler(context);
    } catch (exception) {
      reportBroken(context, exception);
    }
  }

  /**
   * Turns debug mode on or off: slow callbacks and coroutines that nobody awaited
   * are reported, and tasks know where they were made.
   */
  setDebug(enabled: boolean): void {
    this.#debug = enabled;
    if (enabled) noteDebugging();
  }

  /** Is debug mode on? */
  getDebug(): boolean {
    return this.#debug;
  }

  /** `<EventLoop running=true closed=false debug=false>`. */
  toString(): string {
    return `<EventLoop running=${this.#running} closed=${this.#closed} debug=${this.#debug}>`;
  }

  /**
   * Ends the run with an error, as soon as nothing runs.
   * @internal
   */
  _crash(error: Error): void {
    this.#crash = error;
    this.stop();
  }

  /**
   * Does it wait, with nothing to run?
   * @internal
   */
  _isIdle(): boolean {
    return this.#alarm !== null;
  }

  /**
   * Does it wait for what it can't bring about by itself, not even by letting time pass?
   * @internal
   */
  _isStuck(): boolean {
    return this.#alarm !== null && this._timers.peek() === undefined && pendingOf(this).length > 0;
  }

  // For drivers: what a loop that has nothing to run waits for

  /** How many things outside of the loop are awaited: foreign promises, by `until` or natively. */
  outside(): number {
    const away = pendingOf(this).filter((task) => task._isAway());
    return this._outside + away.length;
  }

  /** A line for each pending task, with what it waits for. */
  describeWaiting(): string[] {
    return pendingOf(this).map(String);
  }

  // For futures and tasks

  /**
   * Makes an entry ready.
   * @internal
   */
  _push(entry: Runnable): void {
    if (this.#closed) throw new RuntimeError("Event loop is closed");
    this._ready.push(entry);
    if (this.#alarm !== null) this.#endIdle();
  }

  /**
   * Calls a callback in its scope; an error that leaves it is reported.
   * @internal
   */
  _call<T>(
    entry: Runnable & object,
    made: unknown,
    callback: (argument: T) => unknown,
    argument: T,
  ): void {
    activate(entry);
    try {
      if (made === this._surroundings) callback(argument);
      else callAround(made, callback, argument);
    } catch (exception) {
      this.callExceptionHandler({
        message: `Exception in callback ${describeFunction(callback)}`,
        exception,
        handle: entry,
      });
    }
  }

  /**
   * Makes `timer` ready when its time has come.
   * @internal
   */
  _schedule(timer: Timer): void {
    this._timers.push(timer);
    if (this.#alarm !== null && this._timers.peek() === timer) this.#endIdle();
  }

  /** @internal */
  _timerCancelled(): void {
    this._timers.noteCancelled();
  }

  // The pump

  /** @internal */
  async _pump(): Promise<void> {
    await this.#woken(); // nothing runs within the call that starts it
    for (;;) {
      for (let wait = othersHandBack(this); wait !== null; wait = othersHandBack(this)) await wait;
      switch (this.#spin(false)) {
        case "stopped":
          if (this.#crash !== null) throw this.#crash;
          return;
        case "idle":
          await this.#idle();
          break;
        case "out of budget":
          await new Promise<void>((turn) => this.#rest(turn, true));
          this.#breathe();
          break;
        default:
          await new Promise<void>((resolve) => this.#wake = resolve);
      }
    }
  }

  /** Goes on after native code that had the baton. */
  #goOn(): void {
    // Another task's native code can be let go on from right here, since that code
    // runs in a microtask of its own: a switch between two native tasks costs no
    // detour. The next of the two then counts as running before the rest of this
    // microtask is over, so this needs a store that tells them apart.
    if (usesAsyncLocal() && this.#spin(true) === "handed over") return;
    this.#unpark();
  }

  /**
   * Runs turns until there is a reason to pause. With `settlersOnly`, pauses before
   * anything that would run user code synchronously.
   */
  #spin(settlersOnly: boolean): Pause {
    this.#spinning = true;
    const before = activate(null);
    noteHolder(this._baton.holder);
    try {
      for (;;) {
        try {
          return this.#runTurns(settlersOnly);
        } catch (exception) {
          // An entry takes what its user code throws; but the stack may have been used up.
          this.callExceptionHandler({ message: "Exception in the event loop", exception });
        }
      }
    } finally {
      noteHolder(this._baton.holder);
      activate(before);
      this.#spinning = false;
    }
  }

  #runTurns(settlersOnly: boolean): Pause {
    const ready = this._ready;
    const baton = this._baton;
    for (;;) {
      const isDebugged = this.#debug;
      while (this.#left > 0) {
        if (this.#mustBreathe) return "out of budget";
        if (settlersOnly && !ready.peek()!._settles) return "not here";
        this.#left--;
        const entry = ready.take();
        if (isDebugged) this.#runWatched(entry);
        else entry._run();
        if (--this.#countdown === 0) this.#readClock();
        if (baton.holder !== null) return "handed over";
      }
      if (this.#stopping) return "stopped";
      if (this._timers.size > 0) this.#collectDue();
      this.#left = ready.length;
      if (this.#left === 0) return "idle";
    }
  }

  #collectDue(): void {
    if (this._ready.length === 0) this.#now = this._driver.now();
    const timers = this._timers;
    for (let timer = timers.peek(); timer !== undefined && timer._when <= this.#now;) {
      this._ready.push(timers.shift());
      timer = timers.peek();
    }
  }

  /** Reads the clock every now and then: more often if entries take long. */
  #readClock(): void {
    const before = this.#now;
    this.#now = this._driver.now();
    const took = this.#now - before;
    this.#ran += this.#sample;
    this.#mustBreathe = this.#now - this.#breathed >= BUDGET || this.#ran >= BUDGET_COUNT;
    this.#sample = took <= SAMPLE_TIME
      ? Math.min(SAMPLE_MOST, this.#sample * 2)
      : Math.max(1, Math.floor(this.#sample * SAMPLE_TIME / took));
    this.#countdown = this.#sample;
  }

  /** Calls back when the platform had its chance. */
  #rest(callback: () => void, isBusy: boolean): void {
    this._driver.later(() => {
      noteMacrotask();
      callback();
    }, isBusy);
  }

  /** It was woken, by whatever it may be. */
  #woken(): Promise<void> | null {
    this.#breathe();
    return isOverdue() ? new Promise((resolve) => this.#rest(resolve, isBusy())) : null;
  }

  #breathe(): void {
    this.#now = this.#breathed = this._driver.now();
    this.#ran = 0;
    this.#mustBreathe = false;
  }

  /** Waits until something is made ready or the next timer is due. */
  async #idle(): Promise<void> {
    const next = this._timers.peek();
    const woken = new Promise<void>((resolve) => this.#wake = resolve);
    // A timer for ever is at the end of time: the loop waits for it as for any other.
    const when = next === undefined ? Infinity : Math.min(next._when, Number.MAX_VALUE);
    this.#alarm = this._driver.at(when, this.#endIdle, this);
    await woken;
    const breath = this.#woken();
    if (breath !== null) await breath;
  }

  readonly #endIdle = (): void => {
    const alarm = this.#alarm;
    if (alarm === null) return;
    this.#alarm = null;
    alarm();
    this.#unpark();
  };

  #unpark(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  #runWatched(entry: Runnable): void {
    const start = this._driver.now();
    entry._run();
    const took = this._driver.now() - start;
    if (took >= this.slowCallbackDuration) reportSlow(entry, took);
  }

  #checkOpen(): void {
    if (this.#closed) throw new RuntimeError("Event loop is closed");
  }

  #checkRunnable(): void {
    this.#checkOpen();
    if (this.#running) throw new RuntimeError("Cannot run the event loop: it is running already");
    if (callerScope()?._loop instanceof EventLoop) {
      throw new RuntimeError(
        "Cannot run an event loop from a task or callback of another that is running: " +
          "await the coroutine instead",
      );
    }
  }
}

inspectable(EventLoop);

function pump(loop: EventLoop): Promise<void> {
  return loop._pump();
}

function isScope(subject: object): subject is Scope {
  return (subject as Partial<Scope>)._context !== undefined;
}

const GeneratorFunction = Object.getPrototypeOf(function* () {});
const AsyncGeneratorFunction = Object.getPrototypeOf(async function* () {});

/** Of a generator function nothing would ever run; an async function's errors would be nobody's. */
function checkCallback(callback: () => unknown, loop: EventLoop): () => unknown {
  if (typeof callback !== "function") throw refuseCallback(callback, "a function");
  const kind = Object.getPrototypeOf(callback);
  const neverRuns = kind === GeneratorFunction || kind === AsyncGeneratorFunction;
  if (neverRuns || (loop.getDebug() && isCoroutineFunction(callback))) {
    throw refuseCallback(callback, "a plain function; for a coroutine, make a task");
  }
  return callback;
}

function refuseCallback(callback: unknown, rule: string): TypeError {
  return new TypeError(
    `Cannot schedule a callback as 'callback' must be ${rule}: current value is ${
      describeValue(callback)
    }`,
  );
}

function checkHandler<T>(handler: T, what: string): T {
  if (typeof handler === "function" || handler === null) return handler;
  throw new TypeError(
    `Cannot set the ${what} as it must be a function or null: current value is ${
      describeValue(handler)
    }`,
  );
}
