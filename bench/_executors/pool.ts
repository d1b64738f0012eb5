/** What stands side by side: each library's pool behind one interface. @module */

/** A pool of two workers that can run the jobs. */
export interface Pool {
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

/** Makes a pool; the clock of a cold start runs meanwhile. */
export type MakePool = () => Pool | Promise<Pool>;

/** The workers of every pool. */
export const WORKERS = 2;
