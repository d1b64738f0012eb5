/** What stands side by side: each peer behind one interface. @module */

/** A pool of two workers that can run the jobs. */
export interface Contender {
  /** Runs `noop(value)` elsewhere. */
  noop(value: unknown): PromiseLike<unknown>;
  /** The first call, where it differs: of a function that comes with the worker's code. */
  first?(value: unknown): PromiseLike<unknown>;
  /** Runs `block(ms)` elsewhere. */
  block?(ms: number): PromiseLike<unknown>;
  /** Sends a buffer there and back, handing it over both ways. */
  buffer?(buffer: ArrayBuffer): PromiseLike<ArrayBuffer>;
  /** Ends the workers. */
  stop(): unknown;
}

/** Makes a contender; the clock of a cold start runs meanwhile. */
export type MakeContender = () => Contender | Promise<Contender>;

/** The workers of every contender. */
export const WORKERS = 2;
