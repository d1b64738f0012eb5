/**
 * Threads on each runtime.
 *
 * - Bun: Web Workers, with a `close` event. One that is terminated before it is ready can
 *   take the process with it, so that waits.
 * - Deno and browsers: Web Workers, which may end in silence. Each holds a lock of its own
 *   (`navigator.locks`), and who waits for that lock knows when the worker is gone. Where
 *   there are no locks only errors tell. On Deno they start in 20 ms where those of
 *   `node:worker_threads` take 45, and can't be unref'd, so idle ones are ended after a
 *   short while. One in a busy loop can't be stopped: it keeps its lock, and is abandoned.
 *   With `resourceLimits`, `node:worker_threads`.
 * - Node: `node:worker_threads`.
 */

import type { WorkerEnd, WorkerEvents, WorkerHost, WorkerLink } from "../_wire/link.ts";
import { CLOSE, OUTPUT } from "../_wire/protocol.ts";
import { builtin, runtime } from "./builtins.ts";
import { readThreadMessage, threadMessage } from "./thread_message.ts";
import type { Greeting } from "./worker_main.ts";
import { WORKER_SOURCE } from "./worker_source.ts";

/** Options that only some runtimes have. */
export interface ThreadHostOptions {
  /** Limits of memory. */
  resourceLimits: Record<string, number> | undefined;
  /** Deno's permissions. */
  permissions: unknown;
}

interface NodeWorker {
  on(event: string, listener: (value: unknown) => void): void;
  postMessage(message: unknown, transfer: Transferable[]): void;
  terminate(): Promise<number>;
  ref(): void;
  unref(): void;
}
interface WorkerThreads {
  Worker: new (url: URL, options: Record<string, unknown>) => NodeWorker;
}

/** How long a worker that was told to end may take. */
const CLOSE_TIME = 1000;
/** How long a terminated worker has to show that it is gone. */
const ABANDON_AFTER = 500;

// Errors name the place that a module was imported from, so it mustn't be a `data:` URL of all
// the source.

/** Where Web Workers find their source; from a blob, bare names are found too. */
let sourceUrl: string | undefined;
const urlOfSource = (): string =>
  sourceUrl ??= URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "text/javascript" }));

/**
 * Where Node's find it: it comes as an argument. (From a worker made of a script Node runs
 * what `--import` names too late.) Where code mustn't be made of strings, it is imported.
 */
const NODE_URL = "data:text/javascript,const s=process.argv.pop();try{(0,eval)(s)}catch(e){" +
  "if(!(e instanceof EvalError))throw e;await import(`data:text/javascript;base64,${btoa(s)}`)}";

/** What starts threads here. @throws {TypeError} Where there are none. */
export function threadHost(options: ThreadHostOptions): WorkerHost {
  const useNode = runtime === "node" || options.resourceLimits !== undefined;
  const threads = useNode ? builtin<WorkerThreads>("node:worker_threads") : undefined;
  if (threads !== undefined) {
    return {
      sharesMemory: true,
      startsSurely: true,
      idleTimeout: Infinity,
      start: (name, events) => startNode(threads, name, events, options.resourceLimits),
    };
  }
  if (typeof Worker !== "function") {
    throw new TypeError(
      "Cannot make a ThreadPoolExecutor: this platform has no Worker; use an InlineExecutor",
    );
  }
  return {
    sharesMemory: runtime !== "web" || globalThis.crossOriginIsolated === true,
    startsSurely: true,
    idleTimeout: runtime === "deno" ? 250 : Infinity,
    start: (name, events) => startWeb(name, events, options.permissions),
  };
}

