/**
 * `deno task bench:breathe`: does the platform breathe while the loop is busy?
 *
 * ```sh
 * deno task bench:breathe              # medians of 5 processes
 * deno task bench:breathe --quick      # of one
 * deno task bench:breathe --only=deno
 * ```
 *
 * Two tasks yield to each other for ever. Beside them run an interval of 1 ms and an
 * echo over TCP on loopback, in the same process. For comparison: the two without
 * tasks, the tasks alone, and the tasks on a loop that never lets the platform run.
 * Ends with 1 if a target was missed.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { findRuntimes, install, type RuntimeName } from "../_tools/install.ts";
import { fromRoot, pathOf } from "../_tools/paths.ts";
import type { Report } from "./_breathe/worker.ts";
import { ARGS, describeMachine, runJSON, RUNTIMES, showProgress } from "./_harness/process.ts";
import { median, printTable } from "./_harness/table.ts";

/** How long each measures, in milliseconds. */
const TIME = 2000;

const KINDS = ["generators, yield", "async, await sleep(0)"];

const LAG_LIMIT = 10;
const ECHO_LIMIT = 1000;
const SPEED_LIMIT = 0.5;

/** One thing to start: see _breathe/worker.ts. */
interface Setting {
  runtime: RuntimeName;
  mode: "platform" | "beside" | "alone" | "unbounded";
  kind: string;
  reports: Report[];
}

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: RUNTIMES.join(",") },
  },
});

let ok = 0;
let missed = 0;

Deno.exit(
  await main().catch((error: Error) => {
    console.error(error.message);
    return 2;
  }),
);

async function main(): Promise<number> {
  const names = options.only.split(",") as RuntimeName[];
  const unknown = names.find((name) => !RUNTIMES.includes(name));
  if (unknown !== undefined) throw new TypeError(`Cannot measure '${unknown}': no such runtime`);
  const problem = await install();
  if (problem !== undefined) console.error(problem);
  const runtimes = await findRuntimes();
  const present = names.filter((name) => {
    const runtime = runtimes[name];
    console.log(
      "missing" in runtime ? `${name}: skipped, ${runtime.missing}` : `${name} ${runtime.version}`,
    );
    return !("missing" in runtime);
  });
  console.log(`${describeMachine()}\n`);

  const settings = present.flatMap((runtime): Setting[] => [
    { runtime, mode: "platform", kind: KINDS[0]!, reports: [] },
    ...KINDS.flatMap((kind) =>
      (["beside", "alone", "unbounded"] as const)
        .map((mode) => ({ runtime, mode, kind, reports: [] }))
    ),
  ]);
  const rounds = options.quick ? 1 : 5;
  for (let round = 0; round < rounds; round++) {
    for (const setting of round % 2 === 0 ? settings : settings.toReversed()) {
      const { runtime, mode, kind, reports } = setting;
      await showProgress(`${round + 1}/${rounds} ${runtime} ${mode} ${kind}`);
      const { command } = runtimes[runtime] as { command: string };
      const worker = pathOf(fromRoot("bench/_breathe/worker.ts"));
      const args = [...ARGS[runtime], worker, mode, kind, String(TIME)];
      reports.push(await runJSON<Report>(command, args));
    }
  }
  await showProgress();
  printTable(
    [
      "",
      "switches/s",
      "of unbounded",
      "echoes/s",
      "interval late by p50",
      "p99",
      "at most",
    ],
    settings.map((setting) => rowOf(setting, settings)),
  );
  console.log(`${ok} targets ok, ${missed} missed`);
  return missed > 0 ? 1 : 0;
}

/** A line of the table; what tasks and platform do beside each other is judged. */
function rowOf(setting: Setting, settings: Setting[]): string[] {
  const { runtime, mode, kind } = setting;
  const of = (pick: (report: Report) => number, { reports } = setting) => median(reports.map(pick));
  const speed = of(({ switches }) => switches);
  const unbounded = settings.find((other) =>
    other.runtime === runtime && other.kind === kind && other.mode === "unbounded"
  )!;
  const kept = speed / of(({ switches }) => switches, unbounded);
  const echoes = of((report) => report.echoes);
  const p99 = of(({ lag }) => lag.p99);
  const isJudged = mode === "beside";
  const hasTasks = mode !== "platform";
  const hasPlatform = mode === "platform" || isJudged;
  const judge = (shown: string, isOk: boolean, limit: string): string => {
    if (!isJudged) return shown;
    if (isOk) ok++;
    else missed++;
    return `${shown} (${limit}) ${isOk ? "ok" : "MISSED"}`;
  };
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  return [
    `${runtime}, ${mode}${hasTasks ? `: ${kind}` : ""}`,
    hasTasks ? round(speed) : "–",
    hasTasks
      ? judge(`${(kept * 100).toFixed(0)}%`, kept >= SPEED_LIMIT, `≥ ${SPEED_LIMIT * 100}%`)
      : "–",
    hasPlatform ? judge(round(echoes), echoes >= ECHO_LIMIT, `≥ ${round(ECHO_LIMIT)}`) : "–",
    hasPlatform ? ms(of(({ lag }) => lag.p50)) : "–",
    hasPlatform ? judge(ms(p99), p99 < LAG_LIMIT, `< ${ms(LAG_LIMIT)}`) : "–",
    hasPlatform ? ms(of(({ lag }) => lag.max)) : "–",
  ];
}

function round(value: number): string {
  return Math.round(value).toLocaleString("en");
}
