/**
 * Runs programs that mix in other people's code, and looks at each of their awaits: its
 * outcome, the current task, the context variable, and an `AsyncLocalStorage` that is not
 * the module's.
 *
 * @module
 */

import {
  asCompleted,
  CancelledError,
  ContextVar,
  copyContext,
  currentTask,
  ensureFuture,
  Event,
  type EventLoop,
  ExceptionGroup,
  type Future,
  gather,
  getEventLoop,
  Lock,
  mapConcurrent,
  newEventLoop,
  Queue,
  run,
  shield,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
  timeout,
  until,
  wait,
  waitFor,
} from "@aio/asyncio";
import {
  allOps,
  type Body,
  expected,
  expectedOf,
  failsAsGroup,
  type Of,
  type Op,
  print,
} from "./_foreign_programs.ts";
import { ForeignError, type PlatformTimers, SOURCES } from "./_foreign_sources.ts";
import { asyncKind, type CoroutineFunction, generatorKind, type Kind } from "./_kinds.ts";
import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";

/** Do generators see other people's `AsyncLocalStorage` as their task was made with, at each step? */
const GENERATORS_CARRY = true;

/** How the bodies of a program are written, and where it runs. */
export interface Way {
  mode: "generator" | "async" | "mixed";
  /** In `run()`, as a task of the ambient loop, or in no task at all. */
  where: "run" | "ambient task" | "ambient";
  /** When the signal of its `run()` aborts, in milliseconds. */
  abort: number | null;
  /** Whether other people's `AsyncLocalStorage` is used, and looked at. */
  usesStore: boolean;
}

/** What others have: a request's id, a span, a logger's fields. */
const store = new AsyncLocalStorage<string>();
const variable = new ContextVar<string>("variable", { default: "root" });
/** The value in `store` where nothing is promised. */
const UNKNOWN = "unknown";
/** Far away, as a time limit; and how long what never ends would take. */
const FAR = 20_000;

/** A part of a program that may be cancelled as a whole. */
class Region {
  readonly #outer: Region | null;
  #mayBe: boolean;

  constructor(outer: Region | null, mayBeCancelled = false) {
    this.#outer = outer;
    this.#mayBe = mayBeCancelled;
  }

  cancel(): void {
    this.#mayBe = true;
  }

  /** May a cancellation be on its way here? */
  get mayBeCancelled(): boolean {
    return this.#mayBe || this.#outer?.mayBeCancelled === true;
  }
}

/** May an error be lost, as it belongs to what was cancelled? */
export function mayBeLost(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(mayBeLost);
  return (error as { region?: Region } | null | undefined)?.region?.mayBeCancelled === true;
}

class Thrown extends Error {
  override readonly name = "Thrown";
}

/** What holds for the code of a body. */
interface Surroundings {
  loop: EventLoop;
  kind: Kind;
  region: Region;
  /** The current task; undefined until the body of a new one starts. */
  task: Task<unknown> | null | undefined;
  /** Who made it. */
  maker: Task<unknown> | null;
  /** The context variable of the task. */
  variable: { value: string };
  store: string;
  /** Do several calls share the task, so that its context belongs to none of them? */
  shares: boolean;
}

// deno-lint-ignore no-explicit-any
type Steps<T = unknown> = Generator<any, T, any>;

/** A program that runs. */
export class Run {
  /** What is wrong, a line each. */
  readonly problems: string[] = [];
  readonly #body: Body;
  readonly #way: Way;
  readonly #timers: PlatformTimers;
  readonly #root: Region = new Region(null);
  readonly #handlers = new Map<number, (caller: Surroundings) => Promise<unknown>>();
  /** What handlers were asked for. */
  readonly #answers: Promise<unknown>[] = [];
  readonly #loops: EventLoop[] = [];
  readonly #name: string;

  constructor(seed: number, body: Body, way: Way, timers: PlatformTimers) {
    this.#name = `SEED=${seed}`;
    this.#body = body;
    this.#way = way;
    this.#timers = timers;
  }

  toString(): string {
    const { mode, where, abort } = this.#way;
    const ending = abort === null ? "" : `, aborted after ${abort}`;
    return `${this.#name} (${mode}, ${where}${ending}): ${print(this.#body)}`;
  }

