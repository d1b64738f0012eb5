/** A contender in a place to run: a process that is started again and again. @module */

import type { Runtime, RuntimeName } from "../../_tools/install.ts";
import { fromRoot, pathOf } from "../../_tools/paths.ts";
import type { Plan, Report, Sample } from "./peer.ts";
import { ARGS, runJSON } from "./process.ts";
import type { Case, Contestant, Id, Subject } from "./subject.ts";
import { median, quantile } from "./table.ts";

/** Where contenders run; Python's figures count for all runtimes. */
export type Place = RuntimeName | "python";

/** The figures of one process, or what they come to: the case's own and its others, by name. */
export type Figures = Record<string, number>;

/** The name of a case's own figure. */
export const OWN = "";

/** What is started. */
export interface Entry {
  subject: Subject;
  spec: Case;
  id: Id;
  on: Place;
  command: string;
  args: string[];
  /** The root of the project whose `bench/` is run. */
  cwd: string;
  size: number;
  /** One for each process so far. */
  figures: Figures[];
  /** A note for the table, such as that it did a tenth. */
  note: string;
  /** Why there are no more figures. */
  problem?: string;
}

/** As many runs as there is time for; JSON has no Infinity. */
const MANY = 1e9;

/** How a case is measured: all of it, or a short look. */
export function planOf(spec: Case, { size, short }: Contestant, isShort = false): Plan {
  const { once = false, patience = once ? null : 4000 } = spec;
  return isShort
    ? {
      size: short!,
      once,
      patience: null,
      warmUp: 200,
      enough: 300,
      most: MANY,
    }
    // A small run is soon over, and its median needs more of them.
    : { size, once, patience, warmUp: 500, enough: 1000, most: size < 100_000 ? 50 : 5 };
}

/** What to start for a contender. */
export function makeEntry(
  subject: Subject,
  name: string,
  id: Id,
  on: Place,
  { command }: Extract<Runtime, { command: string }>,
  plan: Plan,
  cwd: string = pathOf(fromRoot(".")),
): Entry {
  const program = on === "python"
    ? ["bench/_harness/python.py"]
    : [...ARGS[on], "bench/_harness/worker.ts"];
  const [peer, contender] = id.split(": ") as [string, string];
  return {
    subject,
    spec: subject.cases[name]!,
    id,
    on,
    command,
    args: [...program, subject.name, name, peer, contender, JSON.stringify(plan)],
    cwd,
    size: plan.size,
    figures: [],
    note: "",
  };
}

/**
 * Starts its process once more, if nothing has gone wrong so far, and keeps what it measured:
 * the median of its runs. Or what they take when nothing disturbs them, as what else the machine
 * does only adds: of the times for which they computed, where that was measured, the one than
 * which a tenth is shorter.
 */
export async function runEntry(entry: Entry, undisturbed = false): Promise<void> {
  if (entry.problem !== undefined) return;
  const { spec, command, args, cwd, size } = entry;
  try {
    const { n, samples } = await runJSON<Report>(command, args, {
      cwd,
      ...(spec.limit === undefined ? {} : { limit: spec.limit }),
    });
    for (const sample of samples) {
      const right = spec.expected(sample.n ?? n);
      if (sample.check === right) continue;
      throw new Error(`wrong result: it gave ${sample.check}, not ${right}`);
    }
    if (n !== size) entry.note = ` (of ${n.toLocaleString("en")})`;
    const part = undisturbed ? 0.1 : 0.5;
    const own = (sample: Sample) => figureOf(spec, size, n, sample, undisturbed);
    const figures: Figures = { [OWN]: quantile(samples.map(own), part) };
    for (const name of Object.keys(spec.also ?? {})) {
      figures[name] = quantile(samples.map(({ also }) => also?.[name] ?? NaN), part);
    }
    entry.figures.push(figures);
  } catch (error) {
    entry.problem = (error as Error).message;
  }
}

/** What a run took for one of what is measured, or as a whole if that is what is shown. */
function figureOf(
  { unit, floor = 0 }: Case,
  size: number,
  n: number,
  sample: Sample,
  undisturbed: boolean,
): number {
  if (unit === "ms") return floor + (sample.value - floor) * size / n;
  const value = undisturbed ? sample.cpu ?? sample.value : sample.value;
  return value / (sample.n ?? n);
}

/** What the processes come to, if there were any, and if they measured that. */
export function resultOf(entry: Entry | undefined, figure: string): number | undefined {
  if (entry === undefined || entry.problem !== undefined || entry.figures.length === 0) {
    return undefined;
  }
  const result = median(entry.figures.map((figures) => figures[figure]!));
  return Number.isNaN(result) ? undefined : result;
}
