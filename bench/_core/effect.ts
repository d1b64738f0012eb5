/** Effect: fibers. @module */

import { Deferred, Effect, Fiber } from "effect";
import { heapSize } from "./heap.ts";
import type { Peer, Sample } from "../_harness/peer.ts";
import { seededDelays, Turns } from "./work.ts";

function spawn(n: number): Promise<Sample> {
  const child = (result: number) =>
    Effect.gen(function* () {
      yield* Effect.yieldNow;
      return result;
    });
  return Effect.runPromise(Effect.gen(function* () {
    const start = performance.now();
    const fibers: Fiber.Fiber<number>[] = [];
    for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(child(i)));
    let sum = 0;
    for (const fiber of fibers) sum += yield* Fiber.join(fiber);
    return { value: performance.now() - start, check: sum };
  }));
}

function pass(n: number): Promise<Sample> {
  const turns = new Turns();
  const body = (me: 0 | 1) =>
    Effect.gen(function* () {
      for (let i = 0; i < n / 2; i++) {
        yield* Effect.yieldNow;
        turns.taken(me);
      }
    });
  return Effect.runPromise(Effect.gen(function* () {
    const start = performance.now();
    const first = yield* Effect.forkChild(body(0));
    const second = yield* Effect.forkChild(body(1));
    yield* Fiber.join(first);
    yield* Fiber.join(second);
    return turns.sample(start);
  }));
}

function sleep(n: number): Promise<Sample> {
  const delays = seededDelays(n);
  const child = (delay: number) =>
    Effect.gen(function* () {
      yield* Effect.sleep(delay);
      return delay;
    });
  return Effect.runPromise(Effect.gen(function* () {
    const start = performance.now();
    const fibers: Fiber.Fiber<number>[] = [];
    for (const delay of delays) fibers.push(yield* Effect.forkChild(child(delay)));
    let sum = 0;
    for (const fiber of fibers) sum += yield* Fiber.join(fiber);
    return { value: performance.now() - start, check: sum };
  }));
}

/** Weighs fibers that each wait for a deferred of their own. */
function weigh(n: number): Promise<Sample> {
  const child = (deferred: Deferred.Deferred<number>) =>
    Effect.gen(function* () {
      return yield* Deferred.await(deferred);
    });
  return Effect.runPromise(Effect.gen(function* () {
    const deferreds: Deferred.Deferred<number>[] = [];
    const fibers: Fiber.Fiber<number>[] = [];
    const before = yield* Effect.promise(heapSize);
    for (let i = 0; i < n; i++) {
      const deferred = yield* Deferred.make<number>();
      deferreds.push(deferred);
      fibers.push(yield* Effect.forkChild(child(deferred)));
    }
    yield* Effect.yieldNow;
    const value = (yield* Effect.promise(heapSize)) - before;
    for (const [i, deferred] of deferreds.entries()) yield* Deferred.succeed(deferred, i);
    let sum = 0;
    for (const fiber of fibers) sum += yield* Fiber.join(fiber);
    return { value, check: sum };
  }));
}

const peer: Peer = {
  spawn: { "fibers, yieldNow": spawn },
  switch: { "yieldNow": pass },
  sleep: { "fibers": sleep },
  memory: { "fibers": weigh },
};

export default peer;
