/** comlink: no pool, so its two workers take turns. @module */

import { wrap } from "comlink";
import type { Peer } from "../_harness/peer.ts";
import { type Pool, WORKERS } from "./pool.ts";
import { inCases } from "./work.ts";

const here = (name: string): string => new URL(`./peer_workers/${name}`, import.meta.url).href;

async function start(): Promise<Pool> {
  if ("Deno" in globalThis || "Bun" in globalThis) {
    const workers = Array.from(
      { length: WORKERS },
      () => new Worker(here("comlink.mjs"), { type: "module" }),
    );
    return takeTurns(
      workers.map((worker) => wrap(worker)),
      () => workers.forEach((worker) => worker.terminate()),
    );
  }
  const { Worker: NodeWorker } = await import("node:worker_threads");
  const adapter = await import("comlink/dist/esm/node-adapter.mjs");
  // Its types say otherwise.
  const nodeEndpoint = adapter.default as unknown as (worker: unknown) => never;
  const workers = Array.from(
    { length: WORKERS },
    () => new NodeWorker(new URL(here("comlink_node.mjs"))),
  );
  return takeTurns(
    workers.map((worker) => wrap(nodeEndpoint(worker))),
    () => workers.forEach((worker) => worker.terminate()),
  );
}

function takeTurns(remotes: unknown[], stop: () => void): Pool {
  const jobs = remotes as {
    noop(v: unknown): Promise<unknown>;
    block(ms: number): Promise<unknown>;
  }[];
  let next = 0;
  return {
    noop: (value) => jobs[next++ % WORKERS]!.noop(value),
    block: (ms) => jobs[next++ % WORKERS]!.block(ms),
    stop,
  };
}

const peer: Peer = inCases({ wrap: start });

export default peer;
