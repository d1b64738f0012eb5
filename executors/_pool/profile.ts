/** How long a function takes, and so how many calls of it may go to a worker at once. */

import type { Definition } from "../_wire/protocol.ts";
import type { AnyFunction } from "../executor.ts";

/** A batch is to take no longer than this, in milliseconds. */
export const BATCH_TIME = 1;
/** No batch has more calls than this. */
export const MAX_BATCH = 256;
/** How many calls the average remembers. */
const MEMORY = 1000;

/** What a pool knows of one function. */
export class FunctionProfile {
  /** How workers find it. */
  readonly definition: Definition;
  /** The function, for who runs it here. */
  readonly fn: AnyFunction;
  /** How many calls may go together by now: it doubles while batches are quick. */
  cap = 1;
  /** A call's average time in milliseconds; unknown at first. */
  mean: number = Infinity;
  /** Whether a call of it ever threw. */
  mayThrow = false;
  #count = 0;

  constructor(definition: Definition, fn: AnyFunction) {
    this.fn = fn;
    this.definition = definition;
  }

  /** Takes in that `count` calls took `elapsed` milliseconds together. */
  record(elapsed: number, count: number): void {
    if (this.#count === 0) this.mean = elapsed / count;
    else {
      const weight = Math.min(this.#count, MEMORY);
      this.mean = (this.mean * weight + elapsed) / (weight + count);
    }
    this.#count += count;
    if (elapsed > BATCH_TIME * 2) this.cap = Math.max(1, this.cap >> 2);
    else if (this.cap < MAX_BATCH && count * 2 >= this.cap) this.cap *= 2;
  }

  /** Opens streams: its calls always go alone. */
  stream(): void {
    this.mean = Infinity;
    this.#count = 0;
    this.cap = 1;
  }
}
