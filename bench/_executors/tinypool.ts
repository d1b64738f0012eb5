/** tinypool, with calls waiting at its workers. @module */

import { Tinypool } from "tinypool";
import type { Peer } from "../_harness/peer.ts";
import { type Pool, WORKERS } from "./pool.ts";
import { inCases } from "./work.ts";

function start(): Pool {
  const pool = new Tinypool({
    filename: new URL("./peer_workers/plain.mjs", import.meta.url).href,
    minThreads: WORKERS,
    maxThreads: WORKERS,
    concurrentTasksPerWorker: 500,
  });
  return {
    noop: (value) => pool.run(value, { name: "noop" }),
    block: (ms) => pool.run(ms, { name: "block" }),
    stop: () => pool.destroy(),
  };
}

const peer: Peer = inCases({ Tinypool: start });

export default peer;
