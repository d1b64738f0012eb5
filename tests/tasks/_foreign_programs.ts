/**
 * Random programs that mix this module's awaitables with other people's code: as data,
 * with what comes of each operation.
 *
 * Each outcome is known beforehand, whatever the timing: time limits are either far away
 * or stand around something that never ends, and what may be cancelled is cancelled as a
 * whole. So an interpreter can check each await on its own.
 *
 * @module
 */

import { outcomeOf, SOURCES } from "./_foreign_sources.ts";
import { randomBits } from "../_random.ts";

/** Who brings what is waited for: callbacks, a task, the platform. */
export const WAKERS = ["callSoon", "callLater", "task", "timer", "microtask"] as const;

/** What may be waited for by name. */
export const WAITS = ["queue", "put", "lock", "event", "future"] as const;

/** What waits for ever, unless it is cancelled. */
// deno-fmt-ignore
export const NEVER = [
  "sleep", "future", "queue", "event", "lock", "gather", "wait", "waitFor", "shield", "taskGroup",
  "mapConcurrent", "all", "until", "until function", "until signal", "signal",
] as const;

/** By what a foreign awaitable is taken. */
// deno-fmt-ignore
export const TAKERS = [
  "await", "returned", "until promise", "until function", "waitFor", "waitFor null", "waitFor function",
  "timeout", "gather", "wait", "shield", "ensureFuture", "createTask", "taskGroup",
  "mapConcurrent", "asCompleted", "withLock",
] as const;

/** How a callback is scheduled. */
export const SCHEDULES = ["callSoon", "callLater", "callAt", "future", "task"] as const;

/** How other people's code outside of every task is reached. */
export const HANDLERS = ["await", "timer", "microtask", "emitter"] as const;

export type Body = Op[];

/** An operation, with the number that is its value, or by which it is known. */
export type Op = OpOf[keyof Operations];

/** An operation of a kind. */
export type Of<K extends keyof Operations> = OpOf[K];

type OpOf = { [K in keyof Operations]: { id: number; op: K } & Operations[K] };

interface Operations {
  sleep: { time: number };
  pass: unknown;
  "wait for": { what: (typeof WAITS)[number]; waker: (typeof WAKERS)[number]; time: number };
  never: { what: (typeof NEVER)[number] };
  throw: unknown;
  call: { body: Body };
  waitFor: { body: Body };
  timeout: { body: Body };
  lock: { body: Body };
  task: { body: Body; between: Body; inContext: boolean };
  shield: { body: Body; between: Body; inContext: boolean };
  gather: { bodies: Body[]; returnExceptions: boolean };
  wait: { bodies: Body[] };
  mapConcurrent: { bodies: Body[] };
  asCompleted: { bodies: Body[] };
  taskGroup: { bodies: Body[]; body: Body };
  /** A time limit around what never ends. */
  expire: { by: "timeout" | "waitFor"; limit: number; body: Body };
  /** A task that is cancelled. */
  cancel: { body: Body; time: number; twice: boolean };
  /** A `try` with a `finally`. */
  guard: { body: Body; cleanUp: Body };
  /** A foreign awaitable. */
  foreign: { source: string; by: (typeof TAKERS)[number]; time: number };
  /** Foreign code that obeys the task's signal. */
  signal: { time: number };
  until: { time: number; obeys: boolean };
  /** Several native calls within one task, as these combine them. */
  all: { bodies: Body[] };
  any: { bodies: Body[] };
  race: { bodies: Body[] };
  allSettled: { bodies: Body[] };
  /** Started together, and awaited one after the other. */
  floating: { bodies: Body[] };
  /** Within a value of other people's `AsyncLocalStorage`. */
  als: { body: Body };
  /** Sets the context variable. */
  variable: unknown;
  callback: { by: (typeof SCHEDULES)[number]; within: boolean; body: Body };
  /** Code outside of every task is asked to run() the body, */
  run: { handler: (typeof HANDLERS)[number]; body: Body };
  /** or to make a task of it in the loop of whoever asks. */
  visit: { handler: (typeof HANDLERS)[number]; body: Body };
}

