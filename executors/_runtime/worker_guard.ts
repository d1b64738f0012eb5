/**
 * The guard of a worker process: a thread beside that of the jobs, which listens while a job
 * doesn't.
 *
 * - When the pool's process is gone, so is its end of the line; then the guard ends this
 *   process, whatever it does.
 * - It takes back calls that haven't started, and marks one that is to stop, in memory that
 *   it shares with the jobs' thread, as a pool of threads does itself.
 */

import {
  CONTROL_ABORTED,
  CONTROL_LIMIT,
  CONTROL_LIMITED,
  CONTROL_STARTED,
} from "../_wire/protocol.ts";
import { builtin, runtime } from "./builtins.ts";
import { ABORT, GUARD_FILE, readWords, RECALL, writeWords } from "./guard_line.ts";

interface Line {
  on(event: string, listener: (value: never) => void): void;
  write(data: Uint8Array): void;
  connect(options: { fd: number }): void;
}
interface NodeNet {
  Socket: new (options: Record<string, unknown>) => Line;
}
interface NodeThreads {
  Worker: new (source: string, options: Record<string, unknown>) => {
    on(event: string, listener: () => void): void;
    unref(): void;
  };
}
declare const process: {
  pid: number;
  kill(pid: number, signal: string): void;
  getBuiltinModule(name: string): unknown;
};

/** How long this process has to end by itself when its pool is gone. */
const GRACE = 250;

/** How long a store that isn't fenced may take to be seen: far less than this. */
const SETTLES = 1;

const WORDS = {
  ABORT,
  GUARD_FILE,
  RECALL,
  CONTROL_ABORTED,
  CONTROL_LIMIT,
  CONTROL_LIMITED,
  CONTROL_STARTED,
  GRACE,
  SETTLES,
};

/** Starts it, if this runtime will; a worker can do without. */
export function startGuard(control: SharedArrayBuffer): void {
  const functions = `${readWords}\n${writeWords}\n`;
  const words = JSON.stringify(WORDS);
  try {
    if (runtime === "node") {
      const { Worker } = builtin<NodeThreads>("node:worker_threads")!;
      const data = 'process.getBuiltinModule("node:worker_threads").workerData';
      // Not what users have loaded into each thread.
      const options = { eval: true, workerData: control, execArgv: [], env: {} };
      const thread = new Worker(`${functions}(${guard})(${data}, ${words});`, options);
      thread.on("error", () => {});
      thread.unref();
      return;
    }
    const source = `${functions}onmessage = ({ data }) => (${guard})(data, ${words});`;
    const options = { type: "module", smol: true } as WorkerOptions;
    const thread = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, options);
    thread.onerror = (event) => event.preventDefault();
    thread.postMessage(control);
    (thread as { unref?(): void }).unref?.();
  } catch {
    // A process that may have no threads is only not watched while it is busy.
  }
}

/** Runs in the thread, from its text: it can use nothing but what it is given there. */
function guard(memory: SharedArrayBuffer, words: typeof WORDS): void {
  const control = new Int32Array(memory);
  const { Socket } = process.getBuiltinModule("node:net") as NodeNet;
  const line = new Socket({ fd: words.GUARD_FILE, readable: true, writable: true });
  const listen = readWords((op, a, b) => {
    if (op === words.ABORT) Atomics.store(control, words.CONTROL_ABORTED, (a + 1) | 0);
    if (op !== words.RECALL) return;
    Atomics.store(control, words.CONTROL_LIMIT, a);
    Atomics.store(control, words.CONTROL_LIMITED, 1);
    // The jobs' thread marks a call as started first and looks for the limit then, but without
    // a fence. What isn't marked in a while will be skipped.
    setTimeout(() => {
      const started = Atomics.load(control, words.CONTROL_STARTED);
      line.write(writeWords(op, ((a - started) | 0) > 0 ? a : started, b));
    }, words.SETTLES);
  });
  // On Bun a socket made of a file is idle until then.
  if ("Bun" in globalThis) line.connect({ fd: words.GUARD_FILE });
  line.on("data", listen);
  line.on("error", () => {});
  line.on("close", () => {
    setTimeout(() => process.kill(process.pid, "SIGKILL"), words.GRACE);
  });
}
