/** Measures one contender in one case, in this process, and prints JSON. @module */

import type { Contender, MakeContender } from "./contender.ts";
import * as ours from "./ours.ts";
import * as peers from "./peers.ts";
import * as raw from "./raw.ts";

declare const process: { argv: string[]; exit(code: number): never };

const MAKERS: Record<string, MakeContender> = {
  "ThreadPoolExecutor": ours.threads,
  "ProcessPoolExecutor": ours.processes,
  "postMessage": raw.threads,
  "one worker": raw.oneThread,
  "one at a time": raw.oneAtATime,
  "fork IPC": raw.processes,
  "piscina": () => peers.piscina(),
  "piscina, concurrent": peers.piscinaConcurrent,
  "tinypool": peers.tinypool,
  "workerpool": peers.workerpool,
  "poolifier": peers.poolifier,
  "comlink": peers.comlink,
};

/** So many calls are under way in the cases that measure throughput. */
const IN_FLIGHT = 1000;

const CASES: Record<string, (pool: Contender) => Promise<number>> = {
  noop: (pool) => throughput(pool, (i) => i),
  object: (pool) => throughput(pool, makeObject),
  process: (pool) => throughput(pool, (i) => i),
  latency: async (pool) => {
    for (let i = 0; i < 500; i++) await pool.noop(i);
    const took = await time(async () => {
      for (let i = 0; i < 3000; i++) await pool.noop(i);
    });
    return took / 3000 * 1000;
  },
  buffer: async (pool) => {
    let buffer = new ArrayBuffer(1 << 20);
    const round = async (): Promise<void> => {
      const sent = buffer;
      buffer = await pool.buffer!(sent);
      if (sent.byteLength !== 0 || buffer.byteLength !== 1 << 20) {
        throw new Error("not handed over");
      }
    };
    for (let i = 0; i < 200; i++) await round();
    return await time(async () => {
      for (let i = 0; i < 1000; i++) await round();
    });
  },
  mixed: async (pool) => {
    // Every tenth is slow; both workers have seen some before.
    const jobs = Array.from({ length: 300 }, (_, i) => i % 10 === 7 ? 20 : 0);
    await Promise.all(jobs.slice(0, 40).map((ms) => pool.block!(ms)));
    return await time(async () => void await Promise.all(jobs.map((ms) => pool.block!(ms))));
  },
};

const [name, contender] = process.argv.slice(2) as [string, string];
const start = performance.now();
const pool = await MAKERS[contender]!();
let value: number;
if (name === "cold") {
  const first = await (pool.first ?? pool.noop)(1);
  if (first !== 1) throw new Error("wrong result");
  value = performance.now() - start;
} else {
  await Promise.all([pool.noop(1), pool.noop(2)]);
  value = await CASES[name]!(pool);
}
console.log(JSON.stringify({ value }));
await pool.stop();
process.exit(0);

async function time(body: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await body();
  return performance.now() - begin;
}

/** Thousands of calls a second, over a second after half a one to warm up. */
async function throughput(pool: Contender, make: (i: number) => unknown): Promise<number> {
  const run = async (duration: number): Promise<number> => {
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
    if (wrong > 0) throw new Error(`${wrong} wrong results`);
    return next / (performance.now() - begin);
  };
  await run(500);
  return await run(1000);
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
