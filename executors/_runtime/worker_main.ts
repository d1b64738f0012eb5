/**
 * Where a worker begins: finds the line to its pool, whichever runtime this is, and
 * has a {@linkcode JobRunner} take what comes. It is sent as text (`worker_source.ts`).
 */

import { CLOSE } from "../_protocol.ts";
import { fromText } from "../_text_codec.ts";
import { JobRunner } from "../_worker/job_runner.ts";
import { processMessage } from "./process_message.ts";
import { threadMessage } from "./thread_message.ts";
import { beginProcess, leave, outputTeller } from "./worker_life.ts";

interface NodePort {
  on(event: "message", listener: (message: unknown) => void): void;
  postMessage(message: unknown, transfer: Transferable[]): void;
}
interface NodeProcess {
  getBuiltinModule?(name: string): { parentPort: NodePort | null };
  on(event: string, listener: (message: unknown) => void): void;
  send(message: unknown): void;
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
  const send = process.send.bind(process);
  const runner = new JobRunner((message) => send(processMessage(message)));
  const share = beginProcess(runner);
  process.on("message", (data) => {
    const message = typeof data === "string" ? fromText(data) : data as unknown[];
    share(message);
    runner.receive(message);
  });
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
  const tellOutput = deferred ? () => {} : outputTeller((message) => port.postMessage(message, []));
  const runner = new JobRunner((message, transfer) => {
    tellOutput();
    port.postMessage(message, transfer);
  }, deferred);
  port.on("message", (message) => {
    if (Array.isArray(message) && message[0] === CLOSE) leave();
    else if (deferred) setTimeout(() => runner.receive(message), 0);
    else runner.receive(message);
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
