/** What the contenders of the case `map`, and those with waiters, have in common. @module */

import type { Sample } from "../_harness/peer.ts";

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
