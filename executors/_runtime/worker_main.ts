/**
 * Where a worker begins: finds the line to its pool, whichever runtime this is, and
 * has a {@linkcode JobRunner} take what comes. It is sent as text (`worker_source.ts`).
 */

import { JobRunner } from "../_worker/job_runner.ts";
import { fromText } from "../_text_codec.ts";
import { unrefTimer } from "./builtins.ts";
import { processMessage } from "./process_message.ts";

interface NodePort {
  on(event: "message", listener: (message: unknown) => void): void;
  postMessage(message: unknown, transfer: Transferable[]): void;
}
interface NodeProcess {
  ppid: number;
  getBuiltinModule?(name: string): { parentPort: NodePort | null };
  on(event: string, listener: (message: unknown) => void): void;
  send(message: unknown): void;
  exit(code: number): never;
}
interface WebScope {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

declare const process: NodeProcess;

/** The pool puts a line before this text that says what kind of worker it is. */
const line = (globalThis as { __aioLine?: "process" | "port" }).__aioLine;
const scope = globalThis as unknown as WebScope;

if (line === "process") {
  const send = process.send.bind(process);
  const runner = new JobRunner((message) => send(processMessage(message)));
  process.on("message", (message) => {
    runner.receive(typeof message === "string" ? fromText(message) : message);
  });
  process.on("disconnect", () => process.exit(0));
  // A pool's process that ends while this one starts may never be heard to disconnect.
  const parent = process.ppid;
  unrefTimer(setInterval(() => {
    if (process.ppid !== parent || parent === 1) process.exit(0);
  }, 2000));
} else if (line !== "port") {
  const post = scope.postMessage.bind(scope);
  const runner = new JobRunner(post);
  scope.onmessage = (event) => {
    // A port comes first where the pool can only tell by it that this worker lives.
    if (Array.isArray(event.data)) runner.receive(event.data);
    else (globalThis as { __aioLife?: unknown }).__aioLife = event.data;
  };
  // From here on it can be terminated without harm.
  if ("Bun" in globalThis) post("alive", []);
} else {
  const port = process.getBuiltinModule!("node:worker_threads").parentPort!;
  // Deno notices that memory has run out in a macrotask only; from a message it just stops.
  const deferred = "Deno" in globalThis;
  const runner = new JobRunner(
    (message, transfer) => port.postMessage(message, transfer),
    deferred,
  );
  port.on("message", (message) => {
    if (deferred) setTimeout(() => runner.receive(message), 0);
    else runner.receive(message);
  });
}
