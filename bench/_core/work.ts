/** What the contenders of the core have in common. @module */

import type { Sample } from "../_harness/peer.ts";

/** The longest of the delays, in milliseconds. */
export const LONGEST = 100;

/** `n` delays from 1 ms to the longest, always the same. */
export function seededDelays(n: number): number[] {
  let state = 1;
  return Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 1 + Math.floor(state / 2 ** 32 * LONGEST);
  });
}

/** Counts how often each of two tasks was resumed when it was its turn. */
export class Turns {
  #counts: [number, number] = [0, 0];
  #last = 1;

  /** To be called by a task each time it has been resumed. */
  taken(by: 0 | 1): void {
    if (this.#last !== by) this.#counts[by]++;
    this.#last = by;
  }

  /** The sample for a run that began at `start`. */
  sample(start: number): Sample {
    return { value: performance.now() - start, check: this.#counts.join("+") };
  }
}

/** The sum of 0, 1, 2 … below `n`. */
export function sumBelow(n: number): number {
  return n * (n - 1) / 2;
}

/** The sample of a run that began at `start` and gave these results. */
export function sumOf(results: number[], start: number): Sample {
  const value = performance.now() - start;
  return { value, check: results.reduce((sum, result) => sum + result, 0) };
}
