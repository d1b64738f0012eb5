/** This module. @module */

import {
  createTask,
  Future,
  Lock,
  mapConcurrent,
  Queue,
  run,
  Semaphore,
  sleep,
  type Task,
} from "../../mod.ts";
import type { Peer, Sample } from "../_harness/peer.ts";
import { job, numbers, shuffled, sumOf } from "./work.ts";

function queueInGenerators(n: number): Promise<Sample> {
  return run(function* () {
    const queue = new Queue<number>(100);
    const start = performance.now();
    const producer = createTask(function* () {
      for (let i = 0; i < n; i++) yield* queue.put(i);
    });
    let sum = 0;
    for (let i = 0; i < n; i++) sum += yield* queue.get();
    yield* producer;
    return { value: performance.now() - start, check: sum };
  });
}

function queueInAsync(n: number): Promise<Sample> {
  return run(async () => {
    const queue = new Queue<number>(100);
    const start = performance.now();
    const producer = createTask(async () => {
      for (let i = 0; i < n; i++) await queue.put(i);
    });
    let sum = 0;
    for (let i = 0; i < n; i++) sum += await queue.get();
    await producer;
    return { value: performance.now() - start, check: sum };
  });
}

function queueForAwait(n: number): Promise<Sample> {
  return run(async () => {
    const queue = new Queue<number>(100);
    const start = performance.now();
    const producer = createTask(async () => {
      for (let i = 0; i < n; i++) await queue.put(i);
      queue.shutdown();
    });
    let sum = 0;
    for await (const item of queue) sum += item;
    await producer;
    return { value: performance.now() - start, check: sum };
  });
}

function lockInGenerator(lock: Lock | Semaphore, n: number): Promise<Sample> {
  return run(function* () {
    const start = performance.now();
    let count = 0;
    for (let i = 0; i < n; i++) {
      yield* lock.acquire();
      count++;
      lock.release();
    }
    return { value: performance.now() - start, check: count };
  });
}

function lockInAsync(lock: Lock | Semaphore, n: number): Promise<Sample> {
  return run(async () => {
    const start = performance.now();
    let count = 0;
    for (let i = 0; i < n; i++) {
      await lock.acquire();
      count++;
      lock.release();
    }
    return { value: performance.now() - start, check: count };
  });
}

function mapToArray(fn: typeof job | typeof generatorJob, n: number): Promise<Sample> {
  const items = numbers(n);
  return run(function* () {
    const start = performance.now();
    return sumOf(yield* mapConcurrent(items, fn, { concurrency: 10 }).toArray(), start);
  });
}

// deno-lint-ignore require-yield
function* generatorJob(n: number): Generator<never, number, unknown> {
  return n + 1;
}

function mapForAwait(n: number): Promise<Sample> {
  const items = numbers(n);
  return run(async () => {
    const start = performance.now();
    const results: number[] = [];
    for await (const result of mapConcurrent(items, job, { concurrency: 10 })) {
      results.push(result);
    }
    return sumOf(results, start);
  });
}

function waiters(n: number): Promise<Sample> {
  return run(function* () {
    const semaphore = new Semaphore(0);
    const order = shuffled(n);
    const tasks: Task<unknown>[] = [];
    for (let i = 0; i < n; i++) tasks.push(createTask(semaphore.acquire()));
    yield* sleep(0);
    const start = performance.now();
    // In each step one random task is cancelled and the first in the line released.
    for (let i = 0, left = n / 2; left > 0; i++) {
      const task = tasks[order[i]!]!;
      if (task.done()) continue;
      task.cancel();
      semaphore.release();
      left--;
      yield;
      yield;
    }
    const value = performance.now() - start;
    const cancelled = tasks.filter((task) => task.cancelled()).length;
    const served = tasks.filter((task) => task.done()).length - cancelled;
    return { value, check: `${served}+${cancelled}` };
  });
}

/** The same with a future for each: what tasks and the size of the heap cost. */
function futures(n: number): Promise<Sample> {
  return run(function* () {
    const order = shuffled(n);
    const each = numbers(n).map(() => new Future<void>());
    const tasks = each.map((future) =>
      createTask(function* () {
        yield* future;
      })
    );
    yield* sleep(0);
    const start = performance.now();
    for (let i = 0; i < n; i += 2) {
      tasks[order[i]!]!.cancel();
      each[order[i + 1]!]!.setResult();
      yield;
      yield;
    }
    const value = performance.now() - start;
    const cancelled = tasks.filter((task) => task.cancelled()).length;
    const served = tasks.filter((task) => task.done()).length - cancelled;
    return { value, check: `${served}+${cancelled}` };
  });
}

const peer: Peer = {
  queue: {
    "generators": queueInGenerators,
    "async functions": queueInAsync,
    "async functions, for await": queueForAwait,
  },
  lock: {
    "Lock, generator": (n) => lockInGenerator(new Lock(), n),
    "Semaphore, generator": (n) => lockInGenerator(new Semaphore(1), n),
    "Lock, async function": (n) => lockInAsync(new Lock(), n),
    "Semaphore, async function": (n) => lockInAsync(new Semaphore(1), n),
  },
  map: {
    "async function, toArray()": (n) => mapToArray(job, n),
    "generator function, toArray()": (n) => mapToArray(generatorJob, n),
    "async function, for await": mapForAwait,
  },
  waiters: {
    "1,000 waiters": waiters,
    "10,000 waiters": waiters,
    "100,000 waiters": waiters,
    "1,000 waiters with no semaphore": futures,
    "100,000 waiters with no semaphore": futures,
  },
};

export default peer;
