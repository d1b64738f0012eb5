/**
 * `deno task bench:sync`: locks, queues and `mapConcurrent` against CPython, uvloop, Effect,
 * async-mutex, p-map, p-limit and p-queue, side by side in one run.
 *
 * ```sh
 * deno task bench:sync                      # everything, medians of 5 processes
 * deno task bench:sync --quick              # of 3
 * deno task bench:sync --only=deno          # deno and bun by default; node, too
 * deno task bench:sync --case=queue,lock
 * ```
 *
 * Each figure is the median of as many fresh processes, which take turns, back and
 * forth; in each counts the median of its runs. Ends with 1 if a target was missed or a
 * result was wrong.
 *
 * @module
 */

import { findRuntimes, install, type Runtime, type RuntimeName } from "../_tools/install.ts";
import { fromRoot, pathOf } from "../_tools/paths.ts";
import { readOptions } from "./_core/options.ts";
import { ARGS, runJSON, showProgress } from "./_core/process.ts";
import { findPythons } from "./_core/python.ts";
import { median, printTable } from "./_core/table.ts";
import { findLibraries, printVersions } from "./_core/versions.ts";
import { type CaseName, CASES, type Comparison, type Entry, type Id } from "./_sync/cases.ts";
import { expected, type Sample } from "./_sync/peer.ts";

/** The packages that are measured against. */
const PACKAGES = ["effect", "async-mutex", "p-map", "p-limit", "p-queue"];

/** A contender on a runtime, or in Python for all runtimes. */
interface Racer {
  id: Id;
  on: RuntimeName | "python";
  size: number;
  command: string;
  args: string[];
  /** What it took for one of what is measured, in nanoseconds. */
  figures: number[];
}

const options = readOptions(CASES, ["deno", "bun"]);

Deno.exit(
  await main().catch((error: Error) => {
    console.error(error.message);
    return 2;
  }),
);

async function main(): Promise<number> {
  const problem = await install();
  if (problem !== undefined) console.error(problem);
  const runtimes = await findRuntimes();
  const pythons = await findPythons();
  printVersions({ ...runtimes, ...pythons, ...await findLibraries(PACKAGES) });

  let missed = 0;
  const present = options.only.filter((name) => !("missing" in runtimes[name]));
  for (const name of options.cases) {
    const racers = CASES[name].entries.flatMap((entry) =>
      racersOf(name, entry, present, { ...runtimes, ...pythons })
    );
    await measure(name, racers);
    printTable(
      [`${CASES[name].title} (ns each)`, ...present],
      CASES[name].entries.map(({ id }) => [
        id,
        ...present.map((on) => figureOf(racers, id, on)?.toFixed(0) ?? "–"),
      ]),
    );
    missed += printRatios(CASES[name].comparisons, present, racers);
  }
  console.log(missed === 0 ? "All targets were met" : `${missed} targets were missed`);
  return missed > 0 ? 1 : 0;
}

/** What to start for a contender: a process on each runtime, or one for Python. */
function racersOf(
  name: CaseName,
  { id, size = CASES[name].size }: Entry,
  present: RuntimeName[],
  found: Record<string, Runtime>,
): Racer[] {
  const [peer, contender] = id.split(": ") as [string, string];
  const args = [peer, name, contender, String(size)];
  const python = found[peer];
  if (python !== undefined) {
    if ("missing" in python) return [];
    const script = pathOf(fromRoot("bench/_sync/python.py"));
    const { command } = python;
    return [{ id, on: "python", size, command, args: [script, ...args], figures: [] }];
  }
  const worker = pathOf(fromRoot("bench/_sync/worker.ts"));
  return present.map((on) => {
    const { command } = found[on] as { command: string };
    return { id, on, size, command, args: [...ARGS[on], worker, ...args], figures: [] };
  });
}

/** Runs all of them as often as it takes, each time in the other direction. */
async function measure(name: CaseName, racers: Racer[]): Promise<void> {
  const rounds = options.quick ? 3 : 5;
  for (let round = 0; round < rounds; round++) {
    for (const racer of round % 2 === 0 ? racers : racers.toReversed()) {
      await showProgress(`${name} ${round + 1}/${rounds} ${racer.on} ${racer.id}`);
      const samples = await runJSON<Sample[]>(racer.command, racer.args);
      const right = expected(name, racer.size);
      for (const { check } of samples) {
        if (check === right) continue;
        throw new Error(`${racer.id} on ${racer.on} is wrong: it gave ${check}, not ${right}`);
      }
      racer.figures.push(median(samples.map(({ value }) => value)) / racer.size * 1e6);
    }
  }
  await showProgress();
}

function figureOf(racers: Racer[], id: Id, on: RuntimeName): number | undefined {
  const racer = racers.find((racer) => racer.id === id && ["python", on].includes(racer.on));
  return racer === undefined ? undefined : median(racer.figures);
}

/** Prints a line for each comparison; gives how many targets were missed. */
function printRatios(
  comparisons: Comparison[],
  present: RuntimeName[],
  racers: Racer[],
): number {
  let missed = 0;
  const judge = (comparison: Comparison, on: RuntimeName): string => {
    const of = figureOf(racers, comparison.of, on);
    const to = figureOf(racers, comparison.to, on);
    if (of === undefined || to === undefined) return "–";
    const { within, faster } = comparison;
    // As it is shown, so that nothing fails by what can't be seen.
    const ratio = Number((within === undefined ? to / of : of / to).toFixed(2));
    const shown = `${ratio.toFixed(2)}× the ${within === undefined ? "rate" : "time"}`;
    if (within === undefined ? faster === undefined : within === Infinity) return shown;
    const isOk = within === undefined ? ratio >= faster! : ratio <= within;
    if (!isOk) missed++;
    const limit = within === undefined ? `≥ ${faster}` : `≤ ${within}`;
    return `${shown} (${limit}) ${isOk ? "ok" : "MISSED"}`;
  };
  const rows = comparisons.map((comparison) => [
    `${comparison.of} ÷ ${comparison.to}`,
    ...present.map((on) => judge(comparison, on)),
  ]);
  printTable(["ratios", ...present], rows);
  return missed;
}
