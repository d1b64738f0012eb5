/**
 * Where a worker begins: finds the line to its pool, whichever runtime this is, and
 * has a {@linkcode JobRunner} take what comes. It is sent as text (`worker_source.ts`).
 */

import { CLOSE } from "../_wire/protocol.ts";
import { JobRunner } from "../_worker/job_runner.ts";
import { processMessage, readProcessMessage } from "./process_message.ts";
import { readThreadMessage, threadMessage } from "./thread_message.ts";
import { beginProcess, leave, outputTeller } from "./worker_life.ts";

interface NodePort {
  on(event: "message" | "messageerror", listener: (message: unknown) => void): void;
  postMessage(message: unknown, transfer: Transferable[]): void;
}
interface NodeProcess {
  getBuiltinModule?(name: string): { parentPort: NodePort | null };
  on(event: string, listener: (message: unknown) => void): void;
  send(message: unknown, ...rest: unknown[]): boolean;
}
interface WebScope {
  addEventListener(
    event: "message" | "messageerror",
    listener: (event: { data: unknown }) => void,
  ): void;
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
  const runner = new JobRunner(
    (message, _transfer, kind) => send(processMessage(message, kind)),
    false,
  );
  const share = beginProcess(runner);
  const read = (data: unknown): unknown => share(readProcessMessage(data));
  process.on("message", (data) => receive(runner, data, read));
  // What a job sends isn't for the pool; and what can't be read would end its program.
  process.send = (value: unknown, ...rest: unknown[]) => {
    runner.stray(value);
    const callback = rest.at(-1);
    if (typeof callback === "function") queueMicrotask(() => callback(null));
    return true;
  };
} else if (line !== "port") {
  const early: (() => void)[] = [];
  let isReady = false;
  const soon = (act: () => void): void => isReady ? act() : void early.push(act);
  // By listeners, as a job's module may set `onmessage`.
  scope.addEventListener("message", ({ data }) => {
    soon(() => receive(runner, data, readThreadMessage));
  });
  scope.addEventListener("messageerror", ({ data }) => soon(() => runner.receiveUnreadable(data)));
  const send = scope.postMessage.bind(scope);
  const runner = new JobRunner(
    (message, transfer, kind) => send(threadMessage(message, kind), transfer),
    true,
  );
  scope.postMessage = (value) => runner.stray(value);
  // No job runs before the lock is held: it could end this worker unnoticed.
  holdLock().then((lock) => {
    (send as (greeting: Greeting) => void)({ lock });
    isReady = true;
    early.forEach((act) => act());
  });
} else {
  const port = process.getBuiltinModule!("node:worker_threads").parentPort!;
  // Deno notices that memory has run out in a macrotask only; from a message it just stops.
  const deferred = "Deno" in globalThis;
  const send = port.postMessage.bind(port);
  const tellOutput = deferred ? () => {} : outputTeller((message) => send(message, []));
  const runner = new JobRunner(
    (message, transfer, kind) => {
      tellOutput();
      send(threadMessage(message, kind), transfer);
    },
    true,
    deferred,
  );
  port.postMessage = (value) => runner.stray(value);
  port.on("message", (data) => {
    if (Array.isArray(data) && data[0] === CLOSE) leave();
    else if (deferred) setTimeout(() => receive(runner, data, readThreadMessage), 0);
    else receive(runner, data, readThreadMessage);
  });
  port.on("messageerror", (error) => {
    if (deferred) setTimeout(() => runner.receiveUnreadable(error), 0);
    else runner.receiveUnreadable(error);
  });
}

function receive(runner: JobRunner, data: unknown, read: (data: unknown) => unknown): void {
  let message: unknown;
  try {
    message = read(data);
  } catch (error) {
    return runner.receiveUnreadable(error);
  }
  runner.receive(message);
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
