/** The whole of a command: options, versions, cases one after the other, the exit code. @module */

import { findRuntimes, install, type Runtime, type RuntimeName } from "../../_tools/install.ts";
import { type Entry, makeEntry, planOf, runEntry } from "./entry.ts";
import { readOptions } from "./options.ts";
import { showProgress } from "./process.ts";
import { findPythons, PYTHONS } from "./pythons.ts";
import { printCase } from "./report.ts";
import { contestantsOf, type Subject } from "./subject.ts";
import { findLibraries, packageOf, printVersions } from "./versions.ts";

/** Measures what the command line asks for; gives 1 if a target was missed or a contender of ours failed. */
export async function bench(subject: Subject): Promise<number> {
  const { only, cases, values } = readOptions(
    Object.keys(subject.cases),
    { quick: { type: "boolean", default: false } },
    subject.runtimes,
  );
  const rounds = values.quick ? subject.rounds.quick : subject.rounds.all;
  const problem = await install();
  if (problem !== undefined) console.error(problem);
  const runtimes = await findRuntimes();
  const pythons = await findPythons(subject.pythons);
  const libraries = await findLibraries(subject.packages);
  printVersions({ ...runtimes, ...pythons, ...libraries });

  const present = only.filter((name) => !("missing" in runtimes[name]));
  const total = { ok: 0, missed: 0 };
  for (const name of cases) {
    const { title, needs } = subject.cases[name]!;
    if (needs !== undefined && !await isInstalled(needs)) {
      console.log(`${title}: skipped, ${needs} is not installed\n`);
      continue;
    }
    const entries = entriesOf(subject, name, present, { ...runtimes, ...pythons, ...libraries });
    await takeTurns(name, entries, rounds);
    const verdicts = printCase(subject.cases[name]!, present, entries);
    total.ok += verdicts.ok;
    total.missed += verdicts.missed;
  }
  console.log(`${total.ok} targets ok, ${total.missed} missed`);
  return total.missed > 0 ? 1 : 0;
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["--version"] }).output();
    return true;
  } catch {
    return false;
  }
}

/** What to start for a case: for each contender a process on each runtime, or one for Python. */
function entriesOf(
  subject: Subject,
  name: string,
  present: RuntimeName[],
  found: Record<string, Runtime>,
): Entry[] {
  const spec = subject.cases[name]!;
  return contestantsOf(spec).flatMap((contestant) => {
    const { id } = contestant;
    const peer = id.split(": ")[0]!;
    const needed = found[packageOf(peer)];
    if (needed !== undefined && "missing" in needed) return [];
    const plan = planOf(spec, contestant);
    if (peer in PYTHONS) {
      return needed === undefined ? [] : [makeEntry(subject, name, id, "python", needed, plan)];
    }
    return present.map((on) =>
      makeEntry(subject, name, id, on, found[on] as { command: string; version: string }, plan)
    );
  });
}

/** Runs all of them as often as it takes, each time in the other direction. */
async function takeTurns(name: string, entries: Entry[], rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const entry of round % 2 === 0 ? entries : entries.toReversed()) {
      await showProgress(`${name} ${round + 1}/${rounds} ${entry.on} ${entry.id}`);
      await runEntry(entry);
    }
  }
  await showProgress();
}
