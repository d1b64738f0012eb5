/** Uses a pool and never shuts it down. Arguments: the kind, and what to do. */

import { ProcessPoolExecutor, ThreadPoolExecutor } from "../../../executors/mod.ts";
import { jobs } from "../_contract_jobs.ts";
import { childrenOf, ownPid } from "../_runtimes.ts";

declare const process: {
  argv: string[];
  exit(code?: number): never;
  on(event: string, listener: () => void): void;
};

const [kind, what] = process.argv.slice(2);
const Pool = kind === "thread" ? ThreadPoolExecutor : ProcessPoolExecutor;
const pool = new Pool({ maxWorkers: 2 });

switch (what) {
  case "idle":
    console.log(await pool.submit(jobs.add, 1, 2));
    break;
  case "pending":
    // Nobody awaits it, and yet it must be done.
    pool.submit(jobs.sleep, 300, "x").addDoneCallback((future) => console.log(future.result()));
    break;
  case "never":
    break;
  case "cancelled":
    pool.submit(jobs.add, 1, 2).cancel();
    break;
  case "exit":
    await Promise.all([pool.submit(jobs.add, 1, 2), pool.submit(jobs.add, 1, 2)]);
    pool.submit(jobs.spin);
    await new Promise((resolve) => setTimeout(resolve, 300));
    console.log("children", childrenOf(ownPid).join(" "));
    process.exit(0);
    break;
  case "killed":
    await Promise.all([pool.submit(jobs.add, 1, 2), pool.submit(jobs.add, 1, 2)]);
    console.log("children", childrenOf(ownPid).join(" "));
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    break;
  case "busy": {
    const before = await pool.submit(jobs.pid);
    pool.submit(jobs.spin);
    await new Promise((resolve) => setTimeout(resolve, 300));
    console.log("children", before);
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    break;
  }
  case "interrupted": {
    await Promise.all([pool.submit(jobs.sleep, 100, 1), pool.submit(jobs.sleep, 100, 2)]);
    const calls = [pool.submit(jobs.sleep, 800, "slow"), pool.submit(jobs.block, 800)];
    process.on("SIGINT", async () => {
      console.log(...await Promise.all(calls), "crashes", pool.stats().crashes);
      process.exit(0);
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    console.log("ready");
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    break;
  }
  case "first":
    console.log(ownPid, await pool.submit(jobs.sleep, 3000, "still here"));
    break;
  case "spinning":
    await pool.with({ timeout: 50 }).submit(jobs.spin).then(
      () => {},
      (error) => console.log((error as Error).name),
    );
    console.log(await pool.submit(jobs.add, 1, 2));
    await pool.shutdown();
    console.log("abandoned", pool.stats().abandoned);
    process.exit(0);
}
console.log("end");
