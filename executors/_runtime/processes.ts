/**
 * Child processes, by `node:child_process`, which Deno, Bun and Node have. Each is this
 * runtime with the worker's source on its command line, and a channel for messages in
 * structured-clone form.
 */

import { LineClosed, type WorkerEvents, type WorkerHost, type WorkerLink } from "../_link.ts";
import { builtin, globals, runtime } from "./builtins.ts";
import { processMessage, readProcessMessage } from "./process_message.ts";
import { WORKER_SOURCE } from "./worker_source.ts";

/** Options of the processes. */
export interface ProcessHostOptions {
  /** Added to this process's environment. */
  env: Record<string, string> | undefined;
  /** Options of the runtime's, before the script. */
  execArgv: string[] | undefined;
  /** Limits of memory. */
  resourceLimits: Record<string, number> | undefined;
}

interface ChildProcess {
  on(event: string, listener: (...values: never[]) => void): void;
  send(message: unknown, callback: (error: unknown) => void): boolean;
  kill(signal: string): boolean;
  disconnect(): void;
  ref(): void;
  unref(): void;
  connected: boolean;
  channel?: { ref?(): void; unref?(): void };
}
interface ChildProcessModule {
  spawn(path: string, args: string[], options: Record<string, unknown>): ChildProcess;
}

/** How long a process that was told to end may take. */
const CLOSE_TIME = 1000;

const FLAG = 'globalThis.__aioLine = "process";\n';

/** Those that this process must not leave behind. */
const living: Set<ChildProcess> = new Set();
const killAll = (): void => {
  for (const child of living) child.kill("SIGKILL");
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
  return {
    sharesMemory: false,
    startsSurely: false,
    idleTimeout: Infinity,
    start: (name, events) => start(module, name, events, options),
  };
}

function start(
  module: ChildProcessModule,
  _name: string,
  events: WorkerEvents,
  { env, execArgv, resourceLimits }: ProcessHostOptions,
): WorkerLink {
  const child = module.spawn(globals.process!.execPath, commandLine(execArgv, resourceLimits), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
    env: { ...globals.process!.env, ...runtime === "bun" && { BUN_BE_BUN: "1" }, ...env },
  });
  let over = false;
  let failure: { error: unknown } | undefined;
  if (living.size === 0) globals.process!.on("exit", killAll);
  living.add(child);
  const ended = (how: string): void => {
    if (over) return;
    over = true;
    living.delete(child);
    if (living.size === 0) globals.process!.off("exit", killAll);
    events.ended({ how, ...failure });
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
    if ((child as { pid?: number }).pid === undefined) ended("it couldn't be started");
  });
  child.on("exit", (code: number | null, signal: string | null) => {
    ended(signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`);
  });
  const kill = (): void => void child.kill("SIGKILL");
  return {
    post: (message, _transfer, kind) => {
      if (!child.connected) throw new LineClosed("The worker's channel is closed");
      child.send(processMessage(message, kind), () => {});
    },
    kill,
    close: () => {
      if (!child.connected) return kill();
      child.disconnect();
      const timer = setTimeout(kill, CLOSE_TIME);
      child.on("exit", () => clearTimeout(timer));
    },
    hold: () => {
      child.ref();
      child.channel?.ref?.();
    },
    release: () => {
      child.unref();
      child.channel?.unref?.();
    },
  };
}

function commandLine(
  execArgv: string[] = [],
  resourceLimits: Record<string, number> | undefined,
): string[] {
  const heap = resourceLimits?.maxOldGenerationSizeMb;
  const source = FLAG + WORKER_SOURCE;
  if (runtime === "deno") {
    const url = `data:text/javascript,${encodeURIComponent(source)}`;
    const limits = heap === undefined ? [] : [`--v8-flags=--max-old-space-size=${heap}`];
    const allowed = execArgv.some((arg) => /^(?:-A|--allow-)/.test(arg)) ? [] : permissions();
    return ["run", "--quiet", "--no-lock", ...allowed, ...limits, ...execArgv, url];
  }
  if (runtime === "bun") return [...execArgv, "-e", source];
  const limits = heap === undefined ? [] : [`--max-old-space-size=${heap}`];
  return [...limits, ...execArgv, "--input-type=module", "-e", source];
}

/** What this process may, its workers may; grants for some paths or hosts can't be read. */
function permissions(): string[] {
  const names = ["read", "write", "net", "env", "run", "sys", "ffi", "import"];
  const granted = names.filter((name) => {
    try {
      return globals.Deno!.permissions.querySync({ name }).state === "granted";
    } catch {
      return false;
    }
  });
  return granted.length === names.length
    ? ["--allow-all"]
    : granted.map((name) => `--allow-${name}`);
}