  /** Runs it to its end. `signal` is one that lives long; an aborted program has its own. */
  async watch(signal: AbortSignal): Promise<void> {
    for (const op of allOps(this.#body)) {
      if (op.op === "run" || op.op === "visit") this.#prepare(op);
    }
    await store.run(this.#name, () => this.#runMain(signal));
    this.#root.cancel();
    // A run() of a handler may ask another one.
    for (const answer of this.#answers) await Promise.allSettled([answer]);
    this.#expect("currentTask() after the program", currentTask(), null);
    this.#expect("a plain run() after the program", await run(() => sleep(0, "fine")), "fine");
  }

  async #runMain(signal: AbortSignal): Promise<void> {
    const { where, abort } = this.#way;
    const wanted = expectedOf(this.#body);
    if (where !== "run") {
      const main = this.#start(this.#body, getEventLoop(), this.#root, this.#name);
      const running = where === "ambient" ? main() : getEventLoop().createTask(main);
      this.#expect("the result", await running, wanted);
      return;
    }
    const loop = this.#newLoop();
    const main = this.#start(this.#body, loop, this.#root, this.#name);
    let own = signal;
    if (abort !== null) {
      const controller = new AbortController();
      own = controller.signal;
      this.#timers.call(abort, () => {
        this.#root.cancel();
        controller.abort();
      });
    }
    let outcome: string;
    try {
      outcome = show(await run(main, { loopFactory: () => loop, signal: own }));
    } catch (error) {
      outcome = showError(error);
    }
    if (abort === null || outcome !== "!CancelledError") {
      this.#expect("the result of run()", outcome, wanted);
    }
    this.#lookAt(loop);
  }

  /** A loop of which nothing should remain. */
  #newLoop(): EventLoop {
    const loop = newEventLoop();
    loop.setExceptionHandler((_, { message, exception }) => {
      // Whoever is cancelled may leave calls and tasks behind, of which it is told.
      const isOfEnd = /^(A call that nobody awaited|Task was destroyed)/.test(message);
      if (isOfEnd || mayBeLost(exception)) return;
      this.problems.push(`reported: ${message}: ${exception}`);
    });
    return loop;
  }

