/**
 * Runs one contender in this process: `worker.ts SUBJECT CASE PEER CONTENDER PLAN`, and
 * prints its samples as JSON. `python.py` does the same.
 *
 * All contenders are treated alike: a part of a run, from which it is told how long one
 * takes; whole runs until the compilers are done; then those that count. One that would
 * take seconds for a run does a tenth of it, which is to its advantage, as its heap stays
 * smaller.
 *
 * @module
 */

import { argv, cpuUsage, exit } from "node:process";
import type { Contender, Peer, Plan, Report, Sample } from "./peer.ts";

async function repeat(
  most: number,
  enough: number,
  measure: () => Promise<Sample>,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const start = performance.now();
  while (samples.length < most && (samples.length === 0 || performance.now() - start < enough)) {
    const before = cpuUsage();
    const sample = await measure();
    const { user, system } = cpuUsage(before);
    samples.push({ ...sample, cpu: (user + system) / 1000 });
  }
  return samples;
}

async function measure(contender: Contender, plan: Plan): Promise<Report> {
  let n = plan.size;
  if (plan.patience !== null) {
    const probe = n / (plan.once ? 100 : 10);
    const start = performance.now();
    await contender(probe);
    const took = (performance.now() - start) * n / probe;
    if (took >= plan.patience) n /= 10;
  }
  if (plan.once) return { n, samples: [await contender(n)] };
  await repeat(Infinity, plan.warmUp, () => contender(n));
  return { n, samples: await repeat(plan.most, plan.enough, () => contender(n)) };
}

const [subject, caseName, peerName, name, plan] = argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const { default: peer }: { default: Peer } = await import(`../_${subject}/${peerName}.ts`);
const contender = peer[caseName]?.[name];
if (contender === undefined) throw new TypeError(`No contender ${argv.slice(2, 6).join(" / ")}`);
const report = await measure(contender, JSON.parse(plan));
console.log(JSON.stringify(report));
// What a contender leaves behind, such as the workers of a pool, doesn't keep the process.
exit(0);
