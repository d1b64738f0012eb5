/** What the benches are told on their command lines. @module */

import { parseArgs } from "node:util";
import type { RuntimeName } from "../../_tools/install.ts";
import { RUNTIMES } from "./process.ts";

/** What a command was told. */
export interface Options {
  /** The runtimes to measure on. */
  only: RuntimeName[];
  /** The cases to measure. */
  cases: string[];
  /** What else, by name. */
  values: Record<string, string | boolean | undefined>;
  positionals: string[];
}

/** An option that a command takes besides `--only` and `--case`. */
type Other = { type: "boolean"; default: boolean } | { type: "string"; default: string };

/**
 * Reads `--only=deno,bun`, `--case=a,b` and whatever else a command takes; ends the process
 * if they make no sense.
 */
export function readOptions(
  cases: string[],
  others: Record<string, Other>,
  runtimes: RuntimeName[] = RUNTIMES,
): Options {
  const { values, positionals } = parse({
    ...others,
    only: { type: "string", default: runtimes.join(",") },
    case: { type: "string", default: cases.join(",") },
  });
  const only = String(values["only"]).split(",") as RuntimeName[];
  const names = String(values["case"]).split(",");
  const unknown = only.find((name) => !RUNTIMES.includes(name)) ??
    names.find((name) => !cases.includes(name));
  if (unknown !== undefined) refuse(`Cannot measure '${unknown}': no such thing`);
  return { only, cases: names, values, positionals };
}

function parse(options: Record<string, Other>) {
  try {
    return parseArgs({ args: Deno.args, allowPositionals: true, options });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** Ends the process, which was told something that makes no sense. */
export function refuse(message: string): never {
  console.error(message);
  Deno.exit(2);
}
