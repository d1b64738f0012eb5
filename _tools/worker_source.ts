/**
 * `deno task build:worker`: writes `executors/_runtime/worker_source.ts`, the text that
 * workers start from, out of `executors/_runtime/worker_main.ts`. With `--check` it only
 * tells whether the file is as it should be.
 *
 * @module
 */

import { findRuntimes } from "./install.ts";
import { fromRoot, pathOf } from "./paths.ts";

const SOURCE = "executors/_runtime/worker_main.ts";
const TARGET = "executors/_runtime/worker_source.ts";

const { bun } = await findRuntimes();
if ("missing" in bun) throw new Error(`Cannot make ${TARGET}: no Bun, ${bun.missing}`);

/** Builds a module into one line. */
async function build(path: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command((bun as { command: string }).command, {
    // Names go, too: an error's class is known by its mark, and Deno reads every byte at a start.
    args: ["build", path, "--target=browser", "--minify"],
    cwd: pathOf(fromRoot(".")),
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

/** Breaks a line between its parts: of code that threw, Node prints the whole line. */
function breakLines(code: string): string {
  let broken = "";
  let quote = "";
  let length = 0;
  for (let i = 0; i < code.length; i++) {
    const char = code[i]!;
    broken += char;
    length++;
    if (char === "\\") broken += code[++i] ?? "";
    else if (quote !== "") { if (char === quote) quote = ""; }
    else if (/["'`]/.test(char)) quote = char;
    else if (/[;,{}]/.test(char) && length > 80) {
      broken += "\n";
      length = 0;
    }
  }
  return broken;
}

const minified = await build(SOURCE);
const lines = breakLines(minified);
if (await rebuilt(lines) !== await rebuilt(minified)) {
  throw new Error(`Cannot make ${TARGET}: its lines break in the wrong places`);
}

async function rebuilt(code: string): Promise<string> {
  const copy = await Deno.makeTempFile({ suffix: ".js" });
  await Deno.writeTextFile(copy, code);
  return await build(copy).finally(() => Deno.remove(copy));
}

// The name is for stack traces: the whole URL would be in each of their lines.
const script = `${lines}\n//# sourceURL=aio-worker.js\n`;
// deno-lint-ignore no-control-regex
if (/[^\x00-\x7f]/.test(script)) throw new Error(`Cannot make ${TARGET}: it isn't ASCII`);
const text = `// Made by \`deno task build:worker\` from worker_main.ts; not to be edited.
// deno-fmt-ignore-file
// deno-lint-ignore-file

/** What a worker runs. */
export const WORKER_SOURCE: string = ${JSON.stringify(script)};
`;
if (Deno.args.includes("--check")) {
  if (await Deno.readTextFile(fromRoot(TARGET)) !== text) {
    console.error(`${TARGET} is stale: run \`deno task build:worker\``);
    Deno.exit(1);
  }
} else await Deno.writeTextFile(fromRoot(TARGET), text);
