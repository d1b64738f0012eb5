/** workerpool. @module */

import workerpool from "workerpool";
import type { Peer } from "../_harness/peer.ts";
import { type Pool, WORKERS } from "./pool.ts";
import { inCases } from "./work.ts";

function start(): Pool {
  const pool = workerpool.pool(new URL("./peer_workers/workerpool.mjs", import.meta.url).pathname, {
    minWorkers: WORKERS,
    maxWorkers: WORKERS,
    workerType: "thread",
  });
  return {
    noop: (value) => pool.exec("noop", [value]) as unknown as Promise<unknown>,
    block: (ms) => pool.exec("block", [ms]) as unknown as Promise<unknown>,
    stop: () => pool.terminate(),
  };
}

const peer: Peer = inCases({ pool: start });

export default peer;
