/**
 * The guide's `submit()`: work that goes straight to a pool, without an event loop, and
 * `as_completed` to wait for it.
 *
 * @module
 */

import { asCompleted, ProcessPoolExecutor, workerModule } from "@aio/asyncio/executors";

const jobs = workerModule<typeof import("./_jobs.ts")>(new URL("./_jobs.ts", import.meta.url));

async function doSomething() {
  await using pool = new ProcessPoolExecutor();
  const future = pool.submit(jobs.slowOp, "a", "b", "c");

  for await (const fut of asCompleted([future])) {
    console.assert(future.done() && !future.cancelled());
    console.log(`got the result from slowOp: ${fut.result()}`);
  }
}

console.log("program started");
await doSomething();
console.log("program complete");
