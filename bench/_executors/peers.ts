/** Other people's pools, with the options that serve them best here. @module */

import { type Contender, WORKERS } from "./contender.ts";

const here = (name: string): string => new URL(`./peer_workers/${name}`, import.meta.url).href;
const path = (name: string): string => new URL(`./peer_workers/${name}`, import.meta.url).pathname;

/** Calls may wait at a worker, which suits quick ones. */
const CONCURRENT = 500;

/** piscina, as it comes or with calls waiting at its workers. */
export async function piscina(concurrent = 1): Promise<Contender> {
  const { Piscina } = await import("piscina");
  const pool = new Piscina({
    filename: here("plain.mjs"),
    minThreads: WORKERS,
    maxThreads: WORKERS,
    concurrentTasksPerWorker: concurrent,
  });
  return {
    noop: (value) => pool.run(value, { name: "noop" }),
    block: (ms) => pool.run(ms, { name: "block" }),
    stop: () => pool.destroy(),
  };
}

/** piscina with calls waiting at its workers. */
export const piscinaConcurrent = (): Promise<Contender> => piscina(CONCURRENT);

/** tinypool. */
export async function tinypool(): Promise<Contender> {
  const { Tinypool } = await import("tinypool");
  const pool = new Tinypool({
    filename: here("plain.mjs"),
    minThreads: WORKERS,
    maxThreads: WORKERS,
    concurrentTasksPerWorker: CONCURRENT,
  });
  return {
    noop: (value) => pool.run(value, { name: "noop" }),
    block: (ms) => pool.run(ms, { name: "block" }),
    stop: () => pool.destroy(),
  };
}

/** workerpool. */
export async function workerpool(): Promise<Contender> {
  const { default: module } = await import("workerpool");
  const pool = module.pool(path("workerpool.mjs"), {
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

/** poolifier. */
export async function poolifier(): Promise<Contender> {
  const { FixedThreadPool } = await import("poolifier");
  const pool = new FixedThreadPool(WORKERS, path("poolifier.mjs"));
  return {
    noop: (value) => pool.execute(value, "noop"),
    block: (ms) => pool.execute(ms, "block"),
    stop: () => pool.destroy(),
  };
}

/** comlink: no pool, so its two workers take turns. */
export async function comlink(): Promise<Contender> {
  const { wrap } = await import("comlink");
  if ("Deno" in globalThis || "Bun" in globalThis) {
    const workers = Array.from(
      { length: WORKERS },
      () => new Worker(here("comlink.mjs"), { type: "module" }),
    );
    return contendComlink(
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
  return contendComlink(
    workers.map((worker) => wrap(nodeEndpoint(worker))),
    () => workers.forEach((worker) => worker.terminate()),
  );
}

function contendComlink(remotes: unknown[], stop: () => void): Contender {
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
