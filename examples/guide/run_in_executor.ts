/**
 * The guide's "Executors": work that would block the event loop, in the default executor,
 * in a pool of threads, and in a pool of processes.
 *
 * @module
 */

import { getRunningLoop, run } from "@aio/asyncio";
import { ProcessPoolExecutor, ThreadPoolExecutor, workerModule } from "@aio/asyncio/executors";

const jobs = workerModule<typeof import("./_jobs.ts")>(new URL("./_jobs.ts", import.meta.url));

async function main() {
  const loop = getRunningLoop();

  // 1. Run in the default loop's executor:
  const bytes = await loop.runInExecutor(null, jobs.blockingIO);
  console.log("default thread pool", bytes.length, "bytes");

  // 2. Run in a custom thread pool:
  {
    await using pool = new ThreadPoolExecutor();
    const bytes = await loop.runInExecutor(pool, jobs.blockingIO);
    console.log("custom thread pool", bytes.length, "bytes");
  }

  // 3. Run in a custom process pool:
  {
    await using pool = new ProcessPoolExecutor();
    const sum = await loop.runInExecutor(pool, jobs.cpuBound);
    console.log(`custom process pool ${sum}`);
  }
}

await run(main);
