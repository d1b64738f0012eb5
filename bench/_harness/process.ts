/** Measuring in fresh processes. @module */

import { cpus } from "node:os";
import type { RuntimeName } from "../../_tools/install.ts";
import { fromRoot, pathOf } from "../../_tools/paths.ts";

/** The runtimes, in the order of the tables. */
export const RUNTIMES: RuntimeName[] = ["deno", "bun", "node"];

/** How each is told to run a file. */
export const ARGS: Record<RuntimeName, string[]> = {
  deno: ["run", "--allow-all", "--no-check", "--v8-flags=--expose-gc"],
  bun: ["run"],
  node: ["--expose-gc"],
};

/** After how many milliseconds a process is killed. */
const LIMIT = 120_000;

/** Runs a program whose last line is JSON. */
export async function runJSON<T>(
  command: string,
  args: string[],
  { cwd = pathOf(fromRoot(".")), limit = LIMIT }: { cwd?: string; limit?: number } = {},
): Promise<T> {
  const child = new Deno.Command(command, {
    args,
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, limit);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  if (isLate) throw new Error(`no answer in ${limit / 1000} s`);
  const line = textOf(stdout).trim().split("\n").at(-1)!;
  if (success && line.startsWith("{")) return JSON.parse(line);
  throw new Error(whatWentWrong(textOf(stderr)));
}

function textOf(output: Uint8Array): string {
  return new TextDecoder().decode(output);
}

/** The line of an error's output that tells most. */
function whatWentWrong(text: string): string {
  return /^.*Error:.*$/m.exec(text)?.[0].trim() ?? text.trim().split("\n").at(-1) ?? "nothing";
}

/** Shows on a terminal what is going on; nothing takes it back. */
export async function showProgress(text = ""): Promise<void> {
  if (!Deno.stderr.isTerminal()) return;
  await Deno.stderr.write(new TextEncoder().encode(`\r\x1b[K${text}`));
}

/** The machine: its CPU, and how many of it. */
export function describeMachine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim()}, ${Deno.build.target}`;
}