  #lookAt(loop: EventLoop): void {
    this.#expect("isClosed()", loop.isClosed(), true);
    this.#expect("the number of timers left", loop._timers.pending, 0);
    this.#loops.push(loop);
  }

  /** Looks at its loops once more, when every foreign promise has settled. */
  lookAfterwards(): void {
    for (const loop of this.#loops) this.#expect("outside()", loop.outside(), 0);
  }

  /** The main coroutine of a loop. What it leaves behind may be cancelled. */
  #start(
    body: Body,
    loop: EventLoop,
    region: Region,
    inStore: string,
  ): CoroutineFunction<[], string> {
    const isTask = this.#way.where !== "ambient" || region !== this.#root;
    const around: Surroundings = {
      loop,
      kind: isTask ? this.#kindOf(body) : asyncKind,
      region,
      task: isTask ? undefined : null,
      maker: null,
      variable: { value: "root" },
      store: inStore,
      shares: !isTask,
    };
    const steps = (around: Surroundings) => this.#steps(body, around);
    return this.#coroutine(around, function* () {
      try {
        return yield* steps(around);
      } finally {
        region.cancel();
      }
    });
  }

  // Bodies

  #kindOf(body: Body): Kind {
    if (this.#way.mode === "mixed") return body.length % 2 === 0 ? asyncKind : generatorKind;
    return this.#way.mode === "async" ? asyncKind : generatorKind;
  }

  /** Makes a coroutine function, of the kind that `around` says. */
  #coroutine<T>(around: Surroundings, script: () => Steps<T>): CoroutineFunction<[], T> {
    if (!GENERATORS_CARRY && around.kind === generatorKind) around.store = UNKNOWN;
    const enter = () => {
      if (around.task === undefined) {
        around.task = currentTask();
        if (around.task === null || around.task === around.maker) {
          this.problems.push(`a new task starts in ${around.task}`);
        }
      }
      this.#look(around, "the start");
    };
    return around.kind(function* () {
      enter();
      return yield* script();
    });
  }

  #inner(body: Body, around: Surroundings): CoroutineFunction<[], string> {
    return this.#coroutine(around, () => this.#steps(body, around));
  }

  /** A coroutine function that becomes a task of its own. */
  #concurrent(
    body: Body,
    around: Surroundings,
    changes: Partial<Surroundings> = {},
  ): CoroutineFunction<[], string> {
    return this.#inner(body, this.#ofTask(body, around, changes));
  }

  #ofTask(body: Body, around: Surroundings, changes: Partial<Surroundings>): Surroundings {
    return {
      ...around,
      kind: this.#kindOf(body),
      task: undefined,
      maker: around.task ?? null,
      variable: { value: around.variable.value },
      shares: false,
      ...changes,
    };
  }

  #spawn(
    body: Body,
    around: Surroundings,
    changes: Partial<Surroundings> = {},
    make: (fn: CoroutineFunction<[], string>) => unknown = (fn) => around.loop.createTask(fn),
  ): Task<string> {
    const own = this.#ofTask(body, around, changes);
    const task = make(this.#inner(body, own)) as Task<string>;
    own.task = task;
    return task;
  }

  /** A body that runs within the current task, if there is one. */
  #within(
    body: Body,
    around: Surroundings,
    changes: Partial<Surroundings> = {},
  ): CoroutineFunction<[], string> {
    if (around.task === null) return this.#concurrent(body, around, changes);
    return this.#inner(body, { ...around, kind: this.#kindOf(body), ...changes });
  }

  *#steps(body: Body, around: Surroundings): Steps<string> {
    const outcomes: string[] = [];
    for (const op of body) outcomes.push(yield* this.#step(op, around));
    return `[${outcomes}]`;
  }

  /** Performs an operation, and compares what comes of it. */
  *#step(op: Op, around: Surroundings): Steps<string> {
    let outcome: string;
    try {
      outcome = show(yield* this.#perform(op, around));
    } catch (error) {
      this.#look(around, `${op.op}(${op.id})`);
      if (op.op === "throw" || (isCancellation(error) && around.region.mayBeCancelled)) throw error;
      // What was to pass the cancellation on had an error of its own: as in Python, that is lost.
      if (around.region.mayBeCancelled && (currentTask()?.cancelling() ?? 0) > 0) {
        throw new CancelledError();
      }
      outcome = showError(error);
    }
    this.#look(around, `${op.op}(${op.id})`);
    const wanted = expected(op);
    if (!wanted.includes(outcome)) {
      this.problems.push(`${op.op}(${op.id}) gives ${outcome}, not ${wanted.join(" or ")}`);
    }
    return wanted[0]!;
  }

  #look(around: Surroundings, where: string): void {
    const after = `after ${where}`;
    if (currentTask() !== around.task) {
      this.problems.push(`currentTask() is ${currentTask()}, not ${around.task} ${after}`);
    }
    this.#expect(`the variable ${after}`, variable.get(), around.variable.value);
    if (this.#way.usesStore && around.store !== UNKNOWN) {
      this.#expect(`the store ${after}`, store.getStore(), around.store);
    }
  }

  #expect(what: string, is: unknown, wanted: unknown): void {
    if (is !== wanted) this.problems.push(`${what}: ${is}, not ${wanted}`);
  }

  /** An error that may be lost only if its part of the program was cancelled. */
  #error(Class: typeof Thrown | typeof ForeignError, id: number, region: Region): Error {
    // As a property: what is reported of an error that was collected is its likeness.
    return Object.assign(new Class(`${id}`), { region });
  }

  // Operations

  *#perform(op: Op, around: Surroundings): Steps {
    const { region } = around;
    switch (op.op) {
      case "sleep":
        return yield sleep(op.time, op.id);
      case "pass":
        yield sleep(0);
        return op.id;
      case "wait for":
        return yield* this.#waitFor(op, around);
      case "never":
        return yield* this.#never(op, around);
      case "throw":
        throw this.#error(Thrown, op.id, region);
      case "variable":
        if (!around.shares) variable.set(around.variable.value = `variable ${op.id}`);
        return op.id;
      case "call":
        return yield this.#inner(op.body, around)();
      case "waitFor":
        return yield waitFor(this.#within(op.body, around), op.id % 2 === 0 ? FAR : null);
      case "timeout":
        return yield timeout(op.id % 2 === 0 ? FAR : null, this.#within(op.body, around));
      case "lock":
        return yield new Lock().withLock(this.#within(op.body, around));
      case "task": {
        const task = this.#task(op, around);
        for (const each of op.between) yield* this.#step(each, around);
        return yield task;
      }
      case "shield": {
        const task = this.#task(op, around);
        const shielded = shield(task);
        for (const each of op.between) yield* this.#step(each, around);
        return yield shielded;
      }
      case "gather": {
        const all = op.bodies.map((body) => this.#concurrent(body, around));
        const { returnExceptions } = op;
        const outcomes: unknown[] = yield gather(all, { returnExceptions });
        return `[${outcomes.map((each) => showUnlessCancelled(each, region))}]`;
      }
      case "wait": {
        const tasks = op.bodies.map((body) => this.#spawn(body, around));
        const [done, pending] = yield wait(tasks);
        this.#expect("done", done.size, tasks.length);
        this.#expect("pending", pending.size, 0);
        return `[${tasks.map((task) => showUnlessCancelled(outcomeOf(task), region))}]`;
      }
      case "mapConcurrent": {
        const part = new Region(region, failsAsGroup(op));
        const fn = (body: Body) => this.#concurrent(body, around, { region: part })();
        const concurrency = 1 + op.id % 3;
        return `[${yield mapConcurrent(op.bodies, fn, { concurrency }).toArray()}]`;
      }
      case "asCompleted":
        return yield* this.#asCompleted(op, around);
      case "taskGroup": {
        const part = new Region(region, failsAsGroup(op));
        const body = this.#within(op.body, around, { region: part });
        let tasks!: Task<unknown>[];
        yield taskGroup((group: TaskGroup) => {
          const inner = around.task === null ? { ...around, task: currentTask() } : around;
          tasks = op.bodies.map((each) =>
            this.#spawn(each, inner, { region: part }, (fn) => group.createTask(fn))
          );
          return body();
        });
        return `[${tasks.map((task) => task.result())}]`;
      }
      case "expire": {
        const body = this.#within(op.body, around, { region: new Region(region, true) });
        return yield op.by === "timeout" ? timeout(op.limit, body) : waitFor(body, op.limit);
      }
      case "cancel": {
        const part = new Region(region);
        const task = this.#spawn(op.body, around, { region: part });
        yield sleep(op.time);
        part.cancel();
        task.cancel();
        if (op.twice) task.cancel();
        yield wait([task]); // unlike awaiting it, this throws the caller's own cancellation alone
        return showError(outcomeOf(task)) === "!CancelledError" ? "!CancelledError" : task.result();
      }
      case "guard":
        try {
          return yield this.#inner(op.body, around)();
        } finally {
          for (const each of op.cleanUp) yield* this.#step(each, around);
        }
      case "foreign":
        return yield* this.#foreign(op, around);
      case "signal": {
        const task = currentTask();
        if (around.kind === asyncKind && task !== null) {
          const value: unknown = yield this.#timers.sleep(op.time, op.id, task.signal);
          yield sleep(0); // until it awaits something of ours, it may be in the hands of the signal
          return value;
        }
        return yield until((signal) => this.#timers.sleep(op.time, op.id, signal));
      }
      case "until":
        return yield until(async (signal) => {
          this.#look(around, `the start of until(${op.id})`);
          await this.#timers.sleep(op.time, null, op.obeys ? signal : undefined);
          this.#look(around, `the end of until(${op.id})`);
          return op.id;
        });
      case "all":
      case "any":
      case "race":
      case "allSettled":
      case "floating":
        return yield* this.#natively(around, () => this.#together(op, around));
      case "als":
        return yield* this.#inStore(op, around);
      case "callback":
        return yield* this.#callback(op, around);
      case "run":
      case "visit":
        return yield* this.#request(op, around);
    }
  }

  #task(op: Of<"task" | "shield">, around: Surroundings): Task<string> {
    if (!op.inContext) return this.#spawn(op.body, around);
    const value = `context ${op.id}`;
    return copyContext().run(() => {
      variable.set(value);
      return this.#spawn(op.body, around, { variable: { value } });
    });
  }

  *#asCompleted(op: Of<"asCompleted">, around: Surroundings): Steps<string> {
    const outcomes: string[] = [];
    for (const next of asCompleted(op.bodies.map((body) => this.#concurrent(body, around)))) {
      try {
        outcomes.push(yield next);
      } catch (error) {
        outcomes.push(showUnlessCancelled(error, around.region));
      }
    }
    return `[${outcomes.sort()}]`;
  }

  *#waitFor(op: Of<"wait for">, { loop }: Surroundings): Steps {
    const wake = (wakeUp: () => void) => {
      switch (op.waker) {
        case "callSoon":
          return void loop.callSoon(wakeUp);
        case "callLater":
          return void loop.callLater(op.time, wakeUp);
        case "task":
          return void loop.createTask(function* () {
            yield* sleep(op.time);
            wakeUp();
          });
        case "timer":
          return this.#timers.call(op.time, wakeUp);
        case "microtask":
          return void Promise.resolve().then(wakeUp);
      }
    };
    switch (op.what) {
      case "queue": {
        const queue = new Queue<number>();
        wake(() => queue.putNowait(op.id));
        return yield queue.get();
      }
      case "put": {
        const queue = new Queue<number>(1);
        queue.putNowait(0);
        wake(() => queue.getNowait());
        yield queue.put(op.id);
        return queue.getNowait();
      }
      case "lock": {
        const lock = new Lock();
        yield lock.acquire();
        wake(() => lock.release());
        yield lock.acquire();
        lock.release();
        return op.id;
      }
      case "event": {
        const event = new Event();
        wake(() => event.set());
        yield event.wait();
        return op.id;
      }
      case "future": {
        const future = loop.createFuture<number>() as Future<number>;
        wake(() => future.done() || future.setResult(op.id));
        return yield future;
      }
    }
  }

  *#never(op: Of<"never">, around: Surroundings): Steps {
    const { loop, kind } = around;
    const task = currentTask();
    const long = () => sleep(FAR);
    switch (op.what) {
      case "sleep":
        return yield long();
      case "future":
        return yield loop.createFuture();
      case "queue":
        return yield new Queue().get();
      case "event":
        return yield new Event().wait();
      case "lock": {
        const lock = new Lock();
        yield lock.acquire();
        return yield lock.acquire();
      }
      case "gather":
        return yield gather([long, long()]);
      case "wait":
        return yield wait([loop.createTask(long()) as Task<void>]);
      case "waitFor":
        return yield waitFor(long(), FAR);
      case "shield":
        return yield shield(long());
      case "until":
        return yield until(new Promise(() => {}));
      case "until function":
        return yield until(() => new Promise(() => {}));
      case "signal":
        if (kind === asyncKind && task !== null) {
          return yield this.#timers.sleep(FAR, null, task.signal);
        }
        return yield until((signal) => this.#timers.sleep(FAR, null, signal));
      case "until signal":
        return yield until((signal) => this.#timers.sleep(FAR, null, signal));
      case "all":
        return yield* this.#natively(around, () => Promise.all([long(), loop.createFuture()]));
      case "taskGroup":
        return yield taskGroup((group: TaskGroup) => group.createTask(long()));
      case "mapConcurrent":
        return yield mapConcurrent([1, 2, 3], long, { concurrency: 2 }).toArray();
    }
  }

  // What is foreign

  /** Native code within the current task. */
  *#natively<T>(around: Surroundings, fn: () => Promise<T>): Steps<T> {
    return yield around.kind === asyncKind ? fn() : timeout(null, fn);
  }

  *#foreign(op: Of<"foreign">, { kind, region, loop }: Surroundings): Steps {
    const make = () =>
      SOURCES[op.source]!.make({
        value: op.id,
        error: this.#error(ForeignError, op.id, region),
        time: op.time,
        timers: this.#timers,
      }) as Promise<unknown>;
    const isNative = kind === asyncKind;
    switch (op.by) {
      case "await":
        return yield isNative ? make() : until(make());
      case "returned": {
        const call = (async () => await make())();
        return yield isNative ? call : until(call);
      }
      case "until promise":
        return yield until(make());
      case "until function":
        return yield until(make);
      case "waitFor":
        return yield waitFor(make(), FAR);
      case "waitFor null":
        return yield waitFor(make(), null);
      case "waitFor function":
        return yield waitFor(make, FAR);
      case "timeout":
        return yield timeout(FAR, make);
      case "gather":
        return (yield gather([make()]))[0];
      case "wait": {
        const [done] = yield wait([ensureFuture(make())]);
        return [...done][0].result();
      }
      case "shield":
        return yield shield(make());
      case "ensureFuture":
        return yield ensureFuture(make());
      case "createTask":
        return yield loop.createTask(make);
      case "taskGroup":
        try {
          return yield taskGroup((group: TaskGroup) => group.createTask(make));
        } catch (error) {
          throw error instanceof ExceptionGroup ? error.exceptions[0] : error;
        }
      case "mapConcurrent":
        return (yield mapConcurrent([0], make, { concurrency: 1 }).toArray())[0];
      case "asCompleted":
        for (const next of asCompleted([make()])) return yield next;
        return "nothing";
      case "withLock":
        return yield new Lock().withLock(make);
    }
  }

  /** Several native calls at once within the task. */
  async #together(
    op: Of<"all" | "any" | "race" | "allSettled" | "floating">,
    around: Surroundings,
  ): Promise<unknown> {
    const shared = { ...around, kind: asyncKind, shares: true };
    const calls: Promise<string>[] = op.bodies.map((body) => this.#inner(body, shared)());
    if (op.op === "floating") {
      // The runners of Bun and Node fail at any rejection that is late to be awaited, a
      // cancellation that reached its code too; how programs fare there has tests of its own.
      if (!("Deno" in globalThis)) { for (const call of calls) call.catch(() => {}); }
      const outcomes: string[] = [];
      for (const call of calls) outcomes.push(await call);
      return `[${outcomes}]`;
    }
    const [combined] = await Promise.allSettled([COMBINE[op.op](calls)]);
    // The rest goes on, and what it was cancelled by is not to be lost.
    const all = await Promise.allSettled(calls);
    for (const each of all) {
      if (
        each.status === "rejected" && isCancellation(each.reason) &&
        around.region.mayBeCancelled
      ) throw each.reason;
    }
    if (combined!.status === "rejected") throw combined!.reason;
    return combined!.value;
  }

  *#inStore(op: Of<"als">, around: Surroundings): Steps {
    const value = `${this.#name} store ${op.id}`;
    if (around.kind === asyncKind && this.#kindOf(op.body) === asyncKind) {
      return yield store.run(value, () => this.#inner(op.body, { ...around, store: value })());
    }
    return yield store.run(value, () => this.#spawn(op.body, around, { store: value }));
  }

  *#callback(op: Of<"callback">, around: Surroundings): Steps {
    const { loop } = around;
    // In an array, as an await would wait for a task.
    const made = loop.createFuture<Task<string>[]>() as Future<Task<string>[]>;
    const inStore = op.within ? `${this.#name} callback ${op.id}` : around.store;
    const called: Surroundings = {
      ...around,
      task: null,
      variable: { value: around.variable.value },
      store: inStore,
    };
    const callback = () => {
      this.#look(called, `the start of callback(${op.id})`);
      const tasks = op.body.length === 0 ? [] : [this.#spawn(op.body, called)];
      if (!made.done()) made.setResult(tasks);
    };
    const schedule = () => {
      switch (op.by) {
        case "callSoon":
          return loop.callSoon(callback);
        case "callLater":
          return loop.callLater(op.id % 2, callback);
        case "callAt":
          return loop.callAt(loop.time() + op.id % 2, callback);
        case "future": {
          const future = loop.createFuture<void>() as Future<void>;
          future.addDoneCallback(callback);
          return () => future.setResult();
        }
        case "task":
          return (loop.createTask(sleep(0)) as Task<void>).addDoneCallback(callback);
      }
    };
    const settle = op.within ? store.run(inStore, schedule) : schedule();
    if (typeof settle === "function") settle();
    const [task] = yield made;
    return task === undefined ? op.id : yield task;
  }

  /** Other people's code outside of every task, such as a server: it waits for a request. */
  #prepare(op: Of<"run" | "visit">): void {
    const request = Promise.withResolvers<Surroundings>();
    const answer = Promise.withResolvers<unknown>();
    answer.promise.catch(() => {});
    this.#handlers.set(op.id, (caller) => {
      request.resolve(caller);
      this.#answers.push(answer.promise);
      return answer.promise;
    });
    const inStore = `${this.#name} handler ${op.id}`;
    const handle = (caller: Surroundings) => {
      this.#expect("currentTask() in a handler", currentTask(), null);
      if (this.#way.usesStore) this.#expect("the store in a handler", store.getStore(), inStore);
      answer.resolve(
        op.op === "run" ? this.#runNested(op, inStore) : this.#visit(op, caller, inStore),
      );
    };
    void store.run(inStore, async () => {
      const caller = await request.promise;
      const handler = () => handle(caller);
      switch (op.handler) {
        case "await":
          return handler();
        case "timer":
          return this.#timers.call(op.id % 2, handler);
        case "microtask":
          return queueMicrotask(handler);
        case "emitter": {
          const emitter = new EventEmitter();
          emitter.on("request", handler);
          return this.#timers.call(0, () => void emitter.emit("request"));
        }
      }
    });
  }

  #runNested(op: Of<"run">, inStore: string): Promise<unknown> {
    const loop = this.#newLoop();
    const main = this.#start(op.body, loop, new Region(null), inStore);
    return run(main, { loopFactory: () => loop }).finally(() => this.#lookAt(loop));
  }

  /** Makes a task in the loop of whoever asked. */
  #visit(op: Of<"visit">, caller: Surroundings, inStore: string): unknown {
    if (caller.loop.isClosed()) return null; // whoever asked was cancelled
    const variable = { value: "root" };
    return [this.#spawn(op.body, { ...caller, task: null }, { store: inStore, variable })];
  }

  *#request(op: Of<"run" | "visit">, around: Surroundings): Steps {
    const answer = this.#handlers.get(op.id)!(around);
    const isNative = around.kind === asyncKind && op.id % 2 === 0;
    const answered = yield isNative ? answer : until(answer);
    return op.op === "run" ? answered : yield answered[0];
  }
}

