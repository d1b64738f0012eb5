/** Tables of figures and of verdicts. @module */

import type { RuntimeName } from "../../_tools/install.ts";
import { type Entry, OWN, resultOf } from "./entry.ts";
import { type Case, type Comparison, type Id, type Limit, targetOn, type Unit } from "./subject.ts";
import { inUnit, printTable } from "./table.ts";

/** What was looked at, and how many targets were missed. */
export interface Verdicts {
  ok: number;
  missed: number;
}

/** Prints a case: its figures, a line for each contender, then what was asked of them. */
export function printCase(spec: Case, runtimes: RuntimeName[], entries: Entry[]): Verdicts {
  const verdicts: Verdicts = { ok: 0, missed: 0 };
  const ids = [...new Set(entries.map(({ id }) => id))];
  for (const [figure, { title, unit }] of figuresOf(spec)) {
    const rows = ids.map((id) => [
      id,
      ...runtimes.map((runtime) => {
        const entry = find(entries, id, runtime);
        const value = resultOf(entry, figure);
        return value === undefined ? "–" : inUnit(unit, value) + entry!.note;
      }),
    ]);
    const isMeasured = ([_, ...cells]: string[]) => cells.some((cell) => cell !== "–");
    printTable(
      [`${title} (${unit})`, ...runtimes],
      figure === OWN ? rows : rows.filter(isMeasured),
    );
  }

  const rows = [
    ...(spec.limits ?? []).map((limit) => [
      `${limit.of}${ofFigure(spec, limit.figure)}`,
      ...runtimes.map((runtime) => judgeLimit(spec, limit, runtime, entries, verdicts)),
    ]),
    ...(spec.comparisons ?? []).map((comparison) => [
      `${comparison.of} ÷ ${nameOf(comparison.to)}${ofFigure(spec, comparison.figure)}`,
      ...runtimes.map((runtime) => judgeRatio(spec, comparison, runtime, entries, verdicts)),
    ]),
  ];
  if (rows.length > 0) printTable(["ratios and limits", ...runtimes], rows);
  const problems = entries.filter(({ problem }) => problem !== undefined);
  for (const { id, on, problem } of problems) console.log(`${id} on ${on}: ${problem}`);
  if (problems.length > 0) console.log();
  return verdicts;
}

function figuresOf(spec: Case): [name: string, { title: string; unit: Unit }][] {
  return [[OWN, spec], ...Object.entries(spec.also ?? {})];
}

function ofFigure(spec: Case, figure: string | undefined): string {
  return figure === undefined ? "" : `, ${spec.also![figure]!.title}`;
}

function nameOf(to: Id | Id[]): string {
  return typeof to === "string" ? to : to.length === 1 ? to[0]! : "the best other";
}

function find(entries: Entry[], id: Id, runtime: RuntimeName): Entry | undefined {
  return entries.find((entry) => entry.id === id && ["python", runtime].includes(entry.on));
}

function judgeLimit(
  spec: Case,
  { of, figure, atMost }: Limit,
  runtime: RuntimeName,
  entries: Entry[],
  verdicts: Verdicts,
): string {
  const limit = targetOn(atMost, runtime);
  if (limit === undefined) return "–";
  const entry = find(entries, of, runtime);
  if (entry === undefined) return "–";
  const value = resultOf(entry, figure ?? OWN);
  if (value === undefined) return failed(verdicts);
  const unit = figure === undefined ? spec.unit : spec.also![figure]!.unit;
  const sign = unit.endsWith("/s") || unit === "per second" ? "≥" : "≤";
  return `${inUnit(unit, value)} (${sign} ${inUnit(unit, limit)}) ${
    verdict(value <= limit, verdicts)
  }`;
}

function judgeRatio(
  { unit }: Case,
  comparison: Comparison,
  runtime: RuntimeName,
  entries: Entry[],
  verdicts: Verdicts,
): string {
  const { figure = OWN } = comparison;
  const isRate = "faster" in comparison;
  const limit = targetOn(isRate ? comparison.faster : comparison.within, runtime);
  const own = find(entries, comparison.of, runtime);
  const of = resultOf(own, figure);
  if (own !== undefined && of === undefined) return limit === undefined ? "–" : failed(verdicts);
  const to = [comparison.to].flat().flatMap((id) =>
    resultOf(find(entries, id, runtime), figure) ?? []
  );
  if (of === undefined || to.length === 0) return "–";
  // As it is shown, so that nothing fails by what can't be seen.
  const best = Math.min(...to);
  const ratio = Number((isRate ? best / of : of / best).toFixed(2));
  const shown = `${ratio.toFixed(2)}× the ${
    isRate ? "rate" : unit === "bytes each" ? "bytes" : "time"
  }`;
  if (limit === undefined) return shown;
  const isOk = isRate ? ratio >= limit : ratio <= limit;
  return `${shown} (${isRate ? "≥" : "≤"} ${limit}) ${verdict(isOk, verdicts)}`;
}

function failed(verdicts: Verdicts): string {
  verdicts.missed++;
  return "failed";
}

function verdict(isOk: boolean, verdicts: Verdicts): string {
  verdicts[isOk ? "ok" : "missed"]++;
  return isOk ? "ok" : "MISSED";
}
