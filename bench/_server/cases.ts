/** What a server does with the module, for each request. @module */

import type { Case, Subject } from "../_harness/subject.ts";

const CASES: Record<string, Case> = {
  http: {
    title: "requests to a server that asks two others, over 64 connections",
    size: 3000, // milliseconds
    short: null,
    once: true,
    unit: "per second",
    also: { p99: { title: "p99", unit: "ms" } },
    needs: "wrk",
    expected: () => 0, // nothing went wrong
    contenders: ["ours: run, timeout, gather", "native: Promise.all"],
    comparisons: [
      { of: "ours: run, timeout, gather", to: "native: Promise.all", faster: 0.85 },
      { of: "ours: run, timeout, gather", to: "native: Promise.all", figure: "p99", within: 1.3 },
    ],
  },
  run: {
    title: "an empty run(), one after the other",
    size: 10_000,
    short: 200,
    unit: "µs each",
    expected: sumBelow,
    contenders: [
      "ours: generator",
      "ours: async function",
      "native: async function",
      "native: async function in AsyncLocalStorage.run",
    ],
    limits: (["ours: generator", "ours: async function"] as const).map((of) => ({
      of,
      atMost: { deno: 0.004, bun: 0.0025, node: 0.004 },
    })),
  },
  pair: {
    title: "in a run: two tasks that end at once, one pair after the other",
    size: 50_000,
    short: 1000,
    unit: "µs each",
    expected: sumBelow,
    contenders: [
      "ours: gather of generators",
      "ours: gather of async functions",
      "ours: taskGroup",
      "native: Promise.all",
    ],
    limits: ([
      "ours: gather of generators",
      "ours: gather of async functions",
      "ours: taskGroup",
    ] as const).map((of) => ({ of, atMost: 0.002 })),
  },
};

function sumBelow(n: number): number {
  return n * (n - 1) / 2;
}

/** The cost of a request. */
export const SERVER: Subject = {
  name: "server",
  cases: CASES,
  packages: [],
  pythons: [],
  rounds: { all: 5, quick: 3 },
};
