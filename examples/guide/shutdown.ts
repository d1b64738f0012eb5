/**
 * The guide's `shutdown()`: it waits until all work is done, so that the future is `done()`
 * afterwards; with `wait: false` it isn't yet.
 *
 * @module
 */

import { ThreadPoolExecutor, workerModule } from "@aio/asyncio/executors";

const jobs = workerModule<typeof import("./_jobs.ts")>(new URL("./_jobs.ts", import.meta.url));

async function doSomething() {
  const pool = new ThreadPoolExecutor({ maxWorkers: 5 });
  const future = pool.submit(jobs.blockingIO, 100_000);

  await pool.shutdown();

  console.log(`done: ${future.done()}, cancelled: ${future.cancelled()}`);
  console.log(`got the result from slowOp: ${future.result().length}`);
}

async function doSomethingWithoutWaiting() {
  const pool = new ThreadPoolExecutor({ maxWorkers: 5 });
  const future = pool.submit(jobs.blockingIO, 100_000);

  await pool.shutdown({ wait: false });

  console.log(`without wait, done: ${future.done()}`);
  try {
    future.result();
  } catch (error) {
    console.log((error as Error).name);
  }
  console.log(`awaited: ${(await future).length}`);
}

console.log("program started");
await doSomething();
await doSomethingWithoutWaiting();
console.log("program complete");
