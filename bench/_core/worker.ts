/**
 * Runs one contender in this process: `worker.ts PEER CASE CONTENDER N`, and prints its
 * samples as JSON. `python.py` does the same.
 *
 * All contenders are treated alike: half a second to warm up, then up to five runs that
 * count, fewer once a second is over. One that would take seconds for a
 * run does a tenth of N, which is to its advantage, as its heap stays smaller.
 * Memory is weighed once, lest what an earlier run left behind be counted.
 *
 * @module
 */

import { argv } from "node:process";
import type { CaseName, Contender, Peer, Sample } from "./peer.ts";

/** What the worker prints. */
export interface Report {
  /** How many of what the case is about were done in each run. */
  n: number;
  /** The runs that count. */
  samples: Sample[];
}

/** After how long no more runs are made, in milliseconds. */
const ENOUGH = 1000;
/** How long a contender runs before it counts, in milliseconds: compilers take that long. */
const WARM_UP = 500;
/** By an estimate, in milliseconds; more where a small part of it takes more than its share. */
const TOO_LONG: Record<CaseName, number> = { // python.py has the same
  spawn: 4000,
  switch: 4000,
  sleep: 8000,
  memory: 10_000,
  chain: 4000,
};

async function repeat(
  most: number,
  enough: number,
  measure: () => Promise<Sample>,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const start = performance.now();
  while (samples.length < most && performance.now() - start < enough) {
    samples.push(await measure());
  }
  return samples;
}

async function measure(name: CaseName, contender: Contender, size: number): Promise<Report> {
  const isMemory = name === "memory";
  const probe = size / (isMemory ? 100 : 10);
  const start = performance.now();
  await contender(probe);
  const took = (performance.now() - start) * size / probe;
  const n = took < TOO_LONG[name] ? size : size / 10;
  if (isMemory) return { n, samples: [await contender(n)] };
  await repeat(Infinity, WARM_UP, () => contender(n));
  return { n, samples: await repeat(5, ENOUGH, () => contender(n)) };
}

const [peerName, caseName, contenderName, size] = argv.slice(2) as [
  string,
  CaseName,
  string,
  string,
];
const { default: peer }: { default: Peer } = await import(`./${peerName}.ts`);
const contender = peer[caseName]?.[contenderName];
if (contender === undefined) throw new TypeError(`No contender ${argv.slice(2).join(" / ")}`);
console.log(JSON.stringify(await measure(caseName, contender, Number(size))));