function startNode(
  { Worker }: WorkerThreads,
  name: string,
  events: WorkerEvents,
  resourceLimits: Record<string, number> | undefined,
): WorkerLink {
  const worker = new Worker(new URL(NODE_URL), {
    argv: [`"use strict"; globalThis.__aioLine = "port";\n${WORKER_SOURCE}`],
    name,
    ...resourceLimits && { resourceLimits },
  });
  let failure: { error: unknown } | undefined;
  // An idle worker holds this process up for as long as it takes to print what it wrote.
  let isWriting = false;
  let isHeld = true;
  const refer = (): void => isHeld || isWriting ? worker.ref() : worker.unref();
  worker.on("message", (data) => {
    if (!Array.isArray(data) || data[0] !== OUTPUT) return receive(data, events);
    isWriting = data[1] === true;
    refer();
  });
  worker.on("messageerror", (error) => events.unreadable(error));
  worker.on("error", (error) => failure = { error });
  worker.on("exit", (code) => events.ended({ how: `it exited with code ${code}`, ...failure }));
  const kill = (): void => void worker.terminate();
  return {
    post: (message, transfer, kind) => {
      worker.postMessage(threadMessage(message, kind), transfer);
    },
    kill,
    close: () => {
      // What it wrote to the console comes in bits, and would be lost if it were terminated.
      worker.postMessage([CLOSE], []);
      const timer = setTimeout(kill, CLOSE_TIME);
      worker.on("exit", () => clearTimeout(timer));
    },
    hold: () => {
      isHeld = true;
      refer();
    },
    release: () => {
      isHeld = false;
      refer();
    },
  };
}

type WebWorker = Worker & { ref?(): void; unref?(): void };

function startWeb(name: string, events: WorkerEvents, permissions: unknown): WorkerLink {
  const options: Record<string, unknown> = { type: "module", name };
  if (permissions !== undefined) options.deno = { permissions };
  const worker: WebWorker = new Worker(urlOfSource(), options as WorkerOptions);
  const tellsItsEnd = runtime === "bun";
  let greeting: Greeting | undefined;
  let doomed = false;
  let over = false;
  let failure: { error: unknown } | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;
  const watching = new AbortController();
  const ended = (end: WorkerEnd): void => {
    if (over) return;
    over = true;
    clearTimeout(patience);
    watching.abort();
    events.ended({ ...end, ...failure });
  };
  const terminate = (): void => {
    worker.terminate();
    if (tellsItsEnd) return;
    // Without a lock nothing more can be known; before the greeting no job has run.
    if (greeting?.lock == null) return queueMicrotask(() => ended({ how: "it was terminated" }));
    patience ??= setTimeout(() => {
      ended({ how: "it was abandoned, as it can't be stopped", abandoned: true });
    }, ABANDON_AFTER);
  };
  worker.onmessage = ({ data }) => {
    if (greeting !== undefined) return receive(data, events);
    greeting = data as Greeting;
    if (doomed) return terminate();
    if (greeting.lock !== null) {
      whenFree(greeting.lock, watching.signal, () => ended({ how: "it exited" }));
    }
  };
  worker.addEventListener("messageerror", ({ data }) => {
    events.unreadable(data);
    if (runtime !== "deno") return;
    // Deno takes nothing more from a worker once it couldn't read something of it.
    failure = { error: data };
    worker.terminate();
    ended({ how: "it sent what can't be read" });
  });
  worker.onerror = (event) => {
    // Without this, Deno ends the whole process.
    event.preventDefault();
    failure = { error: event.error ?? new Error(errorText(event.message)) };
    if (tellsItsEnd) return;
    worker.terminate();
    ended({ how: "it failed" });
  };
  if (tellsItsEnd) {
    worker.addEventListener("close", (event) => {
      ended({ how: `it exited with code ${(event as CloseEvent).code}` });
    });
  }
  const kill = (): void => {
    doomed = true;
    if (!tellsItsEnd || greeting !== undefined) terminate();
  };
  return {
    post: (message, transfer, kind) => {
      worker.postMessage(threadMessage(message, kind), transfer);
    },
    kill,
    close: kill,
    hold: () => worker.ref?.(),
    release: () => worker.unref?.(),
  };
}

function receive(data: unknown, events: WorkerEvents): void {
  let message: unknown;
  try {
    message = readThreadMessage(data);
  } catch {
    // Text that isn't ours.
    message = data;
  }
  events.message(message);
}

/** Calls `gone` when whoever holds the lock is no more. */
function whenFree(lock: string, signal: AbortSignal, gone: () => void): void {
  navigator.locks.request(lock, { signal }, gone).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** What Bun and Deno make of an error on its way out of a worker. */
function errorText(message: string | undefined): string {
  const text = message ?? "an error without a message";
  const last = /(?:^|\n)(?:\w*[eE]rror): ([^\n]*)/.exec(text)?.[1];
  return last ?? text.replace(/^Uncaught (?:\(in promise\) )?(?:\w*Error: )?/, "");
}
