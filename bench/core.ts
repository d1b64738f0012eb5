/**
 * `deno task bench:core`: the core against the platform, CPython, uvloop, Effect and
 * Effection, side by side in one run.
 *
 * ```sh
 * deno task bench:core                      # everything, medians of 5 processes
 * deno task bench:core --quick              # of 3
 * deno task bench:core --only=deno,bun
 * deno task bench:core --case=spawn,switch
 * ```
 *
 * Each figure is the median of as many fresh processes, which take turns, back and
 * forth; in each counts the median of up to five runs. Ends with 1 if a target was
 * missed or a result was wrong.
 *
 * @module
 */

import { findRuntimes, install, type Runtime, type RuntimeName } from "../_tools/install.ts";
import { fromRoot, pathOf } from "../_tools/paths.ts";
import { CASES, type Id, type PeerName } from "./_core/cases.ts";
import { type CaseName, expected, LONGEST } from "./_core/peer.ts";
import { readOptions } from "./_core/options.ts";
import { ARGS, runJSON, showProgress } from "./_core/process.ts";
import { findPythons } from "./_core/python.ts";
import { type Figures, printFigures, printRatios, type Verdicts } from "./_core/report.ts";
import { median } from "./_core/table.ts";
import { findLibraries, printVersions } from "./_core/versions.ts";
import type { Report } from "./_core/worker.ts";

/** A contender on a runtime, or in Python for all runtimes. */
interface Entry {
  id: Id;
  on: RuntimeName | "python";
  start: { command: string; args: string[] };
  medians: number[];
  note: string;
}

const options = readOptions(CASES);

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
  const libraries = await findLibraries(["effect", "effection"]);
  printVersions({ ...runtimes, ...pythons, ...libraries });

  const present = options.only.filter((name) => !("missing" in runtimes[name]));
  const isThere = (id: Id) => {
    const library = libraries[id.split(": ")[0]!];
    return library === undefined || !("missing" in library);
  };
  const total: Verdicts = { ok: 0, missed: 0 };
  for (const name of options.cases) {
    const spec = CASES[name];
    const entries = spec.contenders.filter(isThere).flatMap((id) =>
      entriesOf(name, id, present, runtimes, pythons)
    );
    await measure(name, entries);
    const figures = collect(entries, present);
    printFigures(spec, present, figures);
    const verdicts = printRatios(spec, present, figures);
    total.ok += verdicts.ok;
    total.missed += verdicts.missed;
  }
  console.log(`${total.ok} targets ok, ${total.missed} missed`);
  return total.missed > 0 ? 1 : 0;
}

/** What to start for a contender: one process for each runtime, or one for Python. */
function entriesOf(
  name: CaseName,
  id: Id,
  present: RuntimeName[],
  runtimes: Record<RuntimeName, Runtime>,
  pythons: Record<string, Runtime>,
): Entry[] {
  const [peer, contender] = id.split(": ") as [PeerName, string];
  const args = [peer, name, contender, String(CASES[name].size)];
  const python = pythons[peer];
  const entry = (on: Entry["on"], command: string, first: string[]): Entry => ({
    id,
    on,
    start: { command, args: [...first, ...args] },
    medians: [],
    note: "",
  });
  if (python !== undefined) {
    if ("missing" in python) return [];
    return [entry("python", python.command, [pathOf(fromRoot("bench/_core/python.py"))])];
  }
  const worker = pathOf(fromRoot("bench/_core/worker.ts"));
  return present.map((on) =>
    entry(on, (runtimes[on] as { command: string }).command, [...ARGS[on], worker])
  );
}

/** Runs all of them as often as it takes, each time in the other direction. */
async function measure(name: CaseName, entries: Entry[]): Promise<void> {
  const rounds = options.quick ? 3 : 5;
  for (let round = 0; round < rounds; round++) {
    for (const entry of round % 2 === 0 ? entries : entries.toReversed()) {
      await showProgress(`${name} ${round + 1}/${rounds} ${entry.on} ${entry.id}`);
      await measureOnce(name, entry);
    }
  }
  await showProgress();
}

async function measureOnce(name: CaseName, entry: Entry): Promise<void> {
  const { command, args } = entry.start;
  const where = `${entry.id} on ${entry.on}`;
  const { n, samples } = await runJSON<Report>(command, args);
  for (const { check } of samples) {
    const right = expected(name, n);
    if (check !== right) throw new Error(`${where} is wrong: it gave ${check}, not ${right}`);
  }
  const { size } = CASES[name];
  if (n !== size) entry.note = ` (of ${n.toLocaleString("en")})`;
  entry.medians.push(scale(name, median(samples.map(({ value }) => value)), size / n));
}

/** What a value would be for `times` as many, at least. */
function scale(name: CaseName, value: number, times: number): number {
  if (name === "memory") return value; // for each
  if (name === "sleep") return LONGEST + (value - LONGEST) * times;
  return value * times;
}

function collect(entries: Entry[], present: RuntimeName[]): Figures {
  const figures: Figures = new Map();
  for (const { id, on, medians, note } of entries) {
    const byRuntime = figures.get(id) ?? new Map();
    figures.set(id, byRuntime);
    const figure = { value: median(medians), note };
    for (const runtime of on === "python" ? present : [on]) byRuntime.set(runtime, figure);
  }
  return figures;
}