/** The operations that are this module's own. */
// deno-fmt-ignore
export const OURS: Op["op"][] = [
  "sleep", "pass", "wait for", "call", "task", "shield", "gather", "wait", "waitFor", "timeout",
  "lock", "taskGroup", "mapConcurrent", "asCompleted", "expire", "guard", "throw",
];

/** Those that bring something foreign in; each, and each source and taker, can be used alone. */
// deno-fmt-ignore
export const FOREIGN: Op["op"][] = [
  "foreign", "until", "signal", "all", "any", "race", "allSettled", "floating", "als", "variable",
  "callback", "run", "visit", "cancel",
];

/** What each program may be made of: names of operations, sources and takers. */
export const ALL_KINDS: string[] = [...FOREIGN, ...Object.keys(SOURCES), ...TAKERS];

function choose<T extends string>(all: readonly T[], kinds: readonly string[]): readonly T[] {
  const chosen = all.filter((each) => kinds.includes(each));
  return chosen.length > 0 ? chosen : all;
}

/** Makes a program of a seed. */
export function makeProgram(seed: number, kinds: readonly string[] = ALL_KINDS): Body {
  const bits = randomBits(seed);
  const random = (below: number) => bits() % below;
  const oneOf = <T>(all: readonly T[]) => all[random(all.length)]!;
  const sources = choose(Object.keys(SOURCES), kinds);
  const takers = choose(TAKERS, kinds);
  const isForeign = (op: Op["op"]) =>
    kinds.includes(op) ||
    (op === "foreign" && [...Object.keys(SOURCES), ...TAKERS].some((kind) => kinds.includes(kind)));
  // Each program knows only some of ours, so that those meet more often, and foreign ones twice.
  const foreign = FOREIGN.filter(isForeign);
  const known = [
    ...OURS.filter((op) => op === "sleep" || random(3) === 0),
    ...foreign,
    ...foreign.filter((op) => op === "foreign" || random(3) === 0),
  ];
  let ids = 0;
  let budget = 2 + random(11);

  function body(depth: number): Body {
    const ops = Array.from({ length: 1 + random(depth === 0 ? 4 : 3) }, () => operation(depth));
    const end = ops.findIndex(({ op }) => op === "throw");
    return end < 0 ? ops : ops.slice(0, end + 1);
  }

  function endless(depth: number): Body {
    return [...body(depth).filter(({ op }) => op !== "throw"), never()];
  }

  const never = (): Op => ({ id: ids++, op: "never", what: oneOf(NEVER) });

  function operation(depth: number): Op {
    const id = ids++;
    const op = budget-- > 0 && depth < 4 ? oneOf(known) : "sleep";
    const inner = () => body(depth + 1);
    const several = () => Array.from({ length: 1 + random(3) }, inner);
    const time = random(3);
    switch (op) {
      case "wait for":
        return { id, op, what: oneOf(WAITS), waker: oneOf(WAKERS), time };
      case "variable":
      case "pass":
        return { id, op };
      case "throw":
        return depth === 0 ? { id, op: "pass" } : { id, op };
      case "call":
      case "waitFor":
      case "timeout":
      case "lock":
      case "als":
        return { id, op, body: inner() };
      case "task":
      case "shield": {
        const between = random(2) === 0 ? [] : inner().filter(({ op }) => op !== "throw");
        return { id, op, body: inner(), between, inContext: random(3) === 0 };
      }
      case "gather":
        return { id, op, bodies: several(), returnExceptions: random(2) === 0 };
      case "wait":
      case "mapConcurrent":
      case "asCompleted":
      case "all":
      case "any":
      case "race":
      case "allSettled":
        return { id, op, bodies: several() };
      case "floating": {
        // One that fails while another is awaited would be unhandled, and rightly so.
        const calm: Op["op"][] = ["sleep", "pass", "wait for"];
        const bodies = several().map((each) => each.filter(({ op }) => calm.includes(op)));
        return { id, op, bodies };
      }
      case "taskGroup":
        return { id, op, bodies: several(), body: inner() };
      case "expire":
        return { id, op, by: oneOf(["timeout", "waitFor"]), limit: time, body: endless(depth + 1) };
      case "cancel": {
        const body = random(2) === 0 ? inner() : endless(depth + 1);
        return { id, op, body, time, twice: random(4) === 0 };
      }
      case "guard":
        return { id, op, body: inner(), cleanUp: inner().filter(({ op }) => op !== "throw") };
      case "foreign":
        return { id, op, source: oneOf(sources), by: oneOf(takers), time };
      case "signal":
        return { id, op, time };
      case "until":
        return { id, op, time, obeys: random(2) === 0 };
      case "callback": {
        const body = random(2) === 0 ? [] : inner();
        return { id, op, by: oneOf(SCHEDULES), within: random(2) === 0, body };
      }
      case "run":
      case "visit":
        return { id, op, handler: oneOf(HANDLERS), body: inner() };
    }
    return { id, op: "sleep", time };
  }

  return body(0);
}

