/** The core's cases, and what is asked of them. @module */

import { atLeast, type Case, type Id, type Subject } from "../_harness/subject.ts";
import { LONGEST, seededDelays, sumBelow } from "./work.ts";

// The targets are promised for Deno and Bun; what isn't about one of them holds for Node, too.

const CASES: Record<string, Case> = {
  spawn: {
    title: "spawn and join 100,000 tasks that each wait once",
    size: 100_000,
    unit: "per second",
    expected: sumBelow,
    contenders: [
      "ours: generator tasks, yield",
      "ours: generator tasks, yield* sleep(0)",
      { id: "ours: async tasks, await sleep(0)", short: 2000 },
      "native: async functions, await null",
      "native: async functions in AsyncLocalStorage.run",
      "effect: fibers, yieldNow",
      "effection: tasks, resolved action",
      "asyncio: tasks, await sleep(0)",
      "uvloop: tasks, await sleep(0)",
    ],
    comparisons: [
      ...["ours: generator tasks, yield", "ours: generator tasks, yield* sleep(0)"].map((of) => ({
        of: of as Id,
        to: "native: async functions, await null" as Id,
        within: { deno: 1, bun: 1.25 },
      })),
      {
        of: "ours: async tasks, await sleep(0)",
        to: "native: async functions, await null",
        within: undefined,
      },
      {
        of: "ours: async tasks, await sleep(0)",
        to: "native: async functions in AsyncLocalStorage.run",
        within: 1.3,
      },
      ...atLeast(12, "asyncio: tasks, await sleep(0)", [
        "ours: generator tasks, yield",
        "ours: generator tasks, yield* sleep(0)",
        "ours: async tasks, await sleep(0)",
      ]),
      ...atLeast(undefined, "uvloop: tasks, await sleep(0)", [
        "ours: generator tasks, yield",
        "ours: async tasks, await sleep(0)",
      ]),
      ...atLeast(1, "effect: fibers, yieldNow", [
        "ours: generator tasks, yield",
        "ours: async tasks, await sleep(0)",
      ]),
      ...atLeast(1, "effection: tasks, resolved action", [
        "ours: generator tasks, yield",
        "ours: async tasks, await sleep(0)",
      ]),
    ],
  },
  one: {
    title: "spawn and join tasks that each wait once, one after the other",
    size: 100_000,
    unit: "ns each",
    short: 2000,
    expected: sumBelow,
    contenders: [
      "ours: generator tasks, yield",
      "ours: async tasks, await sleep(0)",
      "native: async functions, await null",
      "native: async functions in AsyncLocalStorage.run",
      "asyncio: tasks, await sleep(0)",
      "uvloop: tasks, await sleep(0)",
    ],
    comparisons: [
      {
        of: "ours: generator tasks, yield",
        to: "native: async functions, await null",
        within: undefined,
      },
      {
        of: "ours: async tasks, await sleep(0)",
        to: "native: async functions in AsyncLocalStorage.run",
        within: 1.5,
      },
      ...atLeast(undefined, "asyncio: tasks, await sleep(0)", [
        "ours: generator tasks, yield",
        "ours: async tasks, await sleep(0)",
      ]),
    ],
  },
  gather: {
    title: "gather of 100,000 coroutines that each wait once",
    size: 100_000,
    unit: "per second",
    expected: sumBelow,
    contenders: [
      "ours: generators, yield",
      { id: "ours: async functions, await sleep(0)", short: 2000 },
      "native: Promise.all, await null",
      "asyncio: coroutines, await sleep(0)",
      "uvloop: coroutines, await sleep(0)",
    ],
    comparisons: [
      { of: "ours: generators, yield", to: "native: Promise.all, await null", within: undefined },
      ...atLeast(10, "asyncio: coroutines, await sleep(0)", ["ours: generators, yield"]),
      ...atLeast(undefined, "asyncio: coroutines, await sleep(0)", [
        "ours: async functions, await sleep(0)",
      ]),
    ],
  },
  timeout: {
    title: "a timeout around something that waits once",
    size: 100_000,
    unit: "ns each",
    expected: sumBelow,
    contenders: [
      "ours: generators, yield* sleep(0)",
      "ours: async functions, await sleep(0)",
      "native: Promise.race with setTimeout",
      "asyncio: await sleep(0)",
      "uvloop: await sleep(0)",
    ],
    comparisons: [
      {
        of: "ours: generators, yield* sleep(0)",
        to: "native: Promise.race with setTimeout",
        within: undefined,
      },
      {
        of: "ours: async functions, await sleep(0)",
        to: "native: Promise.race with setTimeout",
        within: undefined,
      },
      ...atLeast(undefined, "asyncio: await sleep(0)", [
        "ours: generators, yield* sleep(0)",
        "ours: async functions, await sleep(0)",
      ]),
    ],
  },
  timers: {
    title: "timers, each at a time of its own",
    size: 100_000,
    unit: "ns each",
    expected: (n) => n,
    contenders: ["ours: callLater, cancelled", "native: setTimeout, cleared"],
    comparisons: [
      { of: "ours: callLater, cancelled", to: "native: setTimeout, cleared", within: undefined },
    ],
  },
  brief: {
    title: "tasks with a sleep that is over as soon as all have begun",
    size: 100_000,
    unit: "ns each",
    expected: sumOfDelays,
    contenders: ["ours: generator tasks"],
  },
  switch: {
    title: "a million switches between two tasks",
    size: 1_000_000,
    unit: "per second",
    // How often each of the two was resumed when it was its turn.
    expected: (n) => `${n / 2}+${n / 2}`,
    contenders: [
      "ours: yield",
      "ours: yield* sleep(0)",
      "ours: await sleep(0)",
      "native: await null",
      "native: await a fresh thenable",
      "native: await a shared thenable",
      "effect: yieldNow",
      "effection: resolved action",
      "asyncio: await sleep(0)",
      "uvloop: await sleep(0)",
    ],
    comparisons: [
      { of: "ours: yield", to: "native: await null", within: 1.25 },
      { of: "ours: yield* sleep(0)", to: "native: await null", within: 2 },
      { of: "ours: await sleep(0)", to: "native: await a fresh thenable", within: 1.5 },
      { of: "ours: await sleep(0)", to: "native: await a shared thenable", within: undefined },
      ...atLeast(25, "asyncio: await sleep(0)", ["ours: yield", "ours: yield* sleep(0)"]),
      ...atLeast(5, "asyncio: await sleep(0)", ["ours: await sleep(0)"]),
      ...atLeast(undefined, "uvloop: await sleep(0)", [
        "ours: yield",
        "ours: yield* sleep(0)",
        "ours: await sleep(0)",
      ]),
      ...atLeast(1, "effect: yieldNow", ["ours: yield* sleep(0)", "ours: await sleep(0)"]),
      ...atLeast(1, "effection: resolved action", [
        "ours: yield* sleep(0)",
        "ours: await sleep(0)",
      ]),
    ],
  },
  sleep: {
    title: "100,000 concurrent sleeps of 1 to 100 ms",
    size: 100_000,
    unit: "ms",
    floor: LONGEST,
    patience: 8000,
    short: null, // it would be waiting for the most part; `brief` stands for it
    expected: sumOfDelays,
    contenders: [
      "ours: generator tasks",
      "ours: async tasks",
      "native: async functions, setTimeout",
      "native: setTimeout promises",
      "effect: fibers",
      "effection: tasks",
      "asyncio: tasks",
      "uvloop: tasks",
    ],
    comparisons: [
      { of: "ours: generator tasks", to: "native: setTimeout promises", within: 1 },
      { of: "ours: async tasks", to: "native: setTimeout promises", within: 1 },
      { of: "ours: async tasks", to: "native: async functions, setTimeout", within: undefined },
      ...atLeast(1, "effect: fibers", ["ours: generator tasks", "ours: async tasks"]),
      ...atLeast(1, "effection: tasks", ["ours: generator tasks", "ours: async tasks"]),
      ...atLeast(undefined, "asyncio: tasks", ["ours: generator tasks"]),
      ...atLeast(undefined, "uvloop: tasks", ["ours: generator tasks"]),
    ],
  },
  memory: {
    title: "memory of a task that waits for a future of its own, that future included",
    size: 100_000,
    unit: "bytes each",
    once: true, // lest what an earlier run left behind be counted
    patience: 10_000,
    expected: sumBelow,
    contenders: [
      "ours: generator tasks",
      "ours: async tasks",
      "native: async functions",
      "effect: fibers",
      "effection: tasks",
    ],
    comparisons: [
      { of: "ours: generator tasks", to: "native: async functions", within: 1.5 },
      { of: "ours: async tasks", to: "native: async functions", within: 1.5 },
      { of: "ours: generator tasks", to: "effect: fibers", within: undefined },
      { of: "ours: generator tasks", to: "effection: tasks", within: undefined },
    ],
  },
  chain: {
    title: "resuming the innermost of a chain of calls",
    size: 200_000,
    unit: "ns each",
    expected: (n) => n,
    contenders: [
      "ours: coroutine(), 1 deep",
      "ours: coroutine(), 100 deep",
      "ours: plain generators, 1 deep",
      "ours: plain generators, 100 deep",
      "native: async functions, 1 deep",
      "native: async functions, 100 deep",
    ],
    comparisons: [
      { of: "ours: coroutine(), 100 deep", to: "ours: coroutine(), 1 deep", within: 3 },
      {
        of: "ours: plain generators, 100 deep",
        to: "ours: plain generators, 1 deep",
        within: undefined,
      },
      {
        of: "native: async functions, 100 deep",
        to: "native: async functions, 1 deep",
        within: undefined,
      },
    ],
  },
};

function sumOfDelays(n: number): number {
  return seededDelays(n).reduce((sum, delay) => sum + delay, 0);
}

/** The core, beside the platform, CPython, uvloop, Effect and Effection. */
export const CORE: Subject = {
  name: "core",
  cases: CASES,
  packages: ["effect", "effection"],
  pythons: ["asyncio", "uvloop"],
  rounds: { all: 5, quick: 3 },
};
