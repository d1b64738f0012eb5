/** This module. @module */

import {
  coroutine,
  createTask,
  Future,
  gather,
  getRunningLoop,
  run,
  sleep,
  type Task,
  timeout,
} from "../../mod.ts";
import { heapSize } from "./heap.ts";
import type { Peer, Sample } from "../_harness/peer.ts";
import { seededDelays, sumOf, Turns } from "./work.ts";

type Coro = Generator<unknown, number, unknown>;

function spawnGenerators(child: (result: number) => Coro) {
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

function* yieldOnce(result: number): Coro {
  yield;
  return result;
}

function* sleepOnce(result: number): Coro {
  yield* sleep(0);
  return result;
}

async function awaitOnce(result: number): Promise<number> {
  await sleep(0);
  return result;
}

function* sleepFor(delay: number): Coro {
  yield* sleep(delay);
  return delay;
}

function spawnAsync(n: number): Promise<Sample> {
  return run(async () => {
    const start = performance.now();
    const tasks: Task<number>[] = [];
    for (let i = 0; i < n; i++) tasks.push(createTask(() => awaitOnce(i)));
    let sum = 0;
    for (const task of tasks) sum += await task;
    return { value: performance.now() - start, check: sum };
  });
}

function oneGenerator(n: number): Promise<Sample> {
  return run(function* () {
    const start = performance.now();
    let sum = 0;
    for (let i = 0; i < n; i++) sum += yield* createTask(yieldOnce(i));
    return { value: performance.now() - start, check: sum };
  });
}

function oneAsync(n: number): Promise<Sample> {
  return run(async () => {
    const start = performance.now();
    let sum = 0;
    for (let i = 0; i < n; i++) sum += await createTask(() => awaitOnce(i));
    return { value: performance.now() - start, check: sum };
  });
}

function gatherGenerators(n: number): Promise<Sample> {
  return run(function* () {
    const start = performance.now();
    const children = Array.from({ length: n }, (_, i) => yieldOnce(i));
    return sumOf(yield* gather(children), start);
  });
}

function gatherAsync(n: number): Promise<Sample> {
  return run(async () => {
    const start = performance.now();
    const children = Array.from({ length: n }, (_, i) => () => awaitOnce(i));
    return sumOf(await gather(children), start);
  });
}

function timeoutGenerators(n: number): Promise<Sample> {
  return run(function* () {
    const start = performance.now();
    let sum = 0;
    for (let i = 0; i < n; i++) sum += yield* timeout(60_000, () => sleepOnce(i));
    return { value: performance.now() - start, check: sum };
  });
}

function timeoutAsync(n: number): Promise<Sample> {
  return run(async () => {
    const start = performance.now();
    let sum = 0;
    for (let i = 0; i < n; i++) sum += await timeout(60_000, () => awaitOnce(i));
    return { value: performance.now() - start, check: sum };
  });
}

/** Arms timers for later, each at its own time, and cancels them. */
function armTimers(n: number): Promise<Sample> {
  const delays = seededDelays(n);
  return run(function* () {
    const loop = getRunningLoop();
    const start = performance.now();
    const handles = delays.map((delay) => loop.callLater(60_000 + delay, () => {}));
    yield;
    for (const handle of handles) handle.cancel();
    yield;
    const value = performance.now() - start;
    return { value, check: handles.filter((handle) => handle.cancelled()).length };
  });
}

/** Sleeps that are over as soon as all of them have begun: what the timers cost, with no waiting. */
function sleepBriefly(n: number): Promise<Sample> {
  const delays = seededDelays(n);
  return run(function* () {
    const start = performance.now();
    const tasks = delays.map((delay) => createTask(sleepFor(delay / 1000)));
    let sum = 0;
    for (const task of tasks) sum += yield* task;
    return { value: performance.now() - start, check: Math.round(sum * 1000) };
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

function sleepGenerators(n: number): Promise<Sample> {
  const delays = seededDelays(n);
  return run(function* () {
    const start = performance.now();
    const tasks = delays.map((delay) => createTask(sleepFor(delay)));
    let sum = 0;
    for (const task of tasks) sum += yield* task;
    return { value: performance.now() - start, check: sum };
  });
}

async function sleepForAsync(delay: number): Promise<number> {
  await sleep(delay);
  return delay;
}

function sleepAsync(n: number): Promise<Sample> {
  const delays = seededDelays(n);
  return run(async () => {
    const start = performance.now();
    const tasks = delays.map((delay) => createTask(() => sleepForAsync(delay)));
    let sum = 0;
    for (const task of tasks) sum += await task;
    return { value: performance.now() - start, check: sum };
  });
}

/** Weighs tasks that each wait for a future of their own. */
function weigh(spawn: (future: Future<number>) => Task<number>) {
  return (n: number): Promise<Sample> =>
    run(async () => {
      const futures: Future<number>[] = [];
      const tasks: Task<number>[] = [];
      const before = await heapSize();
      for (let i = 0; i < n; i++) {
        const future = new Future<number>();
        futures.push(future);
        tasks.push(spawn(future));
      }
      await sleep(0);
      const value = await heapSize() - before;
      futures.forEach((future, i) => future.setResult(i));
      let sum = 0;
      for (const task of tasks) sum += await task;
      return { value, check: sum };
    });
}

function* waitFor(future: Future<number>): Coro {
  return yield* future;
}

async function waitForAsync(future: Future<number>): Promise<number> {
  return await future;
}

type Chain = (depth: number, count: number) => Generator<unknown, number, unknown>;

/** Resumes the innermost of `depth` calls of `chain`, `n` times; each call adds one to the result. */
function resume(depth: number, makeChain: () => Chain) {
  return (n: number): Promise<Sample> =>
    run(function* () {
      const chain = makeChain();
      const start = performance.now();
      const result = yield* chain(depth, n);
      return { value: performance.now() - start, check: result - depth };
    });
}

/** The same body for both kinds: each calls itself through `self`. */
function chainOf(wrap: (body: Chain) => Chain): () => Chain {
  return () => {
    const self = wrap(function* (depth, count) {
      if (depth > 1) return 1 + (yield* self(depth - 1, count));
      for (let i = 0; i < count; i++) yield;
      return 1 + count;
    });
    return self;
  };
}

const plainChain = chainOf((body) => body);
const coroutineChain = chainOf((body) => coroutine(body) as unknown as Chain);

const peer: Peer = {
  spawn: {
    "generator tasks, yield": spawnGenerators(yieldOnce),
    "generator tasks, yield* sleep(0)": spawnGenerators(sleepOnce),
    "async tasks, await sleep(0)": spawnAsync,
  },
  one: {
    "generator tasks, yield": oneGenerator,
    "async tasks, await sleep(0)": oneAsync,
  },
  gather: {
    "generators, yield": gatherGenerators,
    "async functions, await sleep(0)": gatherAsync,
  },
  timeout: {
    "generators, yield* sleep(0)": timeoutGenerators,
    "async functions, await sleep(0)": timeoutAsync,
  },
  timers: { "callLater, cancelled": armTimers },
  brief: { "generator tasks": sleepBriefly },
  switch: {
    "yield": bareYield,
    "yield* sleep(0)": yieldSleep,
    "await sleep(0)": awaitSleep,
  },
  sleep: {
    "generator tasks": sleepGenerators,
    "async tasks": sleepAsync,
  },
  memory: {
    "generator tasks": weigh((future) => createTask(waitFor(future))),
    "async tasks": weigh((future) => createTask(() => waitForAsync(future))),
  },
  chain: {
    "coroutine(), 1 deep": resume(1, coroutineChain),
    "coroutine(), 100 deep": resume(100, coroutineChain),
    "plain generators, 1 deep": resume(1, plainChain),
    "plain generators, 100 deep": resume(100, plainChain),
  },
};

export default peer;
