/** A job writes much. Arguments: the kind, and how the pool ends. @module */

import { ProcessPoolExecutor, ThreadPoolExecutor } from "../../../executors/mod.ts";

declare const process: { argv: string[] };

const [kind, how] = process.argv.slice(2);
const Pool = kind === "thread" ? ThreadPoolExecutor : ProcessPoolExecutor;
const pool = new Pool({ maxWorkers: 1 });
await pool.submit(() => {
  for (let i = 0; i < 2000; i++) console.log(`line ${i} ${"-".repeat(60)}`);
  console.error("error 1");
});
if (how === "shutdown") await pool.shutdown();
if (how === "terminate") await pool.terminate();
