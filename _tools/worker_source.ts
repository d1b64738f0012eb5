/**
 * `deno task build:worker`: writes `executors/_runtime/worker_source.ts`, the text that
 * workers start from, out of `executors/_runtime/worker_main.ts`. With `--check` it only
 * tells whether the file is as it should be.
 *
 * @module
 */

import { findRuntimes } from "./install.ts";
import { fromRoot, pathOf } from "./paths.ts";
import ts from "typescript";

const SOURCE = "executors/_runtime/worker_main.ts";
const TARGET = "executors/_runtime/worker_source.ts";
/** How long a line is at least, but for the last. */
const LINE = 80;

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

/** Breaks a line before statements: of code that threw, Node prints the whole line. */
function breakLines(code: string): string {
  const places: number[] = [];
  const look = (node: ts.Node) => {
    if (ts.isStatement(node) && !ts.isBlock(node) || ts.isClassElement(node)) {
      places.push(node.getStart());
    }
    ts.forEachChild(node, look);
  };
  look(ts.createSourceFile("worker.js", code, ts.ScriptTarget.Latest, true));
  let lines = "";
  let from = 0;
  for (const place of places) {
    if (place - from < LINE) continue;
    lines += code.slice(from, place) + "\n";
    from = place;
  }
  return lines + code.slice(from);
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
