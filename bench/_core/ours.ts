/** This module. @module */

import { createTask, run, sleep, type Task } from "../../mod.ts";
import { type Peer, type Sample, Turns } from "./peer.ts";

function spawn(child: (result: number) => () => Generator<unknown, number, unknown>) {
  return (n: number): Promise<Sample> =>
    run(function* () {
      const start = performance.now();
      const tasks: Task<number>[] = [];
      for (let i = 0; i < n; i++) tasks.push(createTask(child(i)));
      let sum = 0;
      for (const task of tasks) sum += yield* task;
      return { value: performance.now() - start, check: sum };
    });
}

function spawnAsync(n: number): Promise<Sample> {
  return run(async () => {
    const start = performance.now();
    const tasks: Task<number>[] = [];
    for (let i = 0; i < n; i++) {
      tasks.push(createTask(async () => {
        await sleep(0);
        return i;
      }));
    }
    let sum = 0;
    for (const task of tasks) sum += await task;
    return { value: performance.now() - start, check: sum };
  });
}

function* waitOnce(result: number): Generator<undefined, number, unknown> {
  yield;
  return result;
}

function spawnGenerators(n: number): Promise<Sample> {
  return run(function* () {
    const start = performance.now();
    const tasks: Task<number>[] = [];
    for (let i = 0; i < n; i++) tasks.push(createTask(waitOnce(i)));
    let sum = 0;
    for (const task of tasks) sum += yield* task;
    return { value: performance.now() - start, check: sum };
  });
}

/** Two tasks of `body` side by side. */
function pair(
  body: (turns: Turns, me: 0 | 1, count: number) => () => Generator<unknown, void, unknown>,
) {
  return (n: number): Promise<Sample> =>
    run(function* () {
      const turns = new Turns();
      const start = performance.now();
      const first = createTask(body(turns, 0, n / 2));
      const second = createTask(body(turns, 1, n / 2));
      yield* first;
      yield* second;
      return turns.sample(start);
    });
}

const bareYield = pair((turns, me, count) =>
  function* () {
    for (let i = 0; i < count; i++) {
      yield;
      turns.taken(me);
    }
  }
);

const yieldSleep = pair((turns, me, count) =>
  function* () {
    for (let i = 0; i < count; i++) {
      yield* sleep(0);
      turns.taken(me);
    }
  }
);

function awaitSleep(n: number): Promise<Sample> {
  return run(async () => {
    const turns = new Turns();
    const body = (me: 0 | 1) => async () => {
      for (let i = 0; i < n / 2; i++) {
        await sleep(0);
        turns.taken(me);
      }
    };
    const start = performance.now();
    const first = createTask(body(0));
    const second = createTask(body(1));
    await first;
    await second;
    return turns.sample(start);
  });
}

const peer: Peer = {
  spawn: {
    "generator tasks, yield": spawnGenerators,
    "generator tasks, yield* sleep(0)": spawn((result) =>
      function* () {
        yield* sleep(0);
        return result;
      }
    ),
    "async tasks, await sleep(0)": spawnAsync,
  },
  switch: {
    "yield": bareYield,
    "yield* sleep(0)": yieldSleep,
    "await sleep(0)": awaitSleep,
  },
};

export default peer;
