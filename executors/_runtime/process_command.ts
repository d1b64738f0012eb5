/**
 * How a worker process is started: as this runtime, with the options that this process was
 * started with, as Python's `spawn` does.
 */

import { builtin, globals, runtime } from "./builtins.ts";
import { denoCommand, type ProcessCommand, readableEnvironment } from "./deno_command.ts";
import { WORKER_SOURCE } from "./worker_source.ts";

/** Options of the processes. */
export interface ProcessHostOptions {
  /** Added to this process's environment. */
  env: Record<string, string> | undefined;
  /** Options of the runtime's, added to this process's. */
  execArgv: string[] | undefined;
  /** Limits of memory. */
  resourceLimits: Record<string, number> | undefined;
}

const SOURCE = 'globalThis.__aioLine = "process";\n' + WORKER_SOURCE;

/** Options that say what to run, or that two processes can't have: ports, watching, tests. */
const OWN =
  /^(?:-e|-p|-pe|-c|-i|--(?:eval|print|check|interactive|input-type|inspect(?:-[\w-]+)?|watch(?:-[\w-]+)?|hot|test(?:-[\w-]+)?|run|entry-url|build-snapshot(?:-config)?|cwd|title))(?:=|$)/;

/** Those of them whose value is the next argument. */
const OWN_WITH_VALUE = /^(?:-e|-p|-pe|--(?:eval|print|watch-path|run|cwd|title|input-type))$/;

/** The command line of a worker. */
export function workerCommand(
  { execArgv = [], resourceLimits }: ProcessHostOptions,
): ProcessCommand {
  const heap = resourceLimits?.maxOldGenerationSizeMb;
  const limit = heap === undefined ? [] : [`--max-old-space-size=${heap}`];
  if (runtime === "deno") {
    return denoCommand(SOURCE, limit.map((option) => `--v8-flags=${option}`), execArgv);
  }
  const options = [...inheritedOptions(), ...execArgv];
  if (runtime === "bun") return { args: [...options, "-e", SOURCE], input: null };
  return { args: [...limit, ...options, "--input-type=module", "-e", SOURCE], input: null };
}

/** The environment of a worker. */
export function workerEnvironment(
  env: Record<string, string> | undefined,
): Record<string, string | undefined> {
  const own = runtime === "deno" ? readableEnvironment() : globals.process!.env;
  return { ...own, ...runtime === "bun" && { BUN_BE_BUN: "1" }, ...env };
}

/** Whether this program is one file with the runtime in it, which can't be started as the runtime. */
export function isSealed(): boolean {
  if (runtime === "deno") return globals.Deno!.build.standalone === true;
  if (runtime !== "node") return false;
  return builtin<{ isSea?(): boolean }>("node:sea")?.isSea?.() === true;
}

function inheritedOptions(): string[] {
  const options: string[] = [];
  const given = globals.process!.execArgv;
  for (let i = 0; i < given.length; i++) {
    if (!OWN.test(given[i]!)) options.push(given[i]!);
    else if (OWN_WITH_VALUE.test(given[i]!)) i += 1;
  }
  return options;
}
