/**
 * Where a worker begins: finds the line to its pool, whichever runtime this is, and
 * has a {@linkcode JobRunner} take what comes. It is sent as text (`worker_source.ts`).
 */

import { type EncodedError, encodeError } from "../_error_codec.ts";
import {
  CLOSE,
  CONTROL_LIMITED,
  CONTROL_STARTED,
  CONTROL_WORDS,
  INIT,
  OUTPUT,
  RUN,
  type WorkerSetup,
} from "../_protocol.ts";
import { fromText } from "../_text_codec.ts";
import { JobRunner } from "../_worker/job_runner.ts";
import { runtime } from "./builtins.ts";
import { processMessage } from "./process_message.ts";
import { threadMessage } from "./thread_message.ts";
import { startGuard } from "./worker_guard.ts";

interface NodePort {
  on(event: "message", listener: (message: unknown) => void): void;
  postMessage(message: unknown, transfer: Transferable[]): void;
}
interface Output {
  writableLength: number;
  write(text: string, done: () => void): void;
}
interface NodeProcess {
  connected?: boolean;
  _exiting?: boolean;
  pid: number;
  kill(pid: number, signal: string): void;
  execArgv: string[];
  stdout: Output;
  stderr: Output;
  getBuiltinModule?(name: string): { parentPort: NodePort | null };
  on(event: string, listener: (message: unknown) => void): void;
  send(message: unknown): void;
  exit(code: number): never;
}
interface WebScope {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/**
 * What a Web Worker says first. From then on it can be terminated without harm, and is
 * alive for as long as it holds the lock.
 */
export interface Greeting {
  /** The lock's name, where there are locks. */
  lock: string | null;
}

declare const process: NodeProcess;

/** The pool puts a line before this text that says what kind of worker it is. */
const line = (globalThis as { __aioLine?: "process" | "port" }).__aioLine;
const scope = globalThis as unknown as WebScope;

if (line === "process") {
  // What a job starts by `fork()` would begin with this text too.
  const { execArgv } = process;
  const at = execArgv.indexOf("-e");
  if (at >= 0) execArgv.splice(at, 2);
  if (at >= 0 && execArgv[at - 1] === "--input-type=module") execArgv.splice(at - 1, 1);
  // Ctrl-C goes to every process at a terminal. It is the main program's to act on.
  process.on("SIGINT", () => {});
  const control = typeof SharedArrayBuffer === "function"
    ? new SharedArrayBuffer(CONTROL_WORDS * 4)
    : null;
  const words = control && new Int32Array(control);
  const send = process.send.bind(process);
  const runner = new JobRunner((message) => send(processMessage(message)));
  process.on("message", (data) => {
    const message = typeof data === "string" ? fromText(data) : data as unknown[];
    // The pool has no memory in common with this process; the guard has.
    if (message[0] === INIT) (message[1] as WorkerSetup).control = control;
    // A limit is over when all that it could hold for has been passed.
    if (message[0] === RUN && words !== null && words[CONTROL_STARTED] === message[1]) {
      Atomics.store(words, CONTROL_LIMITED, 0);
    }
    runner.receive(message);
  });
  process.on("disconnect", leave);
  // The pool's process may have ended while this one started.
  if (process.connected === false) leave();
  else if (control !== null) startGuard(control);
  bidFarewell(runner);
} else if (line !== "port") {
  const early: unknown[] = [];
  scope.onmessage = ({ data }) => void early.push(data);
  // No job runs before the lock is held: it could end this worker unnoticed.
  holdLock().then((lock) => {
    (scope.postMessage as (greeting: Greeting) => void)({ lock });
    const runner = new JobRunner((message, transfer) => {
      scope.postMessage(threadMessage(message, transfer), transfer);
    });
    const receive = (data: unknown): void => {
      runner.receive(typeof data === "string" ? fromText(data) : data);
    };
    scope.onmessage = ({ data }) => receive(data);
    early.forEach(receive);
  });
} else {
  const port = process.getBuiltinModule!("node:worker_threads").parentPort!;
  // Deno notices that memory has run out in a macrotask only; from a message it just stops.
  const deferred = "Deno" in globalThis;
  let telling = deferred;
  const runner = new JobRunner((message, transfer) => {
    if (!telling && outputs().some((output) => output.writableLength > 0)) {
      telling = true;
      port.postMessage([OUTPUT, true], []);
      whenWritten(() => {
        telling = false;
        port.postMessage([OUTPUT, false], []);
      });
    }
    port.postMessage(message, transfer);
  }, deferred);
  port.on("message", (message) => {
    if (Array.isArray(message) && message[0] === CLOSE) leave();
    else if (deferred) setTimeout(() => runner.receive(message), 0);
    else runner.receive(message);
  });
}

/** Where the console writes, if that takes time. */
function outputs(): Output[] {
  return runtime === "deno" ? [] : [process.stdout, process.stderr];
}

function whenWritten(then: () => void): void {
  let left = 1;
  const done = (): void => {
    if (--left === 0) then();
  };
  for (const output of outputs()) {
    left += 1;
    output.write("", done);
  }
  done();
}

/** Ends this worker once what it has written is out. */
function leave(): void {
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

/** Holds a lock for as long as this worker lives, and gives its name. */
function holdLock(): Promise<string | null> {
  const { locks } = globalThis.navigator ?? {};
  if (locks === undefined) return Promise.resolve(null);
  const name = crypto.randomUUID();
  return new Promise((resolve) => {
    const hold = (): Promise<never> => {
      resolve(name);
      return new Promise<never>(() => {});
    };
    locks.request(name, hold).catch(() => resolve(null));
  });
}
