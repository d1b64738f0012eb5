/** What the benches have in common to show figures. @module */

import type { Unit } from "./subject.ts";

/** The middle one. */
export function median(values: number[]): number {
  return quantile(values, 0.5);
}

/** The value below which such a part of them lies. */
export function quantile(values: number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)]!;
  return at % 1 === 0 ? below : below + (sorted[Math.ceil(at)]! - below) * (at % 1);
}

/** A figure, which is milliseconds or bytes for one, in the unit that it is shown in. */
export function inUnit(unit: Unit, each: number): string {
  switch (unit) {
    case "per second":
      return Math.round(1000 / each).toLocaleString("en");
    case "k/s":
      return (1 / each).toFixed(1);
    case "ns each":
      return (each * 1e6).toFixed(0);
    case "µs each":
      return (each * 1e3).toFixed(1);
    case "ms":
      return each.toFixed(1);
    case "bytes each":
      return Math.round(each).toLocaleString("en");
  }
}

/** Prints a table: the first column to the left, the others to the right. */
export function printTable(head: string[], rows: string[][]): void {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]!.length))
  );
  const line = (row: string[]) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)
    ).join("  ");
  console.log([head, ...rows].map(line).join("\n") + "\n");
}
