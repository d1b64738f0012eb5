/**
 * `deno task bench:bun`, `deno task bench:node`: the suites of `deno bench`, elsewhere.
 *
 * ```sh
 * deno task bench                      # on Deno, by its own `deno bench`
 * deno task bench:bun                  # all
 * deno task bench:node spawn queue     # those whose names contain one of these
 * ```
 *
 * @module
 */

import { parseArgs } from "node:util";
import { findRuntimes, install, type RuntimeName } from "../_tools/install.ts";
import { filesUnder, fromRoot, pathOf } from "../_tools/paths.ts";
import { refuse } from "./_harness/options.ts";
import { ARGS } from "./_harness/process.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: { only: { type: "string", default: "bun" } },
});

await install();
const runtime = (await findRuntimes())[values.only as RuntimeName];
if (runtime === undefined || "missing" in runtime) {
  refuse(`Cannot measure on ${values.only}: ${runtime?.missing ?? "no such runtime"}`);
}
const files = (await filesUnder("bench", (path) => path.endsWith("_bench.ts"), false))
  .map((path) => path.slice("bench/".length))
  .filter((name) => positionals.length === 0 || positionals.some((part) => name.includes(part)));
const { code } = await new Deno.Command(runtime.command, {
  args: [...ARGS[values.only as RuntimeName], "bench/_harness/mitata.ts", ...files],
  cwd: pathOf(fromRoot(".")),
}).spawn().status;
Deno.exit(code);
