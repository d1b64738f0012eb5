/**
 * Programs of the conformance language, and what all interpreters of it share: names,
 * values, trace lines, and the ops that don't wait.
 *
 * A trace is what CPython 3.13 left when it ran the program; an op's lines, names and
 * values follow the language's definition to the letter.
 *
 * @module
 */

import * as asyncio from "@aio/asyncio";
import { virtualTime } from "@aio/asyncio/testing";

/** An op: its name and arguments. */
// deno-lint-ignore no-explicit-any
export type Op = any[];

/** A program, as in the vectors. */
export interface Program {
  coros: Record<string, Op[]>;
  prims?: Record<string, [kind: string, ...args: unknown[]]>;
  callbacks?: Record<string, Op[]>;
  eager?: boolean;
}

/** A program with the trace that CPython gave for it. */
export interface Vector {
  id: string;
  category: string;
  program: Program;
  trace: string[];
  note?: string;
}

/** One activation of a coroutine or callback. */
export class Frame {
  /** The value of the latest op that had one. */
  last: unknown = null;
  /** The errors of the `except` clauses that it is in, innermost last. */
  readonly handling: unknown[] = [];
}

/** What a block gives when a `return` op ended it. */
export class Return {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

class KeyError extends Error {
  override name = "KeyError";
}

// deno-lint-ignore no-explicit-any
type AnyClass = new (...args: any[]) => any;
const exported = asyncio as unknown as Record<string, AnyClass>;

const RAISABLE: Record<string, AnyClass> = {
  KeyError,
  TypeError,
  ValueError: asyncio.ValueError,
  RuntimeError: asyncio.RuntimeError,
  TimeoutError: asyncio.TimeoutError,
  CancelledError: asyncio.CancelledError,
};

const PRIMITIVES: Record<string, string> = {
  lock: "Lock",
  event: "Event",
  condition: "Condition",
  semaphore: "Semaphore",
  bounded_semaphore: "BoundedSemaphore",
  barrier: "Barrier",
  queue: "Queue",
  lifo_queue: "LifoQueue",
  priority_queue: "PriorityQueue",
};

/** Where an op names handles: in its first argument, */
const HANDLE_FIRST = new Set(
  `await cancel uncancel cancelling done cancelled result exception set_result set_exception
   add_done_callback remove_done_callback reschedule expired when tg_spawn`.split(/\s+/),
);
/** in an awaitable at this index, */
const AWAITABLE_AT: Record<string, number> = {
  let: 2,
  spawn: 2,
  spawn_eager: 2,
  tg_spawn: 3,
  wait_for: 1,
  shield: 1,
};
/** in a list of awaitables at this index, */
const AWAITABLES_AT: Record<string, number> = { gather: 1, wait: 1, as_completed: 1 };
/** or, of a context, at this index. */
const CONTEXT_AT: Record<string, number> = {
  spawn: 3,
  tg_spawn: 4,
  call_soon: 3,
  add_done_callback: 3,
};

/** The handles that an op, or a nested awaitable, names: in order of position. */
export function handlesOf(op: Op | string): string[] {
  if (typeof op === "string") return [op];
  const head = op[0] as string;
  const handles: string[] = [];
  if (HANDLE_FIRST.has(head)) handles.push(op[1]);
  if (head in AWAITABLE_AT) handles.push(...handlesOf(op[AWAITABLE_AT[head]!]));
  if (head in AWAITABLES_AT) {
    for (const item of op[AWAITABLES_AT[head]!]) handles.push(...handlesOf(item));
  }
  if (head in CONTEXT_AT && op.length > CONTEXT_AT[head]!) handles.push(op[CONTEXT_AT[head]!]);
  return handles;
}

/** Interprets the body of a callback, in one go. */
export type CallbackBody = (ops: Op[], frame: Frame) => void;

/** One run of one program. */
export class ProgramRun {
  readonly loop: asyncio.EventLoop = virtualTime();
  readonly program: Program;
  /** A future that is done. */
  readonly done: asyncio.Future<null> = new asyncio.Future({ loop: this.loop });
  readonly trace: string[] = [];
  // deno-lint-ignore no-explicit-any
  readonly handles: Map<string, any> = new Map();
  // deno-lint-ignore no-explicit-any
  readonly prims: Map<string, any> = new Map();
  readonly tasks: asyncio.Task<unknown>[] = [];
  readonly #labels = new WeakMap<object, string>();
  readonly #callbacks = new Map<string, (...args: [] | [asyncio.Future<unknown>]) => void>();
  readonly #variables = new Map<string, asyncio.ContextVar<unknown>>();
  readonly #counters = new Map<string, number>();
  readonly #ours = new WeakSet<object>();
  readonly #callbackBody: CallbackBody;
  #unnamed = 0;