/** What comes of a body: its operations' outcomes, or the error that it throws at its end. */
export function expectedOf(body: Body): string {
  const last = body.at(-1);
  if (last?.op === "throw") return `!Thrown(${last.id})`;
  return `[${body.map((op) => expected(op)[0])}]`;
}

/** What may come of an operation; where that's several, the first stands for all. */
export function expected(op: Op): string[] {
  switch (op.op) {
    case "throw":
      return [`!Thrown(${op.id})`];
    case "call":
    case "waitFor":
    case "timeout":
    case "lock":
    case "als":
    case "task":
    case "shield":
    case "guard":
    case "run":
    case "visit":
      return [expectedOf(op.body)];
    case "callback":
      return [op.body.length > 0 ? expectedOf(op.body) : `${op.id}`];
    case "wait":
    case "allSettled":
    case "floating":
      return [`[${op.bodies.map(expectedOf)}]`];
    case "gather":
      return op.returnExceptions ? [`[${op.bodies.map(expectedOf)}]`] : allOrAnError(op.bodies);
    case "all":
    case "mapConcurrent":
      return allOrAnError(op.bodies);
    case "asCompleted":
      return [`[${op.bodies.map(expectedOf).sort()}]`];
    case "any": {
      const values = op.bodies.map(expectedOf).filter((outcome) => !isError(outcome));
      return values.length > 0 ? values : ["!AggregateError"];
    }
    case "race":
      return op.bodies.map(expectedOf);
    case "taskGroup":
      return failsAsGroup(op) ? ["!ExceptionGroup"] : [`[${op.bodies.map(expectedOf)}]`];
    case "expire":
      return ["!TimeoutError"];
    case "cancel":
      return op.body.at(-1)?.op === "never"
        ? ["!CancelledError"]
        : ["!CancelledError", expectedOf(op.body)];
    case "foreign":
      return [outcomeOf(op.source, op.id)];
    default:
      return [`${op.id}`];
  }
}

const isError = (outcome: string) => outcome.startsWith("!");

/** Does one of the group's bodies fail, so that the rest may be cancelled? */
export function failsAsGroup(op: { bodies: Body[]; body?: Body }): boolean {
  return [...op.bodies, ...op.body === undefined ? [] : [op.body]].map(expectedOf).some(isError);
}

function allOrAnError(bodies: Body[]): string[] {
  const outcomes = bodies.map(expectedOf);
  const errors = outcomes.filter(isError);
  return errors.length > 0 ? errors : [`[${outcomes}]`];
}

/** All operations of a program, the inner ones too. */
export function* allOps(body: Body): Generator<Op> {
  for (const op of body) {
    yield op;
    for (const inner of bodiesOf(op)) yield* allOps(inner);
  }
}

/** The bodies within an operation. */
export function bodiesOf(op: Op): Body[] {
  return Object.values(op as object).filter(Array.isArray).flatMap((value) =>
    Array.isArray(value[0]) ? value as Body[] : [value as Body]
  );
}

/** A program in few words: `gather(3 true)[sleep(4 1)][throw(5)]`. */
export function print(body: Body): string {
  return body.map((op) => {
    const words = Object.entries(op).filter(([name, value]) =>
      name !== "op" && typeof value !== "object"
    );
    const inner = bodiesOf(op).map((each) => `[${print(each)}]`).join("");
    return `${op.op}(${words.map(([, value]) => value).join(" ")})${inner}`;
  }).join(" ");
}
