/**
 * The cases, and what is asked of them.
 *
 * @module
 */

import type { RuntimeName } from "../../_tools/install.ts";
import type { CaseName } from "./peer.ts";

/** Who does it: a peer and the name of its contender. */
export type Id = `${PeerName}: ${string}`;

/** The peers, each a file of this folder; those of `python.py` are measured once for all. */
export type PeerName = "ours" | "native" | "effect" | "effection" | "asyncio" | "uvloop";

/** Two figures that are set against each other. */
export interface Comparison {
  of: Id;
  to: Id;
  /** How many times the rate of `to` it is to have, at least, */
  faster?: Target;
  /** or how many times the time, or bytes, of `to` it may have, at most. */
  within?: Target;
}

/** A limit, for each runtime or for some; `undefined` is for information. */
export type Target = number | Partial<Record<RuntimeName, number>> | undefined;

/** Something that is measured. */
export interface Case {
  title: string;
  size: number;
  /** What a value is. */
  unit: "per second" | "ms" | "bytes" | "ns each";
  contenders: Id[];
  comparisons: Comparison[];
}

// The targets are promised for Deno and Bun; what isn't about one of them holds for Node, too.

export const CASES: Record<CaseName, Case> = {
  spawn: {
    title: "spawn and join 100,000 tasks that each wait once",
    size: 100_000,
    unit: "per second",
    contenders: [
      "ours: generator tasks, yield",
      "ours: generator tasks, yield* sleep(0)",
      "ours: async tasks, await sleep(0)",
      "native: async functions, await null",
      "effect: fibers, yieldNow",
      "effection: tasks, resolved action",
      "asyncio: tasks, await sleep(0)",
      "uvloop: tasks, await sleep(0)",
    ],
    comparisons: [
      ...["ours: generator tasks, yield", "ours: generator tasks, yield* sleep(0)"].map((of) => ({
        of: of as Id,
        to: "native: async functions, await null" as Id,
        within: { deno: 1, bun: 1.5 },
      })),
      {
        of: "ours: async tasks, await sleep(0)",
        to: "native: async functions, await null",
        within: undefined,
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
  switch: {
    title: "a million switches between two tasks",
    size: 1_000_000,
    unit: "per second",
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
      { of: "ours: yield", to: "native: await null", within: 1.2 },
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
    unit: "bytes",
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

function atLeast(faster: Target, to: Id, of: Id[]): Comparison[] {
  return of.map((of) => ({ of, to, faster }));
}
