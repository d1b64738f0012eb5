/** This module's pools. @module */

import {
  ProcessPoolExecutor,
  ThreadPoolExecutor,
  transfer,
  workerModule,
} from "../../executors/mod.ts";
import type { Peer } from "../_harness/peer.ts";
import { type Pool, WORKERS } from "./pool.ts";
import { inCases } from "./work.ts";
import type * as Jobs from "./jobs.ts";

const jobs = workerModule<typeof Jobs>(new URL("./jobs.ts", import.meta.url));

function give(buffer: ArrayBuffer): ArrayBuffer {
  // What `transfer` makes, without loading the module in the worker.
  return {
    [Symbol.for("@aio/asyncio.transfer")]: buffer,
    list: [buffer],
  } as unknown as ArrayBuffer;
}

function offer(pool: ThreadPoolExecutor | ProcessPoolExecutor): Pool {
  return {
    noop: (value) => pool.submit(jobs.noop, value),
    first: (value) => pool.submit((value: unknown) => value, value),
    block: (ms) => pool.submit(jobs.block, ms),
    buffer: (buffer) => pool.submit(give, transfer(buffer, [buffer])),
    stop: () => pool.shutdown(),
  };
}

/** By name. */
export const pools = {
  ThreadPoolExecutor: (): Pool => offer(new ThreadPoolExecutor({ maxWorkers: WORKERS })),
  ProcessPoolExecutor: (): Pool => offer(new ProcessPoolExecutor({ maxWorkers: WORKERS })),
};

const peer: Peer = inCases(pools);

export default peer;
