/**
 * What a pool and its workers say to each other. Every message is one flat
 * array that begins with a tag: structured clone is quickest on those.
 *
 * Invariants: a call is known by its number, which each worker counts. It answers calls in
 * that order, each once: an answer says which is the first, and the pool takes none but the
 * next. A message of a worker's ends with the key that only it and its pool have: whatever
 * doesn't is a job's own, and told to the user. A value that may be unreadable goes ahead
 * of the message that is about it (`HOLD`): where a message lacks its values, they are those
 * that came last, or what couldn't be read.
 */

/** To a worker: `[INIT, WorkerSetup]`; answered by `READY` or `FAILED`. */
export const INIT = 0;
/**
 * To a worker: `[RUN, first number, announce, definitions as JSON | null, runs…]`, a run
 * being `function id, argument count, call count, arguments…`.
 */
export const RUN = 1;
/** To a worker: `[ABORT, number, encoded reason]`. */
export const ABORT = 2;
/** To a worker: `[PULL, number, count]`: more room for a stream's items. */
export const PULL = 3;
/** To a worker: `[LEAVE, number]`: nobody wants the stream's rest. */
export const LEAVE = 4;
/** To a worker: `[CLOSE]`: it is to end by itself, now that it has nothing to do. */
export const CLOSE = 5;
/** To a worker: `[HOLD, values]`: what the next message is about. */
export const HOLD = 6;

/** From a worker: `[READY]`. */
export const READY = 0;
/** From a worker: `[FAILED, encoded error]`: the initializer threw. */
export const FAILED = 1;
/**
 * From a worker: `[RESULTS, milliseconds, batch ended, first number, segments…]`, a segment
 * being `kind, count, values…`.
 */
export const RESULTS = 2;
/** From a worker: `[STARTED, number]`, for calls that asked to be announced. */
export const STARTED = 3;
/** From a worker: `[REPORT, number, value]`. */
export const REPORT = 4;
/** From a worker: `[ITEMS, number, values…]`, of a stream. */
export const ITEMS = 5;
/** From a worker: `[ENDED, number, outcome kind, value]`, of a stream. */
export const ENDED = 6;
/**
 * From a worker: `[FAREWELL, number, encoded error | null]`: it ends, of that error, and
 * hasn't started a call from that number on. With `null` for the number, it doesn't end.
 */
export const FAREWELL = 7;
/** From a worker: `[OUTPUT, pending]`: whether what it wrote to the console is still on its way. */
export const OUTPUT = 10;
/** From a worker: `[HELD, values]`: what the next message is about. */
export const HELD = 8;
/** From a worker: `[STRAY, description]`: a job tried to send a message of its own. */
export const STRAY = 9;

/** A segment of results: values as they are. */
export const VALUES = 0;
/** A segment of encoded errors. */
export const ERRORS = 1;
/** A segment of one: the call opened a stream. No values. */
export const STREAM = 2;
/** A segment of calls that the pool took back in time. No values. */
export const SKIPPED = 3;

/** Words of the memory that a pool shares with a worker, where it can. */
export const CONTROL_WORDS = 4;
/** The number after that of the call that runs, or ran last. */
export const CONTROL_STARTED = 0;
/** Calls from this number on are taken back, while the flag is set. */
export const CONTROL_LIMIT = 1;
/** Whether the limit holds. */
export const CONTROL_LIMITED = 2;
/** The number after that of the call that is to stop; read by busy jobs. */
export const CONTROL_ABORTED = 3;

/** How a worker finds a function: its id, a module's URL and an export, or a source. */
export type Definition = [
  id: number,
  url: string | null,
  nameOrSource: string,
  name: string,
  chunked: boolean,
];

/** What a worker is told first. */
export interface WorkerSetup {
  /** The worker's name. */
  name: string;
  /** Module URLs that may be loaded; `null` allows all. */
  allow: string[] | null;
  /** Shared words, where there is shared memory. */
  control: SharedArrayBuffer | null;
  /** What runs before the first job; its arguments were sent ahead. */
  initializer: Definition | null;
  /** What the worker's messages end with. */
  key: number;
}
