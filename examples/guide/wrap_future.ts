/**
 * The guide's `asyncio.wrap_future`: makes what a pool returns something that tasks can
 * wait for, here two at once with `gather`.
 *
 * @module
 */

import { gather, run, wrapFuture } from "@aio/asyncio";
import { ThreadPoolExecutor, workerModule } from "@aio/asyncio/executors";
import { randrange } from "./_seconds.ts";

const jobs = workerModule<typeof import("./_jobs.ts")>(new URL("./_jobs.ts", import.meta.url));
const pool = new ThreadPoolExecutor({ maxWorkers: 3 });

async function doit() {
  const identify = 1 + randrange(100);
  const future = pool.submit(jobs.returnAfter5Secs, `result: ${identify}`);
  const awaitable = wrapFuture(future);
  console.log(`waiting result: ${identify}`);
  return await awaitable;
}

async function app() {
  // Run some stuff multiple times.
  const tasks = [() => doit(), () => doit()];

  const result = await gather(tasks);
  console.log(result);
}

console.log("waiting app");
await run(app);
