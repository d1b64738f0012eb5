/**
 * What a contender is: one way to do what a case asks for, in one process.
 *
 * @module
 */

import type { CaseName } from "./cases.ts";

/** One measurement. */
export interface Sample {
  /** How long it took, in milliseconds. */
  value: number;
  /** What shows that the work was done: must be what {@linkcode expected} gives. */
  check: unknown;
}

/** Does what a case asks for, `n` times, and measures it from inside. */
export type Contender = (n: number) => Promise<Sample>;

/** One library: its contenders for the cases it can do, by name. */
export type Peer = { [C in CaseName]?: Record<string, Contender> };

/** What `check` must be after `n`. */
export function expected(name: CaseName, n: number): unknown {
  switch (name) {
    case "queue": // the sum of the items 0, 1, 2 …
      return n * (n - 1) / 2;
    case "lock": // how often it was locked
      return n;
    case "map": // the sum of the results 1, 2, 3 …
      return n * (n + 1) / 2;
    case "waiters": // how many were served and how many cancelled
      return `${n / 2}+${n / 2}`;
  }
}

/** 0, 1, 2 … */
export function numbers(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

/** The job of the case `map`. */
// deno-lint-ignore require-await -- it is trivial
export async function job(n: number): Promise<number> {
  return n + 1;
}

/** The sample of a run that began at `start` and gave these results. */
export function sumOf(results: number[], start: number): Sample {
  const value = performance.now() - start;
  return { value, check: results.reduce((sum, result) => sum + result, 0) };
}

/** The numbers below `n` in an order that looks random, and is always the same. */
export function shuffled(n: number): number[] {
  const order = numbers(n);
  let state = 1;
  for (let i = n - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor(state / 2 ** 32 * (i + 1));
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}
