/** Effect: its Queue and its Semaphore. @module */

import { Effect, Fiber, Queue, Semaphore } from "effect";
import type { Peer, Sample } from "../_harness/peer.ts";

function queue(n: number): Promise<Sample> {
  return Effect.runPromise(Effect.gen(function* () {
    const queue = yield* Queue.bounded<number>(100);
    const start = performance.now();
    const producer = yield* Effect.forkChild(Effect.gen(function* () {
      for (let i = 0; i < n; i++) yield* Queue.offer(queue, i);
    }));
    let sum = 0;
    for (let i = 0; i < n; i++) sum += yield* Queue.take(queue);
    yield* Fiber.join(producer);
    return { value: performance.now() - start, check: sum };
  }));
}

function semaphore(n: number): Promise<Sample> {
  return Effect.runPromise(Effect.gen(function* () {
    const semaphore = yield* Semaphore.make(1);
    const start = performance.now();
    let count = 0;
    for (let i = 0; i < n; i++) {
      yield* semaphore.take(1);
      count++;
      yield* semaphore.release(1);
    }
    return { value: performance.now() - start, check: count };
  }));
}

const peer: Peer = { queue: { Queue: queue }, lock: { Semaphore: semaphore } };

export default peer;
