/** Effect: fibers. @module */

import { Effect, Fiber } from "effect";
import { type Peer, type Sample, Turns } from "./peer.ts";

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

const peer: Peer = {
  spawn: { "fibers, yieldNow": spawn },
  switch: { "yieldNow": pass },
};

export default peer;
