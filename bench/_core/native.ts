/** The platform: async functions and promises. @module */

import { AsyncLocalStorage } from "node:async_hooks";
import { heapSize } from "./heap.ts";
import type { Peer, Sample } from "../_harness/peer.ts";
import { seededDelays, sumOf, Turns } from "./work.ts";

async function waitOnce(result: number): Promise<number> {
  await null;
  return result;
}

async function spawn(n: number): Promise<Sample> {
  const start = performance.now();
  const promises: Promise<number>[] = [];
  for (let i = 0; i < n; i++) promises.push(waitOnce(i));
  let sum = 0;
  for (const promise of promises) sum += await promise;
  return { value: performance.now() - start, check: sum };
}

const storage = new AsyncLocalStorage<unknown>();

/** The same, each in a context of its own: as little as carries the current task across awaits. */
async function spawnInContext(n: number): Promise<Sample> {
  const start = performance.now();
  const promises: Promise<number>[] = [];
  for (let i = 0; i < n; i++) promises.push(storage.run({ i }, waitOnce, i));
  let sum = 0;
  for (const promise of promises) sum += await promise;
  return { value: performance.now() - start, check: sum };
}

async function one(n: number): Promise<Sample> {
  const start = performance.now();
  let sum = 0;
  for (let i = 0; i < n; i++) sum += await waitOnce(i);
  return { value: performance.now() - start, check: sum };
}

async function oneInContext(n: number): Promise<Sample> {
  const start = performance.now();
  let sum = 0;
  for (let i = 0; i < n; i++) sum += await storage.run({ i }, waitOnce, i);
  return { value: performance.now() - start, check: sum };
}

async function gather(n: number): Promise<Sample> {
  const start = performance.now();
  return sumOf(await Promise.all(Array.from({ length: n }, (_, i) => waitOnce(i))), start);
}

/** A race with a timer, which is stopped when it is lost. */
async function timeout(n: number): Promise<Sample> {
  const start = performance.now();
  let sum = 0;
  for (let i = 0; i < n; i++) {
    let id: ReturnType<typeof setTimeout>;
    const tooLate = new Promise<number>((_, reject) => {
      id = setTimeout(() => reject(new Error("too late")), 60_000);
    });
    sum += await Promise.race([waitOnce(i), tooLate]).finally(() => clearTimeout(id));
  }
  return { value: performance.now() - start, check: sum };
}

async function armTimers(n: number): Promise<Sample> {
  const delays = seededDelays(n);
  const start = performance.now();
  const ids = delays.map((delay) => setTimeout(() => {}, 60_000 + delay));
  await null;
  for (const id of ids) clearTimeout(id);
  await null;
  return { value: performance.now() - start, check: ids.length };
}

/** Two calls of `body` side by side. */
function pair(body: (turns: Turns, me: 0 | 1, count: number) => Promise<void>) {
  return async (n: number): Promise<Sample> => {
    const turns = new Turns();
    const start = performance.now();
    const first = body(turns, 0, n / 2);
    const second = body(turns, 1, n / 2);
    await first;
    await second;
    return turns.sample(start);
  };
}

const awaitNull = pair(async (turns, me, count) => {
  for (let i = 0; i < count; i++) {
    await null;
    turns.taken(me);
  }
});

/** As little as a library can do for an `await` of something of its own. */
class Thenable {
  then(resolve: () => void): void {
    resolve();
  }
}

const awaitFresh = pair(async (turns, me, count) => {
  for (let i = 0; i < count; i++) {
    await new Thenable();
    turns.taken(me);
  }
});

const awaitShared = pair(async (turns, me, count) => {
  const shared = new Thenable();
  for (let i = 0; i < count; i++) {
    await shared;
    turns.taken(me);
  }
});

async function sleep(n: number): Promise<Sample> {
  const delays = seededDelays(n);
  const start = performance.now();
  const promises = delays.map(async (delay) => {
    await new Promise((resolve) => setTimeout(resolve, delay));
    return delay;
  });
  let sum = 0;
  for (const promise of promises) sum += await promise;
  return { value: performance.now() - start, check: sum };
}

/** The same without a function around each, which adds a promise. */
async function sleepBare(n: number): Promise<Sample> {
  const delays = seededDelays(n);
  const start = performance.now();
  const promises = delays.map((delay) =>
    new Promise<number>((resolve) => setTimeout(resolve, delay, delay))
  );
  let sum = 0;
  for (const promise of promises) sum += await promise;
  return { value: performance.now() - start, check: sum };
}

/** Weighs calls that each wait for a promise of their own, which can be resolved. */
async function weigh(n: number): Promise<Sample> {
  const resolvers: ((result: number) => void)[] = [];
  const calls: Promise<number>[] = [];
  const call = async () => await new Promise<number>((resolve) => resolvers.push(resolve));
  const before = await heapSize();
  for (let i = 0; i < n; i++) calls.push(call());
  await null;
  const value = await heapSize() - before;
  resolvers.forEach((resolve, i) => resolve(i));
  let sum = 0;
  for (const call of calls) sum += await call;
  return { value, check: sum };
}

function resume(depth: number) {
  const chain = async (depth: number, count: number): Promise<number> => {
    if (depth > 1) return 1 + await chain(depth - 1, count);
    for (let i = 0; i < count; i++) await null;
    return 1 + count;
  };
  return async (n: number): Promise<Sample> => {
    const start = performance.now();
    const result = await chain(depth, n);
    return { value: performance.now() - start, check: result - depth };
  };
}

const peer: Peer = {
  spawn: {
    "async functions, await null": spawn,
    "async functions in AsyncLocalStorage.run": spawnInContext,
  },
  one: {
    "async functions, await null": one,
    "async functions in AsyncLocalStorage.run": oneInContext,
  },
  gather: { "Promise.all, await null": gather },
  timeout: { "Promise.race with setTimeout": timeout },
  timers: { "setTimeout, cleared": armTimers },
  switch: {
    "await null": awaitNull,
    "await a fresh thenable": awaitFresh,
    "await a shared thenable": awaitShared,
  },
  sleep: {
    "async functions, setTimeout": sleep,
    "setTimeout promises": sleepBare,
  },
  memory: { "async functions": weigh },
  chain: { "async functions, 1 deep": resume(1), "async functions, 100 deep": resume(100) },
};

export default peer;
