/**
 * Runs conformance vectors and compares the traces with those that CPython gave.
 *
 *     deno task conformance [--mode=generator|async|async-noals] [--show ID] FILE.jsonl …
 *
 * @module
 */

import process from "node:process";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { execute, firstDifference, type Mode, MODES, parseVectors } from "./execute.ts";

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: { mode: { type: "string", default: "generator" }, show: { type: "string" } },
});
const mode = values.mode as Mode;
if (!MODES.includes(mode) || positionals.length === 0) {
  console.error(
    `Usage: deno task conformance [--mode=${MODES.join("|")}] [--show ID] FILE.jsonl …` +
      (MODES.includes(mode) ? "" : `\nThere is no mode '${mode}'`),
  );
  process.exit(2);
}

const counts = new Map<string, { passed: number; total: number }>();
let shown = false;
for (const path of positionals) {
  for (const vector of parseVectors(await readFile(path, "utf8"), path)) {
    if (values.show !== undefined && vector.id !== values.show) continue;
    const trace = await execute(vector.program, mode).catch((error) => [`crashed: ${error.stack}`]);
    const different = firstDifference(vector.trace, trace);
    const count = counts.get(vector.category) ?? { passed: 0, total: 0 };
    counts.set(vector.category, count);
    count.total++;
    if (different < 0) count.passed++;
    if (values.show !== undefined) {
      shown = true;
      showSideBySide(vector.trace, trace);
    } else if (different >= 0) {
      console.log(`${vector.id} differs at line ${different + 1}:`);
      console.log(`  CPython: ${vector.trace[different]}\n  here:    ${trace[different]}`);
    }
  }
}
if (values.show !== undefined && !shown) {
  console.error(`There is no vector '${values.show}' in these files`);
  process.exit(2);
}

let passed = 0;
let total = 0;
for (const [category, count] of counts) {
  console.log(`${category}: ${count.passed} of ${count.total}`);
  passed += count.passed;
  total += count.total;
}
console.log(`total: ${passed} of ${total} (${mode})`);
process.exit(passed === total ? 0 : 1);

function showSideBySide(expected: string[], actual: string[]): void {
  const width = Math.max(7, ...expected.map((line) => line.length));
  console.log(`  ${"CPython".padEnd(width)}  here`);
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const mark = expected[i] === actual[i] ? " " : "≠";
    console.log(`${mark} ${(expected[i] ?? "").padEnd(width)}  ${actual[i] ?? ""}`);
  }
}
