/** What is asked of each pool. @module */

import type { Contender, Peer, Sample } from "../_harness/peer.ts";
import type { MakePool, Pool } from "./pool.ts";

/** So many calls are under way in the cases that measure throughput. */
const IN_FLIGHT = 1000;

/** All that is asked of a pool; each makes its pool, warms it up, and stops it in the end. */
const CASES: Record<string, (make: MakePool) => Contender> = {
  noop: warm((pool, n) => throughput(pool, n, (i) => i)),
  object: warm((pool, n) => throughput(pool, n, makeObject)),
  process: warm((pool, n) => throughput(pool, n, (i) => i)),
  latency: warm(async (pool, n) => {
    for (let i = 0; i < n / 6; i++) await pool.noop(i);
    const start = performance.now();
    let wrong = 0;
    for (let i = 0; i < n; i++) {
      if (await pool.noop(i) !== i) wrong++;
    }
    return { value: performance.now() - start, check: wrong };
  }),
  buffer: warm(async (pool, n) => {
    let buffer = new ArrayBuffer(1 << 20);
    let wrong = 0;
    const round = async (): Promise<void> => {
      const sent = buffer;
      buffer = await pool.buffer!(sent);
      if (sent.byteLength !== 0 || buffer.byteLength !== 1 << 20) wrong++;
    };
    for (let i = 0; i < n / 5; i++) await round();
    const start = performance.now();
    for (let i = 0; i < n; i++) await round();
    return { value: performance.now() - start, check: wrong };
  }),
  mixed: warm(async (pool, n) => {
    // Every tenth is slow; both workers have seen some before.
    const jobs = Array.from({ length: n }, (_, i) => i % 10 === 7 ? 20 : 0);
    await Promise.all(jobs.slice(0, 40).map((ms) => pool.block!(ms)));
    const start = performance.now();
    const results = await Promise.all(jobs.map((ms) => pool.block!(ms)));
    const value = performance.now() - start;
    return { value, check: results.filter((ms, i) => ms !== jobs[i]).length };
  }),
  cold: (make) => async () => {
    const start = performance.now();
    const pool = await make();
    const first = await (pool.first ?? pool.noop)(1);
    const value = performance.now() - start;
    await stop(pool);
    return { value, check: first === 1 ? 0 : 1 };
  },
};

/** A library's contenders: each of its pools in every case. */
export function inCases(pools: Record<string, MakePool>): Peer {
  const contenders = (contend: (make: MakePool) => Contender) =>
    Object.fromEntries(Object.entries(pools).map(([name, make]) => [name, contend(make)]));
  return Object.fromEntries(
    Object.entries(CASES).map(([name, contend]) => [name, contenders(contend)]),
  );
}

/** With a pool whose workers have started. */
function warm(measure: (pool: Pool, n: number) => Promise<Sample>) {
  return (make: MakePool) => async (n: number): Promise<Sample> => {
    const pool = await make();
    await Promise.all([pool.noop(1), pool.noop(2)]);
    const sample = await measure(pool, n);
    await stop(pool);
    return sample;
  };
}

/** Stops a pool; some never say that they have stopped. */
async function stop(pool: Pool): Promise<void> {
  const patience = new Promise((resolve) => setTimeout(resolve, 500));
  await Promise.race([patience, new Promise((resolve) => resolve(pool.stop()))]).catch(() => {});
}

/** As many calls as there can be in so many milliseconds, after half of that to warm up. */
async function throughput(
  pool: Pool,
  milliseconds: number,
  make: (i: number) => unknown,
): Promise<Sample> {
  const run = async (duration: number): Promise<Sample> => {
    const begin = performance.now();
    let next = 0;
    let wrong = 0;
    const lane = async (): Promise<void> => {
      while (performance.now() < begin + duration) {
        const i = next++;
        const sent = make(i);
        const got = await pool.noop(sent);
        if (typeof sent === "number" ? got !== sent : (got as { id: number }).id !== i) wrong++;
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    return { value: performance.now() - begin, n: next, check: wrong };
  };
  await run(milliseconds / 2);
  return await run(milliseconds);
}

function makeObject(id: number): unknown {
  return {
    id,
    name: `item ${id}`.padEnd(120, "."),
    tags: ["red", "green", "blue"],
    place: { x: id, y: id * 2, city: `city ${id}`.padEnd(200, "-") },
    lines: [1, 2, 3, 4].map((n) => ({
      n,
      text: `line ${n} of ${id}`.padEnd(120, " "),
      done: true,
    })),
  };
}
