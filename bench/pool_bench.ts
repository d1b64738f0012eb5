/** Calls of pools of two: many at once, and one after the other. @module */

import { pools as bare } from "./_executors/bare.ts";
import { pools as ours } from "./_executors/ours.ts";
import type { MakePool, Pool } from "./_executors/pool.ts";
import { group } from "./_harness/suite.ts";

/** A pool whose workers have started, made when it is first used; it ends with the process. */
function starting(make: MakePool): () => Promise<Pool> {
  let started: Promise<Pool> | undefined;
  return () =>
    started ??= (async () => {
      const pool = await make();
      await Promise.all([pool.noop(1), pool.noop(2)]);
      return pool;
    })();
}

const POOLS: [kind: string, baseline: string, Record<string, () => Promise<Pool>>][] = [
  ["thread", "bare threads", {
    "bare threads": starting(bare.threads),
    "ThreadPoolExecutor": starting(ours.ThreadPoolExecutor),
  }],
  ["process", "bare processes", {
    "bare processes": starting(bare.processes),
    "ProcessPoolExecutor": starting(ours.ProcessPoolExecutor),
  }],
];

async function many(pool: Pool): Promise<void> {
  const calls = Array.from({ length: 1000 }, (_, i) => pool.noop(i));
  const results = await Promise.all(calls);
  if (results.some((result, i) => result !== i)) throw new Error("wrong result");
}

async function oneByOne(pool: Pool): Promise<void> {
  for (let i = 0; i < 20; i++) {
    if (await pool.noop(i) !== i) throw new Error("wrong result");
  }
}

for (const [kind, baseline, pools] of POOLS) {
  for (const [title, body] of [["1,000 × at once", many], ["20 × in turn", oneByOne]] as const) {
    const bodies = Object.entries(pools).map(([name, start]) =>
      [name, async () => body(await start())] as const
    );
    await group(`${title}: a call of a ${kind}`, baseline, Object.fromEntries(bodies));
  }
}
