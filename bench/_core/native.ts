/** The platform: async functions and promises. @module */

import { type Peer, type Sample, Turns } from "./peer.ts";

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

const peer: Peer = {
  spawn: { "async functions, await null": spawn },
  switch: {
    "await null": awaitNull,
    "await a fresh thenable": awaitFresh,
    "await a shared thenable": awaitShared,
  },
};

export default peer;
