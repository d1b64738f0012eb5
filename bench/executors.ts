/**
 * `deno task bench:executors`: the pools against bare workers, other people's pools and
 * CPython's, side by side in one run, all with two workers.
 *
 * ```sh
 * deno task bench:executors                       # everything, medians of 5 processes
 * deno task bench:executors --quick               # of 1
 * deno task bench:executors --only=deno,bun --case=noop,object
 * ```
 *
 * Each figure is the median of as many fresh processes, which take turns. Ends with 1 if
 * a target was missed or a result was wrong.
 *
 * @module
 */

import { findRuntimes, install, type RuntimeName } from "../_tools/install.ts";
import { fromRoot, pathOf } from "../_tools/paths.ts";
import { readOptions } from "./_core/options.ts";
import { ARGS, showProgress } from "./_core/process.ts";
import { findPythons } from "./_core/python.ts";
import { median, printTable } from "./_core/table.ts";
import { findLibraries, printVersions } from "./_core/versions.ts";
import { type Case, CASES, type Target } from "./_executors/cases.ts";

/** Where a contender runs; Python's figure counts for all runtimes. */
interface Entry {
  contender: string;
  on: RuntimeName | "python";
  command: string;
  args: string[];
  values: number[];
  problem?: string;
}

/** By contender, then by runtime. */
type Figures = Map<string, Map<RuntimeName, number>>;

const PACKAGES = ["piscina", "tinypool", "workerpool", "poolifier", "comlink"];
const LIMIT = 20_000;

const options = readOptions(CASES);

Deno.exit(await main());

async function main(): Promise<number> {
  const wanted = options.only;
  const problem = await install();
  if (problem !== undefined) console.error(problem);
  const runtimes = await findRuntimes();
  const { asyncio: python } = await findPythons();
  printVersions({ ...runtimes, python, ...await findLibraries(PACKAGES) });

  let missed = 0;
  for (const name of options.cases) {
    const spec = CASES[name]!;
    const entries = spec.contenders.flatMap((contender): Entry[] => {
      const kind = /^CPython (.*)/.exec(contender)?.[1];
      if (kind !== undefined) {
        if ("missing" in python) return [];
        const args = [pathOf(fromRoot("bench/_executors/python.py")), kind];
        return [{ contender, on: "python", command: python.command, args, values: [] }];
      }
      return wanted.flatMap((on) => {
        const runtime = runtimes[on];
        if ("missing" in runtime) return [];
        const args = [
          ...ARGS[on],
          pathOf(fromRoot("bench/_executors/measure.ts")),
          name,
          contender,
        ];
        return [{ contender, on, command: runtime.command, args, values: [] }];
      });
    });
    await measure(name, entries);
    missed += print(spec, wanted, entries);
  }
  console.log(missed === 0 ? "all targets met" : `${missed} targets missed`);
  return missed === 0 ? 0 : 1;
}

/** Has the entries take turns, there and back. */
async function measure(name: string, entries: Entry[]): Promise<void> {
  const rounds = options.quick ? 1 : 5;
  for (let round = 0; round < rounds; round++) {
    for (const entry of round % 2 === 0 ? entries : entries.toReversed()) {
      if (entry.problem !== undefined) continue;
      await showProgress(`${name} ${round + 1}/${rounds}: ${entry.contender} on ${entry.on}`);
      try {
        entry.values.push(await runOnce(entry));
      } catch (error) {
        entry.problem = (error as Error).message;
      }
    }
  }
  await showProgress();
}

async function runOnce({ command, args }: Entry): Promise<number> {
  const signal = AbortSignal.timeout(LIMIT);
  const { stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: pathOf(fromRoot(".")),
    stdin: "null",
    signal,
  }).output();
  const line = new TextDecoder().decode(stdout).split("\n").find((text) => text.startsWith("{"));
  if (line !== undefined) return JSON.parse(line).value;
  if (signal.aborted) throw new Error(`no answer in ${LIMIT / 1000} s`);
  const text = new TextDecoder().decode(stderr);
  throw new Error(/^.*Error:.*$/m.exec(text)?.[0] ?? text.trim().split("\n").at(-1) ?? "nothing");
}

/** Prints the figures and the targets; gives how many of those were missed. */
function print(spec: Case, wanted: RuntimeName[], entries: Entry[]): number {
  const figures: Figures = new Map();
  for (const { contender, on, values, problem } of entries) {
    const byRuntime = figures.get(contender) ?? new Map();
    figures.set(contender, byRuntime);
    if (problem !== undefined || values.length === 0) continue;
    for (const runtime of on === "python" ? wanted : [on]) byRuntime.set(runtime, median(values));
  }
  const digits = spec.unit === "µs" ? 0 : 1;
  const rows = [...figures].map(([contender, byRuntime]) => [
    contender,
    ...wanted.map((runtime) => byRuntime.get(runtime)?.toFixed(digits) ?? "–"),
  ]);
  printTable([`${spec.title} (${spec.unit})`, ...wanted], rows);
  let missed = 0;
  const verdicts = spec.targets.map((target) => [
    `${target.of} ÷ ${target.to.length > 1 ? "the best other" : target.to[0]}`,
    ...wanted.map((runtime) => {
      const [text, ok] = judge(spec, target, runtime, figures);
      if (!ok) missed += 1;
      return text;
    }),
  ]);
  printTable(["ratios", ...wanted], verdicts);
  for (const { contender, on, problem } of entries) {
    if (problem !== undefined) console.log(`${contender} on ${on}: ${problem}`);
  }
  console.log();
  return missed;
}

function judge(
  { unit }: Case,
  { of, to, at }: Target,
  runtime: RuntimeName,
  figures: Figures,
): [text: string, ok: boolean] {
  const isRate = unit === "k/s";
  const own = figures.get(of)?.get(runtime);
  const others = to.flatMap((name) => figures.get(name)?.get(runtime) ?? []);
  if (own === undefined) return ["failed", false];
  if (others.length === 0) return ["–", true];
  const ratio = own / (isRate ? Math.max(...others) : Math.min(...others));
  const limit = at[runtime];
  const ok = isRate ? ratio >= limit : ratio <= limit;
  return [`${ratio.toFixed(2)}× ${ok ? "ok" : "MISSED"} (${isRate ? "≥" : "≤"} ${limit}×)`, ok];
}
