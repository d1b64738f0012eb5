/**
 * Random programs: made from a seed, run in either kind of coroutine, and watched.
 *
 * A program is a tree of operations. A body waits for tasks that it made itself and for
 * nothing else, so no program can deadlock; it may cancel any task that it knows of.
 *
 * @module
 */

import {
  ALL_COMPLETED,
  allTasks,
  asCompleted,
  CancelledError,
  createTask,
  currentTask,
  eagerTaskFactory,
  EventLoop,
  ExceptionGroup,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  gather,
  type ReturnWhen,
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
import { setImmediate } from "node:timers";
import { randomBits } from "../_random.ts";
import { asyncKind, type CoroutineFunction, generatorKind, type Kind } from "./_kinds.ts";
import { virtualDriver } from "@aio/asyncio/testing";

/** An operation, with the number by which traces name it. */
type Op =
  & { id: number }
  & (
    | { op: "sleep"; time: number }
    | { op: "spawn"; body: Op[] }
    | { op: "join" | "shield"; task: number }
    | { op: "cancel"; task: number }
    | { op: "call"; body: Op[] }
    | { op: "gather"; bodies: Op[][]; returnExceptions: boolean }
    | { op: "wait"; tasks: number[]; limit: number | null; returnWhen: ReturnWhen }
    | { op: "waitFor"; body: Op[]; limit: number | null }
    | { op: "waitForTask"; task: number; limit: number | null }
    | { op: "timeout"; limit: number | null; body: Op[] }
    | { op: "group"; bodies: Op[][]; body: Op[] }
    | { op: "asCompleted"; bodies: Op[][]; limit: number | null; take: number }
    | { op: "throw" }
    | { op: "guard"; body: Op[]; catches: "nothing" | "errors" | "all"; cleanUp: Op[] }
    | { op: "foreign"; macrotasks: number }
    | { op: "until"; macrotasks: number; obeys: boolean }
    | { op: "parallel"; bodies: Op[][] }
  );

const OPS: Op["op"][] = [
  ...["sleep", "spawn", "join", "shield", "cancel", "call", "gather", "wait", "waitFor"] as const,
  ...["waitForTask", "timeout", "group", "asCompleted", "throw", "guard"] as const,
];

/** Those that wait for the platform too: with them, order is not for us alone to decide. */
const PLATFORM_OPS: Op["op"][] = ["foreign", "until", "parallel"];

/** Random whole numbers below what is given. */
function randomFrom(seed: number): (below: number) => number {
  const bits = randomBits(seed);
  return (below) => bits() % below;
}

/** Makes a program; with `usesPlatform`, one that waits for foreign promises as well. */
export function makeProgram(seed: number, usesPlatform = false): Op[] {
  const random = randomFrom(seed);
  // Each program knows only some of the operations, so that those meet more often.
  const known = OPS.filter((op) => op === "sleep" || random(3) > 0);
  if (usesPlatform) known.push(...PLATFORM_OPS, ...PLATFORM_OPS);
  let ids = 0;
  let budget = 30;

  function body(depth: number): Op[] {
    const own: number[] = [];
    return Array.from({ length: 1 + random(4) }, () => operation(depth, own));
  }

  function operation(depth: number, own: number[]): Op {
    const id = ids++;
    const what = budget-- > 0 && depth < 5 ? known[random(known.length)]! : "sleep";
    const inner = () => body(depth + 1);
    const several = () => Array.from({ length: 1 + random(3) }, inner);
    const limit = () => random(6) === 0 ? null : random(25) - 2;
    const someOwn = () => own[random(own.length)]!;
    switch (what) {
      case "spawn":
        own.push(id);
        return { id, op: what, body: inner() };
      case "join":
      case "shield":
        if (own.length > 0) return { id, op: what, task: someOwn() };
        break;
      case "cancel":
        return { id, op: what, task: random(ids) };
      case "call":
        return { id, op: what, body: inner() };
      case "gather":
        return { id, op: what, bodies: several(), returnExceptions: random(2) === 0 };
      case "wait":
        if (own.length > 0) {
          const whens = [ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION] as const;
          const returnWhen = whens[random(3)]!;
          return { id, op: what, tasks: own.slice(random(own.length)), limit: limit(), returnWhen };
        }
        break;
      case "waitFor":
        return { id, op: what, body: inner(), limit: limit() };
      case "waitForTask":
        if (own.length > 0) return { id, op: what, task: someOwn(), limit: limit() };
        break;
      case "timeout":
        return { id, op: what, limit: limit(), body: inner() };
      case "group":
        return { id, op: what, bodies: several(), body: inner() };
      case "asCompleted":
        return { id, op: what, bodies: several(), limit: limit(), take: 1 + random(3) };
      case "throw":
        if (random(2) === 0) return { id, op: what };
        break;
      case "foreign":
        return { id, op: what, macrotasks: random(3) };
      case "until":
        return { id, op: what, macrotasks: random(3), obeys: random(2) === 0 };
      case "parallel":
        return { id, op: what, bodies: several() };
      case "guard": {
        const catches = (["nothing", "errors", "all"] as const)[random(3)]!;
        return { id, op: what, body: inner(), catches, cleanUp: random(2) === 0 ? [] : inner() };
      }
    }
    return { id, op: "sleep", time: random(3) === 0 ? 0 : random(20) };
  }

  return body(0);
}

/** How to run a program: in which kind of coroutine each body is. */
export type Mode = "generator" | "async" | "mixed";

/** What a run left behind. */
export interface Watched {
  /** What happened when, a line each. */
  trace: string[];
  /** What is wrong, a line each. */
  problems: string[];
}

/** Runs a program to its end, ends what it left running, and looks at what remains. */
export async function watch(program: Op[], mode: Mode, isEager = false): Promise<Watched> {
  const loop = new EventLoop(virtualDriver());
  if (isEager) loop.setTaskFactory(eagerTaskFactory);
  const run = new Run(loop, mode);
  loop.setExceptionHandler((_, { message, exception }) => {
    run.look(exception);
    if (!message.includes("never retrieved")) run.problems.push(message);
  });

  const main = loop.createTask(run.body(program), { name: "main" }) as Task<unknown>;
  await loop.runUntilComplete(main).then(() => run.note("end"), (error) => run.catch("end", error));
  for (let left = allTasks(loop); left.size > 0; left = allTasks(loop)) {
    for (const task of left) task.cancel();
    const all = () => gather(left, { returnExceptions: true });
    for (const result of await loop.runUntilComplete(all) as unknown[]) run.look(result);
  }
  for (let i = 0; i < 3; i++) await loop.runUntilComplete(sleep(0));

  const { problems } = run;
  const expect = (what: string, is: unknown, wanted: unknown) => {
    if (is !== wanted) problems.push(`${what} is ${is}, not ${wanted}`);
  };
  expect("the number of timers left", loop._timers.pending, 0);
  expect("the number of handles left", loop._ready.length, 0);
  expect("the number of foreign promises left", loop.outside(), 0);
  expect("main.cancelling()", main.cancelling(), 0);
  for (const task of run.tasks.values()) {
    if (!task.done()) problems.push(`${task} has not ended`);
  }
  loop.close();
  expect("the number of reports left", loop._reports.size, 0);
  if (!run.mayLose) {
    for (const id of run.thrown) if (!run.seen.has(id)) problems.push(`error ${id} was lost`);
  }
  return { trace: run.trace, problems };
}

/** What a program throws. */
class Thrown extends Error {
  readonly id: number;

  constructor(id: number) {
    super(`${id}`);
    this.id = id;
  }
}

// deno-lint-ignore no-explicit-any
type Steps = Generator<unknown, void, any>;

/** A running program. */
class Run {
  readonly trace: string[] = [];
  readonly problems: string[] = [];
  readonly tasks = new Map<number, Task<unknown>>();
  /** The errors that were thrown, and those of them that came out somewhere. */
  readonly thrown = new Set<number>();
  readonly seen = new Set<number>();
  /** Did it do what may drop an error, as gather() does with all but the first? */
  mayLose = false;
  readonly #loop: EventLoop;
  readonly #mode: Mode;

  constructor(loop: EventLoop, mode: Mode) {
    this.#loop = loop;
    this.#mode = mode;
  }

  note(what: string): void {
    this.trace.push(`${this.#loop.time()} ${what}`);
  }

  catch(where: string, error: unknown): void {
    this.look(error);
    this.note(`${where} ${describe(error)}`);
  }

  look(error: unknown): void {
    if (error instanceof Thrown) this.seen.add(error.id);
    else if (error instanceof ExceptionGroup) error.exceptions.forEach((each) => this.look(each));
    else if (error instanceof Error && error.cause !== undefined) this.look(error.cause);
  }

  /** Makes a coroutine function of operations; one that is called is of its caller's kind. */
  body(ops: Op[], kind: Kind = this.#kindOf(ops[0]!)): CoroutineFunction<[], number> {
    const perform = (op: Op) => this.#perform(op, kind);
    const note = (what: string) => this.note(what);
    return kind(function* () {
      for (const op of ops) {
        note(`${op.id} ${op.op}`);
        yield* perform(op);
        note(`${op.id} done`);
      }
      return ops[0]!.id;
    });
  }

  #kindOf(first: Op): Kind {
    if (this.#mode === "mixed") return first.id % 2 === 0 ? asyncKind : generatorKind;
    return this.#mode === "async" ? asyncKind : generatorKind;
  }

  *#perform(op: Op, kind: Kind): Steps {
    const own = currentTask();
    switch (op.op) {
      case "sleep":
        yield sleep(op.time);
        break;
      case "spawn":
        this.tasks.set(op.id, createTask(this.body(op.body), { name: `${op.id}` }));
        break;
      case "join":
        yield this.tasks.get(op.task)!;
        break;
      case "shield":
        this.mayLose = true;
        yield shield(this.tasks.get(op.task)!);
        break;
      case "cancel": {
        const task = this.tasks.get(op.task);
        this.mayLose = true;
        if (task !== undefined && task !== own) this.note(`${op.id} ${task.cancel(`by ${op.id}`)}`);
        break;
      }
      case "call":
        yield this.body(op.body, kind)();
        break;
      case "gather": {
        this.mayLose = true;
        const { bodies, returnExceptions } = op;
        const all = bodies.map((each) => this.body(each));
        const results: unknown[] = yield gather(all, { returnExceptions });
        this.note(`${op.id} ${results.map(describe)}`);
        break;
      }
      case "wait": {
        const [done, pending]: [Set<Task<unknown>>, Set<Task<unknown>>] = yield wait(
          op.tasks.map((id) => this.tasks.get(id)!),
          { timeout: op.limit, returnWhen: op.returnWhen },
        );
        this.note(`${op.id} ${names(done)}|${names(pending)}`);
        break;
      }
      case "waitFor":
        yield waitFor(this.body(op.body), op.limit);
        break;
      case "waitForTask":
        yield waitFor(this.tasks.get(op.task)!, op.limit);
        break;
      case "timeout":
        yield timeout(op.limit, this.body(op.body));
        break;
      case "group": {
        const body = this.body(op.body);
        yield taskGroup((group: TaskGroup) => {
          for (const each of op.bodies) group.createTask(this.body(each));
          return body();
        });
        break;
      }
      case "asCompleted": {
        this.mayLose ||= op.limit !== null;
        let taken = 0;
        const all = op.bodies.map((each) => this.body(each));
        for (const next of asCompleted(all, { timeout: op.limit })) {
          this.note(`${op.id} ${yield next}`);
          if (++taken === op.take) break;
        }
        break;
      }
      case "throw":
        this.thrown.add(op.id);
        throw new Thrown(op.id);
      case "guard":
        yield* this.#guard(op, kind);
        break;
      case "foreign": {
        const promise = settleAfter(op.macrotasks);
        yield kind === asyncKind ? promise : until(promise);
        break;
      }
      case "until":
        yield until((signal) => settleAfter(op.macrotasks, op.obeys ? signal : undefined));
        break;
      case "parallel":
        yield* this.#parallel(op, kind);
        break;
    }
    if (currentTask() !== own) this.problems.push(`${op.id} ended in another task`);
  }

  /** Several bodies at once within the task, as only async functions can have them. */
  *#parallel(op: Op & { op: "parallel" }, kind: Kind): Steps {
    this.mayLose = true;
    const bodies = op.bodies.map((each) => this.body(each, kind));
    if (kind === generatorKind) {
      yield gather(bodies);
      return;
    }
    const results: PromiseSettledResult<number>[] = yield Promise.allSettled(
      bodies.map((body) => body()),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  *#guard(op: Op & { op: "guard" }, kind: Kind): Steps {
    try {
      yield this.body(op.body, kind)();
    } catch (error) {
      this.catch(`${op.id} caught`, error);
      const isCancelled = error instanceof CancelledError;
      if (op.catches === "nothing" || (op.catches === "errors" && isCancelled)) throw error;
    } finally {
      if (op.cleanUp.length > 0) yield this.body(op.cleanUp, kind)();
    }
  }
}

/** A promise of the platform's: it takes some macrotasks, or just microtasks. */
async function settleAfter(macrotasks: number, signal?: AbortSignal): Promise<void> {
  for (let i = 0; i < 3; i++) await null;
  for (let i = 0; i < macrotasks; i++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
}

function names(tasks: Set<Task<unknown>>): string {
  return [...tasks].map((task) => task.getName()).join();
}

function describe(value: unknown): string {
  if (value instanceof ExceptionGroup) return `group(${value.exceptions.map(describe)})`;
  return value instanceof Error ? `${value.name}(${value.message})` : String(value);
}
