/** Programs that keep a loop busy, each until it is told that it is over. @module */

import {
  createTask,
  gather,
  getEventLoop,
  mapConcurrent,
  run,
  type RunOptions,
  sleep,
  until,
} from "../../mod.ts";

/** Something that goes on for a while; gives how often it did what it does. */
export type Shape = (goesOn: () => boolean) => Promise<number>;

/** Two tasks that take turns for ever. */
export const TASKS: Record<string, (options?: RunOptions) => Shape> = {
  "generators, yield": (options) => (goesOn) =>
    run(function* () {
      const body = function* () {
        let count = 0;
        while (goesOn()) {
          yield;
          count++;
        }
        return count;
      };
      const [first, second] = [createTask(body), createTask(body)];
      return inTurn(yield* first, yield* second);
    }, options),
  "async, await sleep(0)": (options) => (goesOn) =>
    run(async () => {
      const body = async () => {
        let count = 0;
        while (goesOn()) {
          await sleep(0);
          count++;
        }
        return count;
      };
      const [first, second] = [createTask(body), createTask(body)];
      return inTurn(await first, await second);
    }, options),
};

/** The number of switches of two tasks that took turns. */
function inTurn(first: number, second: number): number {
  if (Math.abs(first - second) > 1) throw new Error(`Not in turn: ${first} and ${second}`);
  return first + second;
}

/** Loops within a task that wait for nothing but what is ready. */
export const INSIDE: Record<string, Shape> = {
  "await until(Promise.resolve(1))": (goesOn) =>
    run(() => repeat(goesOn, () => until(Promise.resolve(1)))),
  "gather of ready generators": (goesOn) =>
    run(() => repeat(goesOn, () => gather([atOnce(), atOnce()]))),
  "mapConcurrent(items, async fn).toArray()": (goesOn) =>
    run(() => {
      const items = Array.from({ length: 1000 }, () => 1);
      return repeat(goesOn, () => mapConcurrent(items, job, { concurrency: 10 }).toArray());
    }),
  "for await of mapConcurrent(items, async fn)": (goesOn) => run(() => countEach(goesOn)),
};

/** The same outside of a task: with a loop of their own, or on the ambient one. */
export const OUTSIDE: Record<string, Shape> = {
  "await run(…), one after the other": (goesOn) => repeat(goesOn, () => run(async () => await 1)),
  "while (!over) await sleep(0)": (goesOn) => repeat(goesOn, () => sleep(0)),
  "gather of ready generators": (goesOn) => repeat(goesOn, () => gather([atOnce(), atOnce()])),
  "for await of mapConcurrent(items, async fn)": countEach,
  "createFuture and callSoon": (goesOn) => {
    const loop = getEventLoop();
    return repeat(goesOn, () => {
      const future = loop.createFuture<number>();
      loop.callSoon(() => future.setResult(1));
      return future;
    });
  },
};

async function repeat(
  goesOn: () => boolean,
  make: () => PromiseLike<unknown>,
): Promise<number> {
  let count = 0;
  while (goesOn()) {
    await make();
    count++;
  }
  return count;
}

// deno-lint-ignore require-yield
function* atOnce(): Generator<never, number, unknown> {
  return 1;
}

async function countEach(goesOn: () => boolean): Promise<number> {
  function* items(): Generator<number> {
    while (goesOn()) yield 1;
  }
  let count = 0;
  const results = mapConcurrent(items(), job, { concurrency: 10 });
  for await (const result of results) count += result;
  return count;
}

async function job(item: number): Promise<number> {
  return await item;
}
