/**
 * Running a program of its own: on the runtime that runs the tests.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** How a program ended. */
export interface Outcome {
  /** Its exit code; null if a signal ended it. */
  code: number | null;
  /** The signal that ended it. */
  signal: string | null;
  /** What it printed, without colours. */
  stdout: string;
  /** What it printed as errors, without colours. */
  stderr: string;
}

/** What to do to a program while it runs. */
export interface ProgramOptions {
  /** Called with each line that it prints, and a function that sends it a signal. */
  onLine?: (line: string, kill: (signal: "SIGINT") => void) => void;
  /** Options of the runtime: those that make `gc()` there, for instance. */
  flags?: string[];
  /** Arguments of the program. */
  args?: string[];
}

/** The root of the project. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** The runtime that runs the tests. */
export const RUNTIME: "deno" | "bun" | "node" = "Deno" in globalThis
  ? "deno"
  : "Bun" in globalThis
  ? "bun"
  : "node";

const SUBCOMMAND = { deno: ["run", "-A", "--no-check"], bun: [], node: [] }[RUNTIME];

/** Runs a file of the project. */
export function runFile(path: string, options: ProgramOptions = {}): Promise<Outcome> {
  return execute([path, ...options.args ?? []], options);
}

/** Runs the text of a module, which may import `@aio/asyncio`. */
export function runText(text: string, options: ProgramOptions = {}): Promise<Outcome> {
  if (RUNTIME === "bun") return execute(["-e", text], options);
  if (RUNTIME === "node") return execute(["--input-type=module-typescript", "-e", text], options);
  return execute(["-"], options, text);
}

function execute(args: string[], options: ProgramOptions, input = ""): Promise<Outcome> {
  const child = spawn(process.execPath, [...SUBCOMMAND, ...options.flags ?? [], ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1" },
  });
  let stdout = "";
  let stderr = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    stdout += line + "\n";
    // Not `child.kill()`: Deno's works once, and takes any end after it for one by that signal.
    // Not at once: Deno's listeners hear a signal some milliseconds after they were added.
    options.onLine?.(line, (signal) => setTimeout(() => process.kill(child.pid!, signal), 30));
  });
  createInterface({ input: child.stderr }).on("line", (line) => stderr += line + "\n");
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
