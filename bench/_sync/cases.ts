/** The cases of locks, queues and `mapConcurrent`, and what is asked of them. @module */

import type { Case, Id, Subject } from "../_harness/subject.ts";

const QUEUES: Id[] = ["ours: generators", "ours: async functions"];
const LOCKS: Id[] = [
  "ours: Lock, generator",
  "ours: Semaphore, generator",
  "ours: Lock, async function",
  "ours: Semaphore, async function",
];
const MAPS: Id[] = ["ours: async function, toArray()", "ours: async function, for await"];

const CASES: Record<string, Case> = {
  queue: {
    title: "a million items from producer to consumer over a queue of 100",
    size: 1_000_000,
    unit: "ns each",
    expected: (n) => n * (n - 1) / 2, // the sum of the items 0, 1, 2 …
    contenders: [
      ...QUEUES,
      "ours: async functions, for await",
      "native: TransformStream",
      "asyncio: Queue",
      "uvloop: Queue",
      "effect: Queue",
    ],
    comparisons: [
      { of: "ours: generators", to: "uvloop: Queue", faster: 4 },
      { of: "ours: async functions", to: "uvloop: Queue", faster: undefined },
      { of: "ours: generators", to: "effect: Queue", faster: 1 },
      { of: "ours: async functions", to: "effect: Queue", faster: undefined },
      { of: "ours: generators", to: "asyncio: Queue", faster: undefined },
      { of: "ours: async functions", to: "native: TransformStream", faster: undefined },
    ],
  },
  lock: {
    title: "a million uncontended lock/unlock pairs",
    size: 1_000_000,
    unit: "ns each",
    expected: (n) => n, // how often it was locked
    contenders: [
      ...LOCKS,
      "native: chain of promises",
      "async_mutex: Mutex",
      "asyncio: Lock",
      "uvloop: Lock",
      "asyncio: Semaphore",
      "uvloop: Semaphore",
      "effect: Semaphore",
    ],
    comparisons: [
      { of: LOCKS[0]!, to: "uvloop: Lock", faster: 5 },
      { of: LOCKS[1]!, to: "uvloop: Semaphore", faster: 5 },
      { of: LOCKS[2]!, to: "uvloop: Lock", faster: undefined },
      { of: LOCKS[0]!, to: "async_mutex: Mutex", faster: 1 },
      { of: LOCKS[2]!, to: "async_mutex: Mutex", faster: 1 },
      { of: LOCKS[2]!, to: "native: chain of promises", faster: undefined },
      { of: LOCKS[1]!, to: "effect: Semaphore", faster: 1 },
      { of: LOCKS[3]!, to: "effect: Semaphore", faster: 1 },
    ],
  },
  map: {
    title: "100,000 trivial jobs, 10 at a time",
    size: 100_000,
    unit: "ns each",
    expected: (n) => n * (n + 1) / 2, // the sum of the results 1, 2, 3 …
    contenders: [
      ...MAPS,
      "ours: generator function, toArray()",
      "native: ten loops over one iterator",
      "p_map: pMap",
      "p_map: pMapIterable",
      "p_limit: Promise.all of pLimit",
      "p_queue: addAll",
    ],
    comparisons: [
      ...(["p_map: pMap", "p_limit: Promise.all of pLimit", "p_queue: addAll"] as Id[]).flatMap((
        to,
      ) => [{ of: MAPS[0]!, to, faster: 1 }]),
      { of: MAPS[0]!, to: "native: ten loops over one iterator", faster: undefined },
      { of: MAPS[1]!, to: "p_map: pMap", faster: undefined },
      { of: MAPS[1]!, to: "p_map: pMapIterable", faster: undefined },
      { of: MAPS[1]!, to: "p_limit: Promise.all of pLimit", faster: 1 },
      { of: MAPS[1]!, to: "p_queue: addAll", faster: 1 },
    ],
  },
  waiters: {
    title: "waiters on a semaphore, released and cancelled at random, each until it has ended",
    size: 100_000,
    unit: "ns each",
    expected: (n) => `${n / 2}+${n / 2}`, // how many were served and how many cancelled
    contenders: [
      { id: "ours: 1,000 waiters", size: 1_000, short: 1_000 },
      { id: "ours: 10,000 waiters", size: 10_000, short: null },
      { id: "ours: 100,000 waiters", size: 100_000, short: null },
      { id: "ours: 1,000 waiters with no semaphore", size: 1_000, short: null },
      { id: "ours: 100,000 waiters with no semaphore", size: 100_000, short: null },
      { id: "uvloop: 1,000 waiters", size: 1_000 },
      { id: "uvloop: 10,000 waiters", size: 10_000 },
    ],
    comparisons: [
      {
        of: "ours: 100,000 waiters with no semaphore",
        to: "ours: 1,000 waiters with no semaphore",
        within: undefined,
      },
      // A larger heap costs more whatever is in it: that is not to be the semaphore's.
      { of: "ours: 100,000 waiters", to: "ours: 1,000 waiters", within: 3 },
      {
        of: "ours: 100,000 waiters",
        to: "ours: 100,000 waiters with no semaphore",
        within: 1.25,
      },
      { of: "uvloop: 10,000 waiters", to: "uvloop: 1,000 waiters", within: undefined },
    ],
  },
};

/** Locks, queues and `mapConcurrent`, beside CPython, uvloop and other libraries. */
export const SYNC: Subject = {
  name: "sync",
  cases: CASES,
  packages: ["effect", "async-mutex", "p-map", "p-limit", "p-queue"],
  pythons: ["asyncio", "uvloop"],
  runtimes: ["deno", "bun"],
  rounds: { all: 5, quick: 3 },
};
