/** Tables of figures and of ratios. @module */

import type { RuntimeName } from "../../_tools/install.ts";
import type { Case, Comparison, Id } from "./cases.ts";
import { printTable } from "./table.ts";

/** A figure of a contender on a runtime, or what there is instead. */
export interface Figure {
  /** Milliseconds for the whole of the case's size, or bytes for each. */
  value: number;
  /** A note for the table, such as that it did a tenth. */
  note: string;
}

/** By contender, then by runtime. */
export type Figures = Map<Id, Map<RuntimeName, Figure>>;

/** What was looked at, and how many targets were missed. */
export interface Verdicts {
  ok: number;
  missed: number;
}

/** Prints the figures of a case, a line for each contender. */
export function printFigures(spec: Case, runtimes: RuntimeName[], figures: Figures): void {
  const rows = [...figures].map(([id, byRuntime]) => [
    id,
    ...runtimes.map((runtime) => {
      const figure = byRuntime.get(runtime);
      return figure === undefined ? "–" : `${format(spec, figure.value)}${figure.note}`;
    }),
  ]);
  printTable([`${spec.title} (${spec.unit})`, ...runtimes], rows);
}

function format({ unit, size }: Case, value: number): string {
  switch (unit) {
    case "per second":
      return Math.round(size / value * 1000).toLocaleString("en");
    case "ms":
      return value.toFixed(1);
    case "bytes":
      return Math.round(value).toLocaleString("en");
    case "ns each":
      return (value / size * 1e6).toFixed(0);
  }
}

/** Prints the ratios of a case, a line for each comparison, with what was asked of them. */
export function printRatios(spec: Case, runtimes: RuntimeName[], figures: Figures): Verdicts {
  const verdicts: Verdicts = { ok: 0, missed: 0 };
  const rows = spec.comparisons.map((comparison) => [
    `${comparison.of} ÷ ${comparison.to}`,
    ...runtimes.map((runtime) => judge(spec, comparison, runtime, figures, verdicts)),
  ]);
  printTable(["ratios", ...runtimes], rows);
  return verdicts;
}

function judge(
  { unit }: Case,
  comparison: Comparison,
  runtime: RuntimeName,
  figures: Figures,
  verdicts: Verdicts,
): string {
  const of = figures.get(comparison.of)?.get(runtime);
  const to = figures.get(comparison.to)?.get(runtime);
  if (of === undefined || to === undefined) return "–";
  const isRate = "faster" in comparison;
  const ratio = isRate ? to.value / of.value : of.value / to.value;
  const target = isRate ? comparison.faster : comparison.within;
  const limit = typeof target === "number" ? target : target?.[runtime];
  const shown = `${ratio.toFixed(2)}× ${
    isRate ? "the rate" : unit === "bytes" ? "the bytes" : "the time"
  }`;
  if (limit === undefined) return shown;
  // As it is shown, so that nothing fails by what can't be seen.
  const rounded = Number(ratio.toFixed(2));
  const isOk = isRate ? rounded >= limit : rounded <= limit;
  verdicts[isOk ? "ok" : "missed"]++;
  return `${shown} (${isRate ? "≥" : "≤"} ${limit}) ${isOk ? "ok" : "MISSED"}`;
}
