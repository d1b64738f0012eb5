/** What the benches have in common to measure in fresh processes. @module */

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

/** Runs a program that prints JSON. */
export async function runJSON<T>(command: string, args: string[]): Promise<T> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: pathOf(fromRoot(".")),
    stdin: "null",
  }).output();
  if (!success) throw new Error(`${args.join(" ")} failed:\n${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
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
