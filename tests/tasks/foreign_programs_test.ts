import { describe, it } from "@std/testing/bdd";
import { ALL_KINDS, makeProgram } from "./_foreign_programs.ts";
import type { Way } from "./_foreign_run.ts";
import { fail } from "@std/assert";
import process from "node:process";
import { randomBits } from "../_random.ts";
import { watch } from "./_foreign_watch.ts";

/**
 * To see a failed program again: `SEED=n PROGRAMS=1 deno task test foreign_programs`, or with
 * the number of programs that ran beside it. `KINDS="late thenable,await,als"` uses these
 * foreign operations, sources and takers alone, `KINDS=` none at all.
 */
const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1e9));
const PROGRAMS = Number(process.env["PROGRAMS"] ?? 10_000);
const KINDS = process.env["KINDS"]?.split(",") ?? ALL_KINDS;
const PARTS = 4;
/** How many programs run side by side, each in a run() of its own. */
const BESIDE = Number(process.env["BESIDE"] ?? 40);

function wayOf(seed: number): Way {
  const bits = randomBits(~seed);
  const oneOf = <T>(all: readonly T[]) => all[bits() % all.length]!;
  const where = oneOf(["run", "run", "run", "ambient task", "ambient"] as const);
  const mode = oneOf(["generator", "async", "mixed"] as const);
  const abort = where === "run" && bits() % 6 === 0 ? bits() % 4 : null;
  return { where, mode, abort, usesStore: KINDS.includes("als") };
}

describe(`${PROGRAMS} random programs that mix in other people's code (SEED=${SEED})`, () => {
  const perPart = Math.ceil(PROGRAMS / PARTS);
  for (let part = 0; part * perPart < PROGRAMS; part++) {
    it(`end, with the right values and contexts, and harm no other, part ${part + 1}`, async () => {
      const end = Math.min(SEED + PROGRAMS, SEED + (part + 1) * perPart);
      for (let from = SEED + part * perPart; from < end; from += BESIDE) {
        const count = Math.min(BESIDE, end - from);
        const programs = Array.from({ length: count }, (_, i) => {
          const seed = from + i;
          return { seed, body: makeProgram(seed, KINDS), way: wayOf(seed) };
        });
        const problems = await watch(programs);
        if (problems.length === 0) continue;
        fail(`SEED=${from} PROGRAMS=${count}:\n  ${problems.slice(0, 10).join("\n  ")}`);
      }
    });
  }
});
