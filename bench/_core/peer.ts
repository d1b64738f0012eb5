/**
 * What a contender is: one way to do what a case asks for, in one process.
 *
 * @module
 */

/** What is measured. */
export type CaseName = "spawn" | "switch" | "sleep" | "memory" | "chain";

/** One measurement. */
export interface Sample {
  /** How long it took, in milliseconds; or of memory, bytes for each. */
  value: number;
  /** What shows that the work was done: must be what {@linkcode expected} gives. */
  check: unknown;
}

/** Does what a case asks for, `n` times, and measures it from inside. */
export type Contender = (n: number) => Promise<Sample>;

/** One way to write concurrent programs: its contenders for the cases it can do, by name. */
export type Peer = { [C in CaseName]?: Record<string, Contender> };

/** What `check` must be after `n`. */
export function expected(name: CaseName, n: number): unknown {
  switch (name) {
    case "spawn": // the sum of the results 0, 1, 2 …
      return n * (n - 1) / 2;
    case "switch": // how often each of the two was resumed when it was its turn
      return `${n / 2}+${n / 2}`;
    case "sleep": // the sum of the delays
      return seededDelays(n).reduce((sum, delay) => sum + delay, 0);
    case "memory": // the sum of the results 0, 1, 2 …, given to them in the end
      return n * (n - 1) / 2;
    case "chain": // how often the innermost was resumed
      return n;
  }
}

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
