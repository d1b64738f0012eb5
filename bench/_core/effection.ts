/**
 * Effection: operations. It has nothing that hands over once but `sleep(0)`, which is a
 * `setTimeout`: the cheapest that its public parts make is used instead.
 *
 * @module
 */

import {
  action,
  type Operation,
  run,
  sleep as sleepFor,
  spawn as spawnTask,
  type Task,
  until,
  withResolvers,
} from "effection";
import { heapSize } from "./heap.ts";
import type { Peer, Sample } from "../_harness/peer.ts";
import { seededDelays, Turns } from "./work.ts";

const nothing = () => {};

/** Hands over once. */
function pass(): Operation<void> {
  return action<void>((resolve) => {
    resolve();
    return nothing;
  });
}

function* waitOnce(result: number): Operation<number> {
  yield* pass();
  return result;
}

function spawn(n: number): Promise<Sample> {
  return run(function* () {
    const start = performance.now();
    const tasks: Task<number>[] = [];
    for (let i = 0; i < n; i++) tasks.push(yield* spawnTask(() => waitOnce(i)));
    let sum = 0;
    for (const task of tasks) sum += yield* task;
    return { value: performance.now() - start, check: sum };
  });
}

function switching(n: number): Promise<Sample> {
  const turns = new Turns();
  const body = (me: 0 | 1) =>
    function* () {
      for (let i = 0; i < n / 2; i++) {
        yield* pass();
        turns.taken(me);
      }
    };
  return run(function* () {
    const start = performance.now();
    const first = yield* spawnTask(body(0));
    const second = yield* spawnTask(body(1));
    yield* first;
    yield* second;
    return turns.sample(start);
  });
}

function sleep(n: number): Promise<Sample> {
  const delays = seededDelays(n);
  return run(function* () {
    const start = performance.now();
    const tasks: Task<number>[] = [];
    for (const delay of delays) {
      tasks.push(
        yield* spawnTask(function* () {
          yield* sleepFor(delay);
          return delay;
        }),
      );
    }
    let sum = 0;
    for (const task of tasks) sum += yield* task;
    return { value: performance.now() - start, check: sum };
  });
}

/** Weighs tasks that each wait for an operation of their own, which can be resolved. */
function weigh(n: number): Promise<Sample> {
  return run(function* () {
    const resolvers: ((result: number) => void)[] = [];
    const tasks: Task<number>[] = [];
    const before = yield* until(heapSize());
    for (let i = 0; i < n; i++) {
      const { operation, resolve } = withResolvers<number>();
      resolvers.push(resolve);
      tasks.push(
        yield* spawnTask(function* () {
          return yield* operation;
        }),
      );
    }
    yield* until(Promise.resolve());
    const value = (yield* until(heapSize())) - before;
    resolvers.forEach((resolve, i) => resolve(i));
    let sum = 0;
    for (const task of tasks) sum += yield* task;
    return { value, check: sum };
  });
}

const peer: Peer = {
  spawn: { "tasks, resolved action": spawn },
  switch: { "resolved action": switching },
  sleep: { "tasks": sleep },
  memory: { "tasks": weigh },
};

export default peer;
