/** poolifier. @module */

import { FixedThreadPool } from "poolifier";
import type { Peer } from "../_harness/peer.ts";
import { type Pool, WORKERS } from "./pool.ts";
import { inCases } from "./work.ts";

function start(): Pool {
  const worker = new URL("./peer_workers/poolifier.mjs", import.meta.url).pathname;
  const pool = new FixedThreadPool(WORKERS, worker);
  return {
    noop: (value) => pool.execute(value, "noop"),
    block: (ms) => pool.execute(ms, "block"),
    stop: () => pool.destroy(),
  };
}

const peer: Peer = inCases({ FixedThreadPool: start });

export default peer;
