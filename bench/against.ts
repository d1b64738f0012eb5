/**
 * `deno task bench:against REV`: is what stands here slower than it was?
 *
 * ```sh
 * deno task bench:against HEAD                       # what isn't committed yet
 * deno task bench:against main --case=spawn,switch --only=deno
 * deno task bench:against v0.1.0 --rounds=15 --limit=3
 * ```
 *
 * Short runs of this module's own scenarios, in fresh processes that take turns: here, and
 * in a worktree of REV. Benches and all are taken from here, so REV may be older than they
 * are. Ends with 1 if something is slower. The README tells how that is judged.
 *
 * @module
 */

import { findRuntimes, install, type Runtime, type RuntimeName } from "../_tools/install.ts";
import { CORE } from "./_core/cases.ts";
import { EXECUTORS } from "./_executors/cases.ts";
import { SERVER } from "./_server/cases.ts";
import { SYNC } from "./_sync/cases.ts";
import { type Entry, makeEntry, OWN, planOf, runEntry } from "./_harness/entry.ts";
import { readOptions, refuse } from "./_harness/options.ts";
import { showProgress } from "./_harness/process.ts";
import { type Contestant, contestantsOf, type Subject } from "./_harness/subject.ts";
import { inUnit, quantile } from "./_harness/table.ts";
import { printVersions } from "./_harness/versions.ts";
import { withWorktree } from "./_harness/worktree.ts";

const SUBJECTS: Subject[] = [CORE, SERVER, SYNC, EXECUTORS];

/** One of this module's scenarios. */
interface Scenario {
  subject: Subject;
  name: string;
  contestant: Contestant;
}

const SCENARIOS: Scenario[] = SUBJECTS.flatMap((subject) =>
  Object.entries(subject.cases).flatMap(([name, spec]) =>
    contestantsOf(spec)
      .filter(({ id, short }) => id.startsWith("ours: ") && short !== null)
      .map((contestant) => ({ subject, name, contestant }))
  )
);

const { only, cases, values, positionals: [revision, ...more] } = readOptions(
  [...new Set(SCENARIOS.map(({ name }) => name))],
  { rounds: { type: "string", default: "7" }, limit: { type: "string", default: "5" } },
);
const rounds = Number(values["rounds"]);
const limit = Number(values["limit"]);
if (revision === undefined || more.length > 0) refuse("Usage: deno task bench:against REV");
if (!(rounds >= 3)) refuse(`Cannot measure as '--rounds' must be >= 3: it is ${values["rounds"]}`);
if (!(limit >= 0)) refuse(`Cannot judge as '--limit' must be >= 0: it is ${values["limit"]}`);

/** How much slower it may be. */
const tolerated = 1 + limit / 100;

await install();
const runtimes = await findRuntimes();
printVersions(runtimes);
const slower = await withWorktree(revision, async (there, commit) => {
  console.log(`here ÷ ${commit}: median, quartiles; the best there → here\n`);
  const slower: string[] = [];
  for (const scenario of SCENARIOS.filter(({ name }) => cases.includes(name))) {
    for (const on of only) {
      const runtime = runtimes[on];
      if (!("missing" in runtime) && await isSlower(scenario, on, runtime, there)) {
        slower.push(`${on} ${labelOf(scenario)}`);
      }
    }
  }
  return slower;
});
console.log(
  slower.length === 0
    ? `\nNothing is slower by more than ${limit} %`
    : `\nSlower by more than ${limit} %:\n${slower.map((row) => `  ${row}\n`).join("")}`,
);
Deno.exit(slower.length === 0 ? 0 : 1);

/** Measures a scenario on both sides, and prints the row; is it slower here? */
async function isSlower(
  scenario: Scenario,
  on: RuntimeName,
  runtime: Extract<Runtime, { command: string }>,
  there: string,
): Promise<boolean> {
  const { subject, name, contestant } = scenario;
  const spec = subject.cases[name]!;
  const plan = planOf(spec, contestant, true);
  const [now, then] = [undefined, there].map((root) =>
    makeEntry(subject, name, contestant.id, on, runtime, plan, root)
  ) as [Entry, Entry];
  const label = `${on.padEnd(4)}  ${labelOf(scenario).padEnd(48)}`;

  let total = rounds;
  let ratios: number[] = [];
  let best = { then: NaN, now: NaN };
  for (let round = 0; round < total; round++) {
    await showProgress(`${label} ${round + 1}/${total}`);
    for (const entry of round % 2 === 0 ? [then, now] : [now, then]) {
      await runEntry(entry, true);
    }
    if (now.problem !== undefined || then.problem !== undefined) break;
    const of = (entry: Entry) => entry.figures.map((figures) => figures[OWN]!);
    best = { then: Math.min(...of(then)), now: Math.min(...of(now)) };
    ratios = of(now).map((value, i) => value / of(then)[i]!);
    if (round === rounds - 1 && isBeyond(ratios, best.now / best.then)) total = 2 * rounds;
  }
  await showProgress();

  if (then.problem !== undefined) {
    console.log(`${label} can't be measured there: ${then.problem}`);
    return false;
  }
  if (now.problem !== undefined) {
    console.log(`${label} FAILED here: ${now.problem}`);
    return true;
  }
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part).toFixed(2));
  const unit = spec.unit === "per second" ? "ns each" : spec.unit;
  const [before, after] = [best.then, best.now].map((each) => inUnit(unit, each));
  const isSlow = isBeyond(ratios, best.now / best.then);
  const isFast = isBeyond(ratios.map((ratio) => 1 / ratio), best.then / best.now);
  console.log(
    `${label} ${middle}× (${low}–${high})  ${before} → ${after} ${unit}` +
      (isSlow ? "  SLOWER" : isFast ? "  faster" : ""),
  );
  return isSlow;
}

/** Are three quarters of the ratios beyond the limit, and is that of the best? */
function isBeyond(ratios: number[], ofBest: number): boolean {
  return quantile(ratios, 0.25) > tolerated && ofBest > tolerated;
}

function labelOf({ name, contestant: { id } }: Scenario): string {
  return `${name}: ${id.slice("ours: ".length)}`;
}
