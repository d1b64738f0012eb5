/**
 * The cases, and what is asked of them.
 *
 * @module
 */

/** What is measured. */
export type CaseName = "queue" | "lock" | "map" | "waiters";

/** Who does it: each is a file of this folder; those of `python.py` are measured once for all. */
export type PeerName =
  | "ours"
  | "effect"
  | "async_mutex"
  | "p_map"
  | "p_limit"
  | "p_queue"
  | "asyncio"
  | "uvloop";

/** A peer and the name of its contender. */
export type Id = `${PeerName}: ${string}`;

/** A contender, and what it does. */
export interface Entry {
  id: Id;
  /** How many; the case's by default. */
  size?: number;
}

/** Two figures, for one of what is measured, that are set against each other. */
export interface Comparison {
  of: Id;
  to: Id;
  /** How many times the rate of `to` it is to have, at least; `undefined` is for information, */
  faster?: number | undefined;
  /** or how many times the time of `to` it may have, at most. */
  within?: number;
}

/** Something that is measured. */
export interface Case {
  title: string;
  size: number;
  entries: Entry[];
  comparisons: Comparison[];
}

const QUEUES: Id[] = ["ours: generators", "ours: async functions"];
const LOCKS: Id[] = [
  "ours: Lock, generator",
  "ours: Semaphore, generator",
  "ours: Lock, async function",
  "ours: Semaphore, async function",
];
const MAPS: Id[] = ["ours: async function, toArray()", "ours: async function, for await"];

export const CASES: Record<CaseName, Case> = {
  queue: {
    title: "a million items from producer to consumer over a queue of 100",
    size: 1_000_000,
    entries: entries([
      ...QUEUES,
      "ours: async functions, for await",
      "asyncio: Queue",
      "uvloop: Queue",
    ], ["effect: Queue"]),
    comparisons: [
      { of: "ours: generators", to: "uvloop: Queue", faster: 4 },
      { of: "ours: async functions", to: "uvloop: Queue", faster: undefined },
      { of: "ours: generators", to: "effect: Queue", faster: 1 },
      { of: "ours: async functions", to: "effect: Queue", faster: undefined },
      { of: "ours: generators", to: "asyncio: Queue", faster: undefined },
    ],
  },
  lock: {
    title: "a million uncontended lock/unlock pairs",
    size: 1_000_000,
    entries: entries([
      ...LOCKS,
      "async_mutex: Mutex",
      "asyncio: Lock",
      "uvloop: Lock",
      "asyncio: Semaphore",
      "uvloop: Semaphore",
    ], ["effect: Semaphore"]),
    comparisons: [
      { of: LOCKS[0]!, to: "uvloop: Lock", faster: 5 },
      { of: LOCKS[1]!, to: "uvloop: Semaphore", faster: 5 },
      { of: LOCKS[2]!, to: "uvloop: Lock", faster: undefined },
      { of: LOCKS[0]!, to: "async_mutex: Mutex", faster: 1 },
      { of: LOCKS[2]!, to: "async_mutex: Mutex", faster: 1 },
      { of: LOCKS[1]!, to: "effect: Semaphore", faster: 1 },
      { of: LOCKS[3]!, to: "effect: Semaphore", faster: 1 },
    ],
  },
  map: {
    title: "100,000 trivial jobs, 10 at a time",
    size: 100_000,
    entries: entries([
      ...MAPS,
      "ours: generator function, toArray()",
      "p_map: pMap",
      "p_map: pMapIterable",
      "p_limit: Promise.all of pLimit",
      "p_queue: addAll",
    ]),
    comparisons: [
      ...(["p_map: pMap", "p_limit: Promise.all of pLimit", "p_queue: addAll"] as Id[]).flatMap((
        to,
      ) => [{ of: MAPS[0]!, to, faster: 1 }]),
      { of: MAPS[1]!, to: "p_map: pMap", faster: undefined },
      { of: MAPS[1]!, to: "p_map: pMapIterable", faster: undefined },
      { of: MAPS[1]!, to: "p_limit: Promise.all of pLimit", faster: 1 },
      { of: MAPS[1]!, to: "p_queue: addAll", faster: 1 },
    ],
  },
  waiters: {
    title: "waiters on a semaphore, released and cancelled at random, each until it has ended",
    size: 100_000,
    entries: [
      { id: "ours: 1,000 waiters", size: 1_000 },
      { id: "ours: 10,000 waiters", size: 10_000 },
      { id: "ours: 100,000 waiters", size: 100_000 },
      { id: "ours: 1,000 waiters with no semaphore", size: 1_000 },
      { id: "ours: 100,000 waiters with no semaphore", size: 100_000 },
      { id: "uvloop: 1,000 waiters", size: 1_000 },
      { id: "uvloop: 10,000 waiters", size: 10_000 },
    ],
    comparisons: [
      {
        of: "ours: 100,000 waiters with no semaphore",
        to: "ours: 1,000 waiters with no semaphore",
        within: Infinity,
      },
      // A larger heap costs more whatever is in it: that is not to be the semaphore's.
      { of: "ours: 100,000 waiters", to: "ours: 1,000 waiters", within: 3 },
      {
        of: "ours: 100,000 waiters",
        to: "ours: 100,000 waiters with no semaphore",
        within: 1.25,
      },
      { of: "uvloop: 10,000 waiters", to: "uvloop: 1,000 waiters", within: Infinity },
    ],
  },
};

/** `slow` ones do a tenth, which is to their advantage, as their heap stays smaller. */
function entries(ids: Id[], slow: Id[] = []): Entry[] {
  return [...ids.map((id) => ({ id })), ...slow.map((id) => ({ id, size: 100_000 }))];
}
