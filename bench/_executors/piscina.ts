/** piscina, as it comes or with calls waiting at its workers. @module */

import { Piscina } from "piscina";
import type { Peer } from "../_harness/peer.ts";
import { type Pool, WORKERS } from "./pool.ts";
import { inCases } from "./work.ts";

/** Calls may wait at a worker, which suits quick ones. */
const CONCURRENT = 500;

function start(concurrentTasksPerWorker: number): Pool {
  const pool = new Piscina({
    filename: new URL("./peer_workers/plain.mjs", import.meta.url).href,
    minThreads: WORKERS,
    maxThreads: WORKERS,
    concurrentTasksPerWorker,
  });
  return {
    noop: (value) => pool.run(value, { name: "noop" }),
    block: (ms) => pool.run(ms, { name: "block" }),
    stop: () => pool.destroy(),
  };
}

const peer: Peer = inCases({
  "one call at a time": () => start(1),
  "concurrent": () => start(CONCURRENT),
});

export default peer;
