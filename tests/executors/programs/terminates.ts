/** Ends idle workers at once. Argument: the kind. @module */

import { ProcessPoolExecutor, ThreadPoolExecutor } from "../../../executors/mod.ts";
import { jobs } from "../_contract_jobs.ts";

declare const process: { argv: string[] };

const Pool = process.argv[2] === "thread" ? ThreadPoolExecutor : ProcessPoolExecutor;
const pool = new Pool({ maxWorkers: 1, idleTimeout: Infinity });
await pool.submit(jobs.add, 1, 2);
await new Promise((resolve) => setTimeout(resolve, 50));
await pool.terminate();
console.log("terminated", pool.stats().workers);
