/** What the benches are told on their command lines. @module */

import { parseArgs } from "node:util";
import type { RuntimeName } from "../../_tools/install.ts";
import { RUNTIMES } from "./process.ts";

/** The options of a bench. */
export interface Options<C extends string> {
  /** Fewer processes for each figure. */
  quick: boolean;
  /** The runtimes to measure on. */
  only: RuntimeName[];
  /** The cases to measure. */
  cases: C[];
}

/** Reads `--quick`, `--only=deno,bun` and `--case=a,b`; ends the process if they make no sense. */
export function readOptions<C extends string>(
  cases: Record<C, unknown>,
  runtimes: RuntimeName[] = RUNTIMES,
): Options<C> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", default: runtimes.join(",") },
      case: { type: "string", default: Object.keys(cases).join(",") },
    },
  });
  const only = values.only.split(",") as RuntimeName[];
  const names = values.case.split(",") as C[];
  const unknown = only.find((name) => !RUNTIMES.includes(name)) ??
    names.find((name) => !(name in cases));
  if (unknown !== undefined) {
    console.error(`Cannot measure '${unknown}': no such thing`);
    Deno.exit(2);
  }
  return { quick: values.quick, only, cases: names };
}
