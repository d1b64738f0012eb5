/**
 * Runs one contender in this process: `worker.ts PEER CASE CONTENDER N`, and prints the
 * median of its samples as JSON. `python.py` does the same.
 *
 * All are treated alike: up to three runs to warm up, then up to five that count, fewer
 * of each once a second is over.
 *
 * @module
 */

import { argv } from "node:process";
import type { CaseName } from "./cases.ts";
import type { Peer, Sample } from "./peer.ts";

const ENOUGH = 1000;

async function repeat(most: number, measure: () => Promise<Sample>): Promise<Sample[]> {
  const samples: Sample[] = [];
  const start = performance.now();
  while (samples.length < most && performance.now() - start < ENOUGH) {
    samples.push(await measure());
  }
  return samples;
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
const n = Number(size);
// Small ones are warm only after more runs.
const often = n < 100_000 ? 20 : 1;
await repeat(3 * often, () => contender(n));
console.log(JSON.stringify(await repeat(5 * often, () => contender(n))));