const COMBINE = {
  all: (calls: Promise<string>[]) => Promise.all(calls).then((outcomes) => `[${outcomes}]`),
  any: (calls: Promise<string>[]) => Promise.any(calls),
  race: (calls: Promise<string>[]) => Promise.race(calls),
  allSettled: (calls: Promise<string>[]) =>
    Promise.allSettled(calls).then((outcomes) => `[${outcomes.map(showSettled)}]`),
};

function isCancellation(error: unknown): boolean {
  return error instanceof CancelledError || (error as Error | null)?.name === "AbortError";
}

function show(value: unknown): string {
  return String(value);
}

function showError(error: unknown): string {
  if (error instanceof Thrown || error instanceof ForeignError) {
    return `!${error.name}(${error.message})`;
  }
  return error instanceof Error ? `!${error.name}` : `!${String(error)}`;
}

/** Shows a value or an error; a cancellation that may be on its way is thrown on. */
function showUnlessCancelled(value: unknown, region: Region): string {
  if (isCancellation(value) && region.mayBeCancelled) throw value;
  return value instanceof Error ? showError(value) : show(value);
}

function showSettled(result: PromiseSettledResult<unknown>): string {
  return result.status === "fulfilled" ? show(result.value) : showError(result.reason);
}

function outcomeOf(task: Task<unknown>): unknown {
  try {
    return task.result();
  } catch (error) {
    return error;
  }
}
