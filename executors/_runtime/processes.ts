/**
 * Child processes, by `node:child_process`, which Deno, Bun and Node have. Each is this
 * runtime with the worker's source, a channel for messages in structured-clone form, and
 * a line to the guard in it (`worker_guard.ts`).
 *
 * Invariants: a process has ended when it is gone and all that it had sent is taken. While
 * one is being ended, this process lives on. No process outlives this one.
 */

import {
  LineClosed,
  type WorkerEnd,
  type WorkerEvents,
  type WorkerHost,
  type WorkerLink,
} from "../_wire/link.ts";
import { builtin, globals } from "./builtins.ts";
import { ABORT, readWords, RECALL, writeWords } from "./guard_line.ts";
import {
  isSealed,
  type ProcessHostOptions,
  workerCommand,
  workerEnvironment,
} from "./process_command.ts";
import { processMessage, readProcessMessage } from "./process_message.ts";

interface Pipe {
  on(event: string, listener: (value: never) => void): void;
  write(data: string | Uint8Array): boolean;
  end(data?: string): void;
  destroy(): void;
  unref?(): void;
}
interface ChildProcess {
  on(event: string, listener: (...values: never[]) => void): void;
  send(message: unknown, callback: (error: unknown) => void): boolean;
  kill(signal: string): boolean;
  disconnect(): void;
  ref(): void;
  unref(): void;
  pid?: number;
  connected: boolean;
  channel?: { ref?(): void; unref?(): void };
  stdio: (Pipe | null)[];
}
interface ChildProcessModule {
  spawn(path: string, args: string[], options: Record<string, unknown>): ChildProcess;
}

/** How long a process that was told to end may take. */
const CLOSE_TIME = 1000;
/** How long what a process had sent may take to come after its end. */
const DRAIN_TIME = 200;

/** Those that live, and whether they have something to do. */
const living: Map<ChildProcess, boolean> = new Map();
/** This process exits. Those that are idle do so when the line is cut, and print what they wrote. */
const killBusy = (): void => {
  for (const [child, isHeld] of living) if (isHeld) child.kill("SIGKILL");
};

/** What starts processes here. @throws {TypeError} Where there are none. */
export function processHost(options: ProcessHostOptions): WorkerHost {
  const module = builtin<ChildProcessModule>("node:child_process");
  if (module === undefined || typeof module.spawn !== "function") {
    throw new TypeError(
      "Cannot make a ProcessPoolExecutor: this platform has no child processes; " +
        "use a ThreadPoolExecutor or an InlineExecutor",
    );
  }
  if (isSealed()) {
    throw new TypeError(
      "Cannot make a ProcessPoolExecutor: this program has its runtime in it, which can't be " +
        "started alone; use a ThreadPoolExecutor",
    );
  }
  return {
    sharesMemory: false,
    startsSurely: false,
    idleTimeout: Infinity,
    start: (_name, events) => start(module, events, options),
  };
}

function start(
  module: ChildProcessModule,
  events: WorkerEvents,
  options: ProcessHostOptions,
): WorkerLink {
  const { args, input, cwd } = workerCommand(options);
  const child = module.spawn(globals.process!.execPath, args, {
    stdio: [input === null ? "ignore" : "pipe", "inherit", "inherit", "ipc", "pipe"],
    serialization: "advanced",
    env: workerEnvironment(options.env),
    ...cwd !== undefined && { cwd },
  });
  const source = child.stdio?.[0];
  const guard = child.stdio?.[4];
  // A process that is gone closes its lines in whatever way; its exit tells.
  for (const pipe of [source, guard]) pipe?.on("error", () => {});
  if (input !== null) source?.end(input);
  guard?.on("data", readWords((_op, from, end) => events.recalled(from, end)));
  guard?.unref?.();

  let over = false;
  let exit: WorkerEnd | undefined;
  let failure: { error: unknown } | undefined;
  let draining: ReturnType<typeof setTimeout> | undefined;
  if (living.size === 0) globals.process!.on("exit", killBusy);
  living.set(child, true);
  const ended = (end: WorkerEnd): void => {
    if (over) return;
    over = true;
    clearTimeout(draining);
    guard?.destroy();
    // Deno doesn't close a channel that was cut with messages in it.
    if (child.connected) child.disconnect();
    events.ended({ ...end, ...failure });
  };
  const gone = (): void => {
    living.delete(child);
    if (living.size === 0) globals.process!.off("exit", killBusy);
  };
  child.on("message", (data: unknown) => {
    let message: unknown;
    try {
      message = readProcessMessage(data);
    } catch (error) {
      return events.unreadable(error);
    }
    events.message(message);
  });
  child.on("error", (error: unknown) => {
    failure = { error };
    // A process that couldn't be started never exits.
    if (child.pid !== undefined) return;
    gone();
    ended({ how: "it couldn't be started" });
  });
  child.on("exit", (code: number | null, signal: string | null) => {
    gone();
    const how = signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`;
    exit = { how, interrupted: signal === "SIGINT" };
    if (!child.connected) ended(exit);
    else draining = setTimeout(ended, DRAIN_TIME, exit);
  });
  child.on("disconnect", () => exit !== undefined && ended(exit));

  const hold = (): void => {
    // On Deno, one that couldn't be started has nothing to hold.
    if (child.pid === undefined) return;
    if (living.has(child)) living.set(child, true);
    child.ref();
    child.channel?.ref?.();
  };
  const kill = (): void => {
    hold();
    child.kill("SIGKILL");
  };
  return {
    post: (message, _transfer, kind) => {
      if (!child.connected) throw new LineClosed("The worker's channel is closed");
      child.send(processMessage(message, kind), () => {});
    },
    kill,
    close: () => {
      if (!child.connected) return kill();
      hold();
      child.disconnect();
      const timer = setTimeout(kill, CLOSE_TIME);
      child.on("exit", () => clearTimeout(timer));
    },
    hold,
    release: () => {
      if (living.has(child)) living.set(child, false);
      child.unref();
      child.channel?.unref?.();
    },
    recall: (from, end) => void guard?.write(writeWords(RECALL, from, end)),
    flagAbort: (number) => void guard?.write(writeWords(ABORT, number, 0)),
  };
}
