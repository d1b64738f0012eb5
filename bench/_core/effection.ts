/**
 * Effection: operations. It has nothing that hands over once but `sleep(0)`, which is a
 * `setTimeout`: the cheapest that its public parts make is used instead.
 *
 * @module
 */

import { action, type Operation, run, spawn as spawnTask, type Task } from "effection";
import { type Peer, type Sample, Turns } from "./peer.ts";

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

const peer: Peer = {
  spawn: { "tasks, resolved action": spawn },
  switch: { "resolved action": switching },
};

export default peer;
