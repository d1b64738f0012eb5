/**
 * Threads on each runtime.
 *
 * - Bun and browsers: Web Workers, which tell of their end (Bun's `close` event) or, in
 *   browsers, of errors only. A Bun worker that is terminated before it is ready can
 *   take the process with it, so that waits.
 * - Deno: Web Workers; 17 ms to start where `node:worker_threads` takes 45. Nothing tells
 *   of their end but a port of `node:worker_threads` that closes with them. They can't be
 *   unref'd, so idle ones are ended after a short while. One in a busy loop can't be
 *   stopped: the port stays open, and the worker is abandoned. With `resourceLimits`,
 *   `node:worker_threads`.
 * - Node: `node:worker_threads`.
 */

import type { WorkerEnd, WorkerEvents, WorkerHost, WorkerLink } from "../_link.ts";
import { builtin, runtime } from "./builtins.ts";
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
interface LifePort {
  on(event: string, listener: () => void): void;
  start(): void;
  unref(): void;
  close(): void;
}
interface WorkerThreads {
  Worker: new (url: URL, options: Record<string, unknown>) => NodeWorker;
  MessageChannel: new () => { port1: LifePort; port2: Transferable };
}

/** How long a terminated Deno worker has to show that it is gone. */
const ABANDON_AFTER = 500;

/** Base64 starts 6 to 12 ms sooner than percent signs on Deno; the source is ASCII. */
const dataUrl = (before = ""): URL =>
  new URL(`data:text/javascript;base64,${btoa(before + WORKER_SOURCE)}`);

/** What starts threads here. @throws {TypeError} Where there are none. */
export function threadHost(options: ThreadHostOptions): WorkerHost {
  const useNode = runtime === "node" || options.resourceLimits !== undefined;
  const threads = useNode ? builtin<WorkerThreads>("node:worker_threads") : undefined;
  if (threads !== undefined) {
    return {
      sharesMemory: true,
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
  const worker = new Worker(dataUrl('globalThis.__aioLine = "port";\n'), {
    name,
    ...resourceLimits && { resourceLimits },
  });
  let failure: { error: unknown } | undefined;
  worker.on("message", (message) => Array.isArray(message) && events.message(message));
  worker.on("error", (error) => failure = { error });
  worker.on("exit", (code) => events.ended({ how: `it exited with code ${code}`, ...failure }));
  const kill = (): void => void worker.terminate();
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    kill,
    close: kill,
    hold: () => worker.ref(),
    release: () => worker.unref(),
  };
}

type WebWorker = Worker & { ref?(): void; unref?(): void };

function startWeb(name: string, events: WorkerEvents, permissions: unknown): WorkerLink {
  const url = runtime === "web"
    ? new URL(URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "text/javascript" })))
    : dataUrl();
  const options: Record<string, unknown> = { type: "module", name };
  if (permissions !== undefined) options.deno = { permissions };
  const worker: WebWorker = new Worker(url, options as WorkerOptions);
  let ready = false;
  let doomed = false;
  let over = false;
  let failure: { error: unknown } | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;
  const ended = (end: WorkerEnd): void => {
    if (over) return;
    over = true;
    clearTimeout(patience);
    events.ended({ ...end, ...failure });
  };
  const terminate = (): void => {
    worker.terminate();
    if (runtime === "web") queueMicrotask(() => ended({ how: "it was terminated" }));
  };
  worker.onmessage = ({ data }) => {
    ready = true;
    if (doomed) return terminate();
    if (Array.isArray(data)) events.message(data);
  };
  worker.onerror = (event) => {
    // Without this, Deno ends the whole process.
    event.preventDefault();
    failure = { error: event.error ?? new Error(errorText(event.message)) };
    if (runtime === "web") {
      worker.terminate();
      ended({ how: "it failed" });
    }
  };
  if (runtime === "bun") {
    worker.addEventListener("close", (event) => {
      ended({ how: `it exited with code ${(event as CloseEvent).code}` });
    });
  }
  const life = runtime === "deno" ? watch(worker, () => ended({ how: "it exited" })) : undefined;
  const kill = (): void => {
    doomed = true;
    if (runtime === "bun" && !ready) return;
    terminate();
    if (life === undefined || over) return;
    patience ??= setTimeout(() => {
      life.close();
      ended({ how: "it was abandoned, as it can't be stopped", abandoned: true });
    }, ABANDON_AFTER);
  };
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    kill,
    close: kill,
    hold: () => worker.ref?.(),
    release: () => worker.unref?.(),
  };
}

/** Calls `gone` when the worker is no more: a port that it holds closes with it. */
function watch(worker: Worker, gone: () => void): LifePort | undefined {
  const threads = builtin<WorkerThreads>("node:worker_threads");
  if (threads === undefined) return undefined;
  const { port1, port2 } = new threads.MessageChannel();
  port1.on("close", gone);
  port1.start();
  port1.unref();
  worker.postMessage(port2, [port2]);
  return port1;
}

/** What Bun and Deno make of an error on its way out of a worker. */
function errorText(message: string | undefined): string {
  const text = message ?? "an error without a message";
  const last = /(?:^|\n)(?:\w*[eE]rror): ([^\n]*)/.exec(text)?.[1];
  return last ?? text.replace(/^Uncaught (?:\(in promise\) )?(?:\w*Error: )?/, "");
}
