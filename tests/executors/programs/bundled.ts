/** Is bundled, with `bundled_jobs.ts` as a second entry, and run. */

import { ProcessPoolExecutor, ThreadPoolExecutor, workerModule } from "../../../executors/mod.ts";

const jobs = workerModule<typeof import("./bundled_jobs.ts")>(
  new URL("./bundled_jobs.js", import.meta.url),
);

for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  await using pool = new Pool({ maxWorkers: 1 });
  console.log(await pool.submit(jobs.double, 21), await pool.submit((n: number) => n + 1, 1));
}
