/** A job's timer throws when its worker is idle; nobody listens. Argument: the kind. @module */

import { ProcessPoolExecutor, ThreadPoolExecutor } from "../../../executors/mod.ts";
import { jobs } from "../_contract_jobs.ts";

declare const process: { argv: string[] };

const Pool = process.argv[2] === "thread" ? ThreadPoolExecutor : ProcessPoolExecutor;
await using pool = new Pool({ maxWorkers: 1 });
await pool.submit(jobs.returnThenThrow, 10);
while (pool.stats().crashes === 0) await new Promise((resolve) => setTimeout(resolve, 10));
