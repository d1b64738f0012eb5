/** Bare workers and processes: a message and a promise for each call. @module */

import type { Peer } from "../_harness/peer.ts";
import { type Pool, WORKERS } from "./pool.ts";
import { inCases } from "./work.ts";

declare const process: { getBuiltinModule(name: string): never; execPath: string };

interface Line {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  stop(): void;
}

type Listen = (listener: (message: [number, unknown]) => void) => Line;

const BODY = `
const block = (ms) => { const end = performance.now() + ms; while (performance.now() < end); return ms; };
const answer = ([id, job, value]) => [id, job === "block" ? block(value) : value];
`;

const isDeno = "Deno" in globalThis;
const isNode = !isDeno && !("Bun" in globalThis);
const dataUrl = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`;

function startThread(): Listen {
  if (isNode) {
    const { Worker } = process.getBuiltinModule("node:worker_threads") as {
      Worker: new (url: URL) => {
        on(event: string, listener: (message: [number, unknown]) => void): void;
        postMessage(message: unknown, transfer: ArrayBuffer[]): void;
        terminate(): void;
      };
    };
    const worker = new Worker(
      new URL(dataUrl(`
      import { parentPort } from "node:worker_threads";${BODY}
      parentPort.on("message", (m) => {
        const reply = answer(m);
        parentPort.postMessage(reply, reply[1] instanceof ArrayBuffer ? [reply[1]] : []);
      });`)),
    );
    return (listener) => {
      worker.on("message", listener);
      return { post: (m, t) => worker.postMessage(m, t), stop: () => worker.terminate() };
    };
  }
  const worker = new Worker(
    dataUrl(`${BODY}
      self.onmessage = ({ data }) => {
        const reply = answer(data);
        self.postMessage(reply, reply[1] instanceof ArrayBuffer ? [reply[1]] : []);
      };`),
    { type: "module" },
  );
  return (listener) => {
    worker.onmessage = ({ data }) => listener(data);
    return { post: (m, t) => worker.postMessage(m, t), stop: () => worker.terminate() };
  };
}

function startProcess(): Listen {
  const { spawn } = process.getBuiltinModule("node:child_process") as {
    spawn(path: string, args: string[], options: unknown): {
      on(event: string, listener: (message: [number, unknown]) => void): void;
      send(message: unknown): void;
      kill(): void;
    };
  };
  const source = `import process from "node:process";${BODY}
    process.on("message", (m) => process.send(answer(m)));
    process.on("disconnect", () => process.exit(0));`;
  const args = isDeno
    ? ["run", "-A", "--quiet", dataUrl(source)]
    : isNode
    ? ["--input-type=module", "-e", source]
    : ["-e", source];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
  });
  return (listener) => {
    child.on("message", listener);
    return { post: (message) => child.send(message), stop: () => child.kill() };
  };
}

function start(open: () => Listen, count = WORKERS): Pool {
  const waiting = new Map<number, (value: never) => void>();
  let next = 0;
  const lines = Array.from({ length: count }, () =>
    open()(([id, value]) => {
      waiting.get(id)!(value as never);
      waiting.delete(id);
    }));
  const call = <T>(job: string, value: unknown, transfer: ArrayBuffer[] = []): Promise<T> =>
    new Promise((resolve) => {
      const id = next++;
      waiting.set(id, resolve);
      lines[id % count]!.post([id, job, value], transfer);
    });
  return {
    noop: (value) => call("noop", value),
    block: (ms) => call("block", ms),
    buffer: (buffer) => call("noop", buffer, [buffer]),
    stop: () => lines.forEach((line) => line.stop()),
  };
}

/** Bare threads that are handed one call at a time, so that none waits behind another. */
function oneAtATime(): Pool {
  const pools = Array.from({ length: WORKERS }, () => start(startThread, 1));
  const free = [...pools];
  const queue: ((pool: Pool) => void)[] = [];
  const run = async (job: (pool: Pool) => PromiseLike<unknown>): Promise<unknown> => {
    const pool = free.pop() ?? await new Promise<Pool>((resolve) => queue.push(resolve));
    const value = await job(pool);
    const next = queue.shift();
    if (next === undefined) free.push(pool);
    else next(pool);
    return value;
  };
  return {
    noop: (value) => run((pool) => pool.noop(value)),
    block: (ms) => run((pool) => pool.block!(ms)),
    stop: () => pools.forEach((pool) => pool.stop()),
  };
}

/** By name. */
export const pools = {
  "threads": (): Pool => start(startThread),
  // For the cold start.
  "one thread": (): Pool => start(startThread, 1),
  "one call at a time": (): Pool => oneAtATime(),
  "processes": (): Pool => start(startProcess),
};

const peer: Peer = inCases(pools);

export default peer;
