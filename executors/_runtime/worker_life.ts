/**
 * How a worker begins and ends, beside its jobs.
 *
 * Invariants: what jobs have written is out before a worker ends because it was told to. A
 * process that ends by itself says how far it got. It leaves Ctrl-C to the pool's process,
 * and doesn't outlive that.
 */

import { type EncodedError, encodeError } from "../_wire/error_codec.ts";
import { CONTROL_LIMITED, CONTROL_STARTED, CONTROL_WORDS, OUTPUT, RUN } from "../_wire/protocol.ts";
import type { JobRunner } from "../_worker/job_runner.ts";
import { runtime } from "./builtins.ts";
import { startGuard } from "./worker_guard.ts";

interface Output {
  writableLength: number;
  write(text: string, done: () => void): void;
}
declare const process: {
  connected?: boolean;
  _exiting?: boolean;
  pid: number;
  execArgv: string[];
  stdout: Output;
  stderr: Output;
  on(event: string, listener: (value: unknown) => void): void;
  kill(pid: number, signal: string): void;
  exit(code: number): never;
};

/** Prepares a process, and gives what each message has to pass before the runner has it. */
export function beginProcess(runner: JobRunner): (message: unknown) => unknown {
  // What a job starts by `fork()` would begin with this text too.
  const { execArgv } = process;
  const at = execArgv.indexOf("-e");
  if (at >= 0) execArgv.splice(at, 2);
  if (at >= 0 && execArgv[at - 1] === "--input-type=module") execArgv.splice(at - 1, 1);
  // Ctrl-C goes to every process at a terminal. It is the main program's to act on.
  process.on("SIGINT", () => {});
  process.on("disconnect", leave);
  bidFarewell(runner);
  if (typeof SharedArrayBuffer !== "function") return (message) => message;
  const control = new SharedArrayBuffer(CONTROL_WORDS * 4);
  const words = new Int32Array(control);
  // The pool's process may have ended while this one started.
  if (process.connected === false) leave();
  else startGuard(control);
  runner.beGuarded(control);
  return (message) => {
    // A limit is over when all that it could hold for has been passed.
    const [tag, first] = message as unknown[];
    if (tag === RUN && words[CONTROL_STARTED] === first) Atomics.store(words, CONTROL_LIMITED, 0);
    return message;
  };
}

/** Has a thread tell whether what it wrote is still on its way; to be called with each message. */
export function outputTeller(post: (message: unknown[]) => void): () => void {
  let isTold = false;
  return () => {
    if (isTold || (process.stdout.writableLength === 0 && process.stderr.writableLength === 0)) {
      return;
    }
    isTold = true;
    post([OUTPUT, true]);
    whenWritten(() => {
      isTold = false;
      post([OUTPUT, false]);
    });
  };
}

function whenWritten(then: () => void): void {
  // Deno's is out when it is written.
  if (runtime === "deno") return then();
  let left = 2;
  const done = (): void => {
    if (--left === 0) then();
  };
  process.stdout.write("", done);
  process.stderr.write("", done);
}

/** Ends this worker once what it has written is out. */
export function leave(): void {
  whenWritten(() => process.exit(0));
}

/** Has a process tell, when it ends by itself, how far it got and of which error it ends. */
function bidFarewell(runner: JobRunner): void {
  let last: EncodedError | null = null;
  const say = (): void => {
    try {
      runner.farewell(last);
      queueMicrotask(stillHere);
    } catch {
      // The pool is gone, or the channel is.
    }
  };
  const stillHere = (): void => {
    // Where an exit failed, as a listener threw, Node does next to nothing any more.
    if (process._exiting === true && runtime === "node") process.kill(process.pid, "SIGKILL");
    // Else a job's own listener took care of it.
    runner.stay();
  };
  const failed = (error: unknown): void => {
    last = encodeError(error);
    setTimeout(() => last = null, 0);
  };
  process.on("exit", say);
  if (runtime !== "deno") return process.on("uncaughtExceptionMonitor", failed);
  // Deno calls no listeners of `process` when it ends of an error or by `Deno.exit()`.
  const web = globalThis as unknown as EventTarget;
  const failedBy = (error: unknown): void => {
    failed(error);
    say();
  };
  web.addEventListener("unload", say);
  web.addEventListener("error", (event) => failedBy((event as ErrorEvent).error));
  web.addEventListener("unhandledrejection", (event) => {
    failedBy((event as PromiseRejectionEvent).reason);
  });
}
