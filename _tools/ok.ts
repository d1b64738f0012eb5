/**
 * `deno task ok`: the gate. All that must hold before something is committed, one
 * step after the other; it ends at the first that fails, and shows what that said.
 *
 * ```sh
 * deno task ok
 * deno task ok --only=format,lint
 * deno task ok --skip=tests
 * ```
 *
 * @module
 */

import { parseArgs } from "node:util";
import { shippedFiles } from "./import_rules.ts";
import { copyConfig, findRuntimes, install } from "./install.ts";
import { fromRoot, pathOf } from "./paths.ts";

/** Does something, and tells what is wrong, if something is. */
type Step = () => Promise<string | undefined>;

const STEPS: Record<string, Step> = {
  install,
  config: checkConfig,
  format: () => deno("fmt", "--check"),
  lint: () => deno("lint"),
  types: () => deno("check", "."),
  "web types": checkWebTypes,
  imports: () => deno("run", "-A", "_tools/import_rules.ts"),
  "worker source": () => deno("run", "-A", "_tools/worker_source.ts", "--check"),
  names: () => deno("run", "-A", "_tools/public_names.ts"),
  docs: async () => deno("doc", "--lint", ...await entryPoints()),
  examples: async () => deno("test", "-A", "--doc", "--parallel", ...await documented()),
  tests: () => deno("run", "-A", "_tools/test.ts"),
  publish: () => deno("publish", "--dry-run", "--allow-dirty"),
};

/** Runs Deno in the project's root. */
function deno(...args: string[]): Promise<string | undefined> {
  return run(Deno.execPath(), args);
}

async function run(command: string, args: string[]): Promise<string | undefined> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: pathOf(fromRoot("")),
    stdin: "null",
    env: Deno.stdout.isTerminal() ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" },
  }).output();
  if (success) return undefined;
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

async function checkConfig(): Promise<string | undefined> {
  const changed = await copyConfig();
  if (changed.length === 0) return undefined;
  return `Not what deno.json said, but now it is: ${changed.join(", ")}`;
}

/** Checks what ships as a user's TypeScript does who has neither Deno's types nor Bun's nor Node's. */
async function checkWebTypes(): Promise<string | undefined> {
  const { node } = await findRuntimes();
  if ("missing" in node) return node.missing;
  const tsc = pathOf(fromRoot("node_modules/typescript/bin/tsc"));
  return run(node.command, [tsc, "--project", "_tools/tsconfig.json"]);
}

async function entryPoints(): Promise<string[]> {
  const config = JSON.parse(await Deno.readTextFile(fromRoot("deno.json")));
  return Object.values(config.exports);
}

async function documented(): Promise<string[]> {
  const readme = await Deno.stat(fromRoot("README.md")).then(() => ["README.md"], () => []);
  // Files of a runtime have no public symbols, and a worker's can't be loaded outside of one.
  return [...readme, ...(await shippedFiles()).filter((path) => !path.includes("_runtime/"))];
}

const { values: options } = parseArgs({
  args: Deno.args,
  options: { only: { type: "string" }, skip: { type: "string", default: "" } },
});
const only = options.only?.split(",");
const skip = options.skip.split(",");

for (const [name, step] of Object.entries(STEPS)) {
  if (only?.includes(name) === false || skip.includes(name)) continue;
  const started = performance.now();
  const problem = await step();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${problem === undefined ? "ok  " : "FAIL"}  ${name} (${seconds} s)`);
  if (problem !== undefined) {
    console.error(`\n${problem.trim()}\n`);
    Deno.exit(1);
  }
}
