/** What keeps a loop busy, and how the platform is to fare beside it. @module */

import type { Case, Id, Limit, Subject } from "../_harness/subject.ts";

/** Late by so many milliseconds at most, in 99 of 100. */
const LAG = 10;

/** An echo takes no longer than this, in milliseconds. */
const ECHO = 1;

const TASKS = ["generators, yield", "async, await sleep(0)"];

const INSIDE: Id[] = [
  "ours: await until(Promise.resolve(1))",
  "ours: gather of ready generators",
  "ours: mapConcurrent(items, async fn).toArray()",
  "ours: for await of mapConcurrent(items, async fn)",
];

const OUTSIDE: Id[] = [
  "ours: await run(…), one after the other",
  "ours: while (!over) await sleep(0)",
  "ours: gather of ready generators",
  "ours: for await of mapConcurrent(items, async fn)",
  "ours: createFuture and callSoon",
];

/** What holds for all of them: each goes on for two seconds, or is killed. */
const BREATHING = {
  size: 2000,
  short: null,
  once: true,
  limit: 10_000,
  expected: () => true,
  also: {
    echo: { title: "echoes", unit: "per second" },
    p50: { title: "interval late, p50", unit: "ms" },
    p99: { title: "interval late, p99", unit: "ms" },
    max: { title: "interval late, max", unit: "ms" },
  },
} as const;

const CASES: Record<string, Case> = {
  tasks: {
    ...BREATHING,
    title: "switches between two tasks",
    unit: "per second",
    contenders: [
      "platform: nothing",
      ...TASKS.flatMap((name): Id[] => [`ours: ${name}`, `alone: ${name}`, `unbounded: ${name}`]),
    ],
    limits: TASKS.flatMap((name): Limit[] => [
      ...inTime([`ours: ${name}`]),
      { of: `ours: ${name}`, figure: "echo", atMost: ECHO },
    ]),
    comparisons: TASKS.map((name) => ({
      of: `ours: ${name}` as Id,
      to: `unbounded: ${name}` as Id,
      faster: 0.5,
    })),
  },
  inside: {
    ...BREATHING,
    title: "within a task: waiting for what is ready",
    unit: "per second",
    contenders: INSIDE,
    limits: inTime(INSIDE),
  },
  outside: {
    ...BREATHING,
    title: "outside of any task",
    unit: "per second",
    contenders: OUTSIDE,
    limits: inTime(OUTSIDE),
  },
};

function inTime(ids: Id[]): Limit[] {
  return ids.map((of) => ({ of, figure: "p99", atMost: LAG }));
}

/** Does the platform breathe while the loop is busy? */
export const BREATHE: Subject = {
  name: "breathe",
  cases: CASES,
  packages: [],
  pythons: [],
  rounds: { all: 5, quick: 1 },
};