  constructor(program: Program, callbackBody: (run: ProgramRun) => CallbackBody) {
    this.program = program;
    this.done.setResult(null);
    this.#callbackBody = callbackBody(this);
    this.loop.setTaskFactory((loop, coro, options) => {
      const name = options.name ?? `Task-${++this.#unnamed}`;
      const eagerStart = options.eagerStart === true || program.eager === true;
      const place = this.tasks.push(null!) - 1; // an eager task may make others before we have it
      const made = new asyncio.Task(coro, {
        ...options,
        loop: loop as asyncio.EventLoop,
        name,
        eagerStart,
      });
      this.tasks[place] = made as asyncio.Task<unknown>;
      return made;
    });
    this.loop.setExceptionHandler((_, context) => {
      if (context.handle !== undefined) this.line(`handler ${this.showError(context.exception)}`);
    });
    for (const [name, [kind, ...args]] of Object.entries(program.prims ?? {})) {
      if (kind === "condition" && args.length > 0) args[0] = this.prims.get(args[0] as string);
      this.prims.set(name, new exported[PRIMITIVES[kind]!]!(...args));
    }
  }

  /** Runs the program, whose main coroutine is `main`; gives its trace. */
  async execute(main: asyncio.Coro<unknown>): Promise<string[]> {
    const task = this.loop.createTask(main, { name: "main" });
    this.handles.set("main", task);
    try {
      await this.loop.runUntilComplete(task);
    } catch (error) {
      if (error instanceof asyncio.DeadlockError) this.trace.push("deadlock");
      else if (!task.done()) throw error;
    }
    for (const each of this.tasks) {
      this.trace.push(`end ${each.getName()} ${this.#outcome(each)}`);
    }
    this.loop.close();
    return this.trace;
  }

  #outcome(task: asyncio.Task<unknown>): string {
    if (!task.done()) return "pending";
    try {
      const error = task.exception();
      return error === null
        ? `result ${this.show(task.result())}`
        : `exception ${this.showError(error)}`;
    } catch (error) {
      return this.showError(error).replace("CancelledError", "cancelled");
    }
  }

  // Lines, names, values

  line(text: string): void {
    this.trace.push(`${this.loop.time()} ${asyncio.currentTask()?.getName() ?? "-"} ${text}`);
  }

  name(future: asyncio.Future<unknown>): string {
    if (future instanceof asyncio.Task) return future.getName();
    return this.#labels.get(future) ?? "future";
  }

  label(future: object, name: string): void {
    if (!this.#labels.has(future)) this.#labels.set(future, name);
  }

  show(value: unknown): string {
    if (value instanceof Error) return this.showError(value);
    if (Array.isArray(value)) {
      if (value[0] instanceof Set) {
        return `done=${this.#names(value[0])} pending=${this.#names(value[1])}`;
      }
      return `[${value.map((item) => this.show(item)).join(", ")}]`;
    }
    // What `acquire` gives is something to release it with, where Python gives True.
    if (typeof value === "object" && value !== null && Symbol.dispose in value) return "true";
    return JSON.stringify(value ?? null);
  }

  #names(futures: Set<asyncio.Future<unknown>>): string {
    return `[${sorted([...futures].map((future) => this.name(future))).join(", ")}]`;
  }

  showError(error: unknown): string {
    const { name, message } = error as Error;
    if (error instanceof asyncio.ExceptionGroup) {
      return `${name}[${error.exceptions.map((each) => this.showError(each)).join(", ")}]`;
    }
    const isOurs = this.#ours.has(error as object) || error instanceof asyncio.CancelledError;
    return isOurs && message ? `${name}(${message})` : name;
  }

  makeError(name: string, message?: string): Error {
    const error = new RAISABLE[name]!(message);
    this.#ours.add(error);
    return error;
  }

  /** Is `error` of a class of that name, or of one derived from it? */
  isA(error: unknown, name: string): boolean {
    if (name === "Exception") return !(error instanceof asyncio.CancelledError);
    return error instanceof (RAISABLE[name] ?? exported[name]!);
  }

  value(arg: unknown, frame: Frame): unknown {
    return Array.isArray(arg) && arg.length === 1 && arg[0] === "last" ? frame.last : arg;
  }

  /** What a handle is bound to; undefined if it isn't. */
  // deno-lint-ignore no-explicit-any
  handle(name: string): any {
    return name === "self" ? asyncio.currentTask() ?? undefined : this.handles.get(name);
  }

  context(name: string | undefined): { context?: asyncio.Context } {
    return name === undefined ? {} : { context: this.handles.get(name) };
  }

