/** The last values of a measure, and their spread. */

import type { Percentiles } from "../stats.ts";

/** Keeps the last 1,024 values. */
export class Samples {
  readonly #values = new Float64Array(1024);
  #count = 0;

  /** Adds one. */
  add(value: number): void {
    this.#values[this.#count++ & 1023] = value;
  }

  /** Their spread; zeros if there are none. */
  percentiles(): Percentiles {
    const sorted = this.#values.slice(0, Math.min(this.#count, 1024)).sort();
    const at = (part: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
  }
}
