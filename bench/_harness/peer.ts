/**
 * What a contender is: one way to do what a case asks for, in one process. This is what
 * the parent and the processes that it starts agree on.
 *
 * @module
 */

/** One run. */
export interface Sample {
  /** How long the run took, in milliseconds, or how many bytes it filled. */
  value: number;
  /** How many of what the case is about it did, if not as many as it was told. */
  n?: number;
  /** What shows that the work was done: must be what the case expects. */
  check: unknown;
  /** How long the process computed meanwhile, in milliseconds, if its worker measured that. */
  cpu?: number;
  /** What else was measured, by name: milliseconds each. */
  also?: Record<string, number>;
}

/** Does what a case asks for, `n` times, and measures it from inside. */
export type Contender = (n: number) => Promise<Sample>;

/** One library, or one way to write programs: its contenders by case and by name. */
export type Peer = Record<string, Record<string, Contender>>;

/** How a process measures. */
export interface Plan {
  /** How many of what the case is about are done in a run. */
  size: number;
  /** Only one run counts, and none is made to warm up: the contender does that itself. */
  once: boolean;
  /** If a run would take longer, by an estimate in milliseconds, a tenth of it is done. */
  patience: number | null;
  /** How long a contender runs before it counts, in milliseconds: compilers take that long. */
  warmUp: number;
  /** After how long no more runs are made, in milliseconds. */
  enough: number;
  /** How many runs count, at most. */
  most: number;
}

/** What a process prints, as JSON. */
export interface Report {
  /** How many of what the case is about were to be done in each run. */
  n: number;
  /** The runs that count. */
  samples: Sample[];
}