  /** The function of a callback label: one for each label. */
  callback(label: string): (...args: [] | [asyncio.Future<unknown>]) => void {
    let callback = this.#callbacks.get(label);
    if (callback === undefined) {
      callback = (...args) => {
        const names = args.filter((arg) => arg !== undefined).map((arg) => this.name(arg));
        this.line(["callback", label, ...names].join(" "));
        this.#callbackBody(this.program.callbacks?.[label] ?? [], new Frame());
      };
      this.#callbacks.set(label, callback);
    }
    return callback;
  }

  /** The predicate of `cond_wait_for`. */
  predicate(condition: string, counter: string, least: number): () => boolean {
    return () => {
      const holds = (this.#counters.get(counter) ?? 0) >= least;
      this.line(`predicate ${condition} -> ${holds}`);
      return holds;
    };
  }

  #variable(name: string): asyncio.ContextVar<unknown> {
    let variable = this.#variables.get(name);
    if (variable === undefined) {
      this.#variables.set(
        name,
        variable = new asyncio.ContextVar<unknown>(name, { default: null }),
      );
    }
    return variable;
  }

  /** Does an op that needn't wait; gives its value. */
  action(head: string, args: Op): unknown {
    const action = this.#actions[head];
    if (action === undefined) throw new Error(`There is no such op: ${head}`);
    return action(...args);
  }

  // deno-lint-ignore no-explicit-any
  readonly #actions: Record<string, (...args: any[]) => unknown> = {
    cancel: (name, message) => this.handle(name).cancel(message),
    uncancel: (name) => this.handle(name).uncancel(),
    cancelling: (name) => this.handle(name).cancelling(),
    done: (name) => this.handle(name).done(),
    cancelled: (name) => this.handle(name).cancelled(),
    result: (name) => this.handle(name).result(),
    exception: (name) => this.handle(name).exception(),
    current_task: () => asyncio.currentTask()?.getName(),
    all_tasks: () => sorted([...asyncio.allTasks(this.loop)].map((task) => task.getName())),
    future: (name) => {
      const future = this.loop.createFuture();
      this.handles.set(name, future);
      this.label(future, name);
    },
    set_result: (name, value) => this.handle(name).setResult(value),
    set_exception: (name, error, message) =>
      this.handle(name).setException(this.makeError(error, message)),
    add_done_callback: (name, label, context) =>
      this.handle(name).addDoneCallback(this.callback(label), this.context(context)),
    remove_done_callback: (name, label) =>
      this.handle(name).removeDoneCallback(this.callback(label)),
    call_soon: (name, label, context) =>
      void this.handles.set(name, this.loop.callSoon(this.callback(label), this.context(context))),
    call_later: (name, delay, label) =>
      void this.handles.set(name, this.loop.callLater(delay, this.callback(label))),
    call_at: (name, when, label) =>
      void this.handles.set(name, this.loop.callAt(when, this.callback(label))),
    when: (name) => this.handles.get(name).when(),
    expired: (name) => this.handles.get(name).expired(),
    reschedule: (name, delay) =>
      this.handles.get(name).reschedule(delay === null ? null : this.loop.time() + delay),
    add: (counter, amount) => {
      const sum = (this.#counters.get(counter) ?? 0) + amount;
      this.#counters.set(counter, sum);
      return sum;
    },
    ctx_set: (name, value) => void this.#variable(name).set(value),
    ctx_get: (name) => this.#variable(name).get(),
    copy_context: (name) => void this.handles.set(name, asyncio.copyContext()),
    release: (prim) => this.prims.get(prim).release(),
    locked: (prim) => this.prims.get(prim).locked(),
    event_set: (event) => this.prims.get(event).set(),
    event_clear: (event) => this.prims.get(event).clear(),
    is_set: (event) => this.prims.get(event).isSet(),
    notify: (condition, count) => this.prims.get(condition).notify(count),
    notify_all: (condition) => this.prims.get(condition).notifyAll(),
    n_waiting: (barrier) => this.prims.get(barrier).nWaiting,
    broken: (barrier) => this.prims.get(barrier).broken,
    put_nowait: (queue, item) => this.prims.get(queue).putNowait(item),
    get_nowait: (queue) => this.prims.get(queue).getNowait(),
    task_done: (queue) => this.prims.get(queue).taskDone(),
    qsize: (queue) => this.prims.get(queue).qsize(),
    empty: (queue) => this.prims.get(queue).empty(),
    full: (queue) => this.prims.get(queue).full(),
    shutdown: (queue, immediate) => this.prims.get(queue).shutdown({ immediate }),
  };
}

function sorted(names: string[]): string[] {
  return names.sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
}
