/** The cases of the pools, and what is asked of them. @module */

import { atLeast, type Case, type Id, type Subject } from "../_harness/subject.ts";

const PEERS: Id[] = [
  "piscina: one call at a time",
  "piscina: concurrent",
  "tinypool: Tinypool",
  "workerpool: pool",
  "poolifier: FixedThreadPool",
  "comlink: wrap",
];
const THREADS: Id = "ours: ThreadPoolExecutor";
const PROCESSES: Id = "ours: ProcessPoolExecutor";
const BARE: Id = "bare: threads";

/** What holds for all of them: a pool is warmed up as it has to be, and nothing may be wrong. */
const POOLS = { once: true, limit: 20_000, expected: () => 0 };

const CASES: Record<string, Case> = {
  noop: {
    ...POOLS,
    title: "no-op calls, 1,000 in flight",
    size: 1000, // milliseconds
    short: 400,
    unit: "k/s",
    contenders: [THREADS, BARE, ...PEERS, "cpython: ThreadPoolExecutor"],
    comparisons: [
      ...atLeast({ deno: 8, bun: 5, node: 5 }, BARE, [THREADS]),
      ...atLeast({ deno: 15, bun: 8, node: 8 }, "piscina: concurrent", [THREADS]),
      ...atLeast(undefined, "cpython: ThreadPoolExecutor", [THREADS]),
    ],
  },
  object: {
    ...POOLS,
    title: "the same with a fresh 1 KiB nested object each",
    size: 1000, // milliseconds
    short: 400,
    unit: "k/s",
    contenders: [THREADS, BARE, ...PEERS],
    comparisons: [
      { of: THREADS, to: [BARE, ...PEERS], faster: { deno: 2.5, bun: 2, node: 1.5 } },
    ],
  },
  latency: {
    ...POOLS,
    title: "one call at a time",
    size: 3000,
    short: 1500,
    unit: "µs each",
    contenders: [THREADS, BARE, ...PEERS],
    comparisons: [{ of: THREADS, to: BARE, within: 1.3 }],
  },
  buffer: {
    ...POOLS,
    title: "1 MiB there and back, handed over both ways",
    size: 1000,
    unit: "µs each",
    contenders: [THREADS, BARE],
    comparisons: [{ of: THREADS, to: BARE, within: 1.2 }],
  },
  cold: {
    ...POOLS,
    title: "cold start to the first result",
    size: 1,
    short: 1,
    unit: "ms",
    contenders: [THREADS, "bare: one thread", ...PEERS],
    comparisons: [{ of: THREADS, to: "bare: one thread", within: 1.3 }],
  },
  process: {
    ...POOLS,
    title: "process pool: no-op calls, 1,000 in flight",
    size: 1000, // milliseconds
    short: 400,
    unit: "k/s",
    contenders: [PROCESSES, "bare: processes", "cpython: ProcessPoolExecutor"],
    comparisons: [
      ...atLeast(4, "bare: processes", [PROCESSES]),
      ...atLeast(50, "cpython: ProcessPoolExecutor", [PROCESSES]),
    ],
  },
  mixed: {
    ...POOLS,
    title: "300 calls, each tenth takes 20 ms: until all are done",
    size: 300,
    short: 100,
    unit: "ms",
    contenders: [THREADS, "bare: one call at a time", BARE, ...PEERS],
    comparisons: [{ of: THREADS, to: "bare: one call at a time", within: 1.1 }],
  },
};

/** The pools, beside bare workers, other people's pools and CPython's; all have two workers. */
export const EXECUTORS: Subject = {
  name: "executors",
  cases: CASES,
  packages: ["piscina", "tinypool", "workerpool", "poolifier", "comlink"],
  pythons: ["cpython"],
  rounds: { all: 5, quick: 1 },
};
