/** Which runtime the tests run on, and programs of it that are watched from outside. */

declare const process: {
  execPath: string;
  getBuiltinModule(name: string): unknown;
  pid: number;
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

/** Runs a program of this runtime. */
export function runProgram(
  path: string,
  args: string[] = [],
  { limit = 15_000, flags = [] as string[], onOutput }: {
    limit?: number;
    flags?: string[];
    onOutput?: (text: string, kill: (signal: string) => void) => void;
  } = {},
): Promise<Outcome> {
  const start = performance.now();
  const before = runtime === "deno" ? ["run", "--quiet", "-A", "--no-check", "--no-lock"] : [];
  const child = childProcesses.spawn(process.execPath, [...before, ...flags, path, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const collect = (chunk: { toString(): string }): void => {
    output += chunk.toString();
    onOutput?.(output, (signal) => child.kill(signal));
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

export const ownPid: number = process.pid;
