/** How the ends of workers are told: by an error, or to who listens for warnings. */

import type { WorkerEnd } from "../_wire/link.ts";
import { PoolWarning } from "../errors.ts";

/** An end in words. */
export function howItEnded({ how, error }: WorkerEnd): string {
  return error instanceof Error ? `${how}: ${error.message}` : how;
}

/** An end as the cause of an error. */
export function causedBy(end: WorkerEnd): ErrorOptions {
  return "error" in end ? { cause: end.error } : {};
}

/** Warns of what no future can carry. */
export class EndWarnings {
  readonly #listener: ((warning: PoolWarning) => void) | undefined;
  #held: [message: string, end: WorkerEnd][] = [];

  constructor(listener: ((warning: PoolWarning) => void) | undefined) {
    this.#listener = listener;
  }

  /** Warns now. */
  warn(message: string, end?: WorkerEnd): void {
    if (this.#listener === undefined) return console.warn(`PoolWarning: ${message}`);
    try {
      this.#listener(new PoolWarning(message, end && causedBy(end)));
    } catch (error) {
      console.error("An onWarning threw:", error);
    }
  }

  /** Warns of a start that failed, unless it turns out that calls fail by it. */
  hold(message: string, end: WorkerEnd): void {
    this.#held.push([message, end]);
  }

  /** Warns of what was held: the pool goes on, or ends, without calls that failed. */
  tellHeld(): void {
    for (const [message, end] of this.dropHeld()) this.warn(message, end);
  }

  /** Forgets what was held: calls tell it. */
  dropHeld(): [message: string, end: WorkerEnd][] {
    const held = this.#held;
    if (held.length > 0) this.#held = [];
    return held;
  }
}
