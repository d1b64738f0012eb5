/** What is measured, of whom, and what is asked of it. @module */

import type { RuntimeName } from "../../_tools/install.ts";

/** A target: the first contender's figure against the best of the others'. */
export interface Target {
  of: string;
  to: string[];
  /** How many times as much (throughput), or at most how many times as long. */
  at: Record<RuntimeName, number>;
}

/** A table. */
export interface Case {
  title: string;
  unit: "k/s" | "µs" | "ms";
  contenders: string[];
  targets: Target[];
}

const PEERS = ["piscina", "piscina, concurrent", "tinypool", "workerpool", "poolifier", "comlink"];
const all = (value: number): Record<RuntimeName, number> => ({
  deno: value,
  bun: value,
  node: value,
});
const POOL = "ThreadPoolExecutor";

/** By name. */
export const CASES: Record<string, Case> = {
  noop: {
    title: "no-op calls, 1,000 in flight",
    unit: "k/s",
    contenders: [POOL, "postMessage", ...PEERS, "CPython threads"],
    targets: [
      { of: POOL, to: ["postMessage"], at: { deno: 8, bun: 5, node: 5 } },
      { of: POOL, to: ["piscina, concurrent"], at: { deno: 15, bun: 8, node: 8 } },
    ],
  },
  object: {
    title: "the same with a fresh 1 KiB nested object each",
    unit: "k/s",
    contenders: [POOL, "postMessage", ...PEERS],
    targets: [
      { of: POOL, to: ["postMessage", ...PEERS], at: { deno: 2.5, bun: 2, node: 1.5 } },
    ],
  },
  latency: {
    title: "one call at a time",
    unit: "µs",
    contenders: [POOL, "postMessage", ...PEERS],
    targets: [{ of: POOL, to: ["postMessage"], at: all(1.3) }],
  },
  buffer: {
    title: "1 MiB there and back, handed over both ways",
    unit: "µs",
    contenders: [POOL, "postMessage"],
    targets: [{ of: POOL, to: ["postMessage"], at: all(1.2) }],
  },
  cold: {
    title: "cold start to the first result",
    unit: "ms",
    contenders: [POOL, "one worker", ...PEERS],
    targets: [{ of: POOL, to: ["one worker"], at: all(1.3) }],
  },
  process: {
    title: "process pool: no-op calls, 1,000 in flight",
    unit: "k/s",
    contenders: ["ProcessPoolExecutor", "fork IPC", "CPython processes"],
    targets: [
      { of: "ProcessPoolExecutor", to: ["fork IPC"], at: all(4) },
      { of: "ProcessPoolExecutor", to: ["CPython processes"], at: all(50) },
    ],
  },
  mixed: {
    title: "300 calls, each tenth takes 20 ms: until all are done",
    unit: "ms",
    contenders: [POOL, "one at a time", "postMessage", ...PEERS],
    targets: [{ of: POOL, to: ["one at a time"], at: all(1.1) }],
  },
};
