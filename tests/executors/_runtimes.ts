/** Which runtime the tests run on, and programs of it that are watched from outside. */

declare const process: {
  execPath: string;
  getBuiltinModule(name: string): unknown;
  pid: number;
  kill(pid: number, signal: string): void;
};

export const runtime: "deno" | "bun" | "node" = "Deno" in globalThis
  ? "deno"
  : "Bun" in globalThis
  ? "bun"
  : "node";

interface ChildProcesses {
  spawn(path: string, args: string[], options: Record<string, unknown>): {
    pid: number;
    stdout: { on(event: string, listener: (chunk: { toString(): string }) => void): void };
    stderr: { on(event: string, listener: (chunk: { toString(): string }) => void): void };
    on(event: string, listener: (code: number | null, signal: string | null) => void): void;
    kill(signal: string): boolean;
  };
  execFileSync(path: string, args: string[]): { toString(): string };
}

const childProcesses = process.getBuiltinModule("node:child_process") as ChildProcesses;

/** A program that ended. */
export interface Outcome {
  code: number | null;
  signal: string | null;
  output: string;
  /** Milliseconds until it ended. */
  time: number;
}

/** How a program is run. */
export interface RunOptions {
  /** Milliseconds until it is killed. */
  limit?: number;
  /** Options of the runtime. */
  flags?: string[];
  /** What it may, on Deno. */
  permissions?: string[];
  /** A command that starts it. */
  under?: string[];
  /** The folder that it runs in. */
  cwd?: string;
  /** Whether signals go to it and all that it starts, as from a terminal. */
  group?: boolean;
  /** Sees all output so far. */
  onOutput?: (text: string, kill: (signal: string) => void) => void;
}

/** Runs a program of this runtime. */
export function runProgram(
  path: string,
  args: string[] = [],
  { limit = 15_000, flags = [], permissions = ["-A"], under = [], cwd, group = false, onOutput }:
    RunOptions = {},
): Promise<Outcome> {
  const start = performance.now();
  const before = runtime === "deno"
    ? ["run", "--quiet", "--no-prompt", "--no-check", "--no-lock", ...permissions]
    : [];
  const line = [...under, process.execPath, ...before, ...flags, path, ...args];
  const child = childProcesses.spawn(line[0]!, line.slice(1), {
    stdio: ["ignore", "pipe", "pipe"],
    detached: group,
    ...cwd !== undefined && { cwd },
  });
  const kill = (signal: string): void => {
    if (group) process.kill(-child.pid, signal);
    else child.kill(signal);
  };
  let output = "";
  const collect = (chunk: { toString(): string }): void => {
    output += chunk.toString();
    onOutput?.(output, kill);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), limit);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, output, time: performance.now() - start });
    });
  });
}

/** Whether this machine has a command, and lets it run. */
export function canRun([command, ...args]: string[]): boolean {
  try {
    childProcesses.execFileSync(command!, args);
    return true;
  } catch {
    return false;
  }
}

/** Whether a process lives; zombies don't. */
export function isAlive(pid: number): boolean {
  try {
    const state = childProcesses.execFileSync("ps", ["-o", "stat=", "-p", String(pid)]).toString();
    return !state.trim().startsWith("Z") && state.trim() !== "";
  } catch {
    return false;
  }
}

/** The processes that a process started and that live. */
export function childrenOf(pid: number): number[] {
  const table = childProcesses.execFileSync("ps", ["-eo", "pid=,ppid=,stat=,comm="]).toString();
  return table.split("\n").map((line) => line.trim().split(/\s+/))
    .filter(([, parent, state, name]) =>
      Number(parent) === pid && !state!.startsWith("Z") && name !== "ps"
    )
    .map(([child]) => Number(child));
}

/** Those of a process's children that have this in their environment (on Linux). */
export function childrenWith(pid: number, variable: string): number[] {
  const files = process.getBuiltinModule("node:fs") as {
    readFileSync(path: string, encoding: string): string;
  };
  return childrenOf(pid).filter((child) => {
    try {
      return files.readFileSync(`/proc/${child}/environ`, "utf8").split("\0").includes(variable);
    } catch {
      return false;
    }
  });
}

/** How many sockets this process has open (on Linux). */
export function openSockets(): number {
  const files = process.getBuiltinModule("node:fs") as {
    readdirSync(path: string): string[];
    readlinkSync(path: string): string;
  };
  const isSocket = (name: string): boolean => {
    try {
      return files.readlinkSync(`/proc/self/fd/${name}`).startsWith("socket:");
    } catch {
      return false;
    }
  };
  try {
    return files.readdirSync("/proc/self/fd").filter(isSocket).length;
  } catch {
    return 0;
  }
}

export const ownPid: number = process.pid;
