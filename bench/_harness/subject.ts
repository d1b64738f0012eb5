/**
 * What is measured, of whom, and what is asked of it: the words in which the files of
 * cases are written.
 *
 * @module
 */

import type { RuntimeName } from "../../_tools/install.ts";
import type { PythonName } from "./pythons.ts";

/**
 * Who does it: a peer, which is a file of the subject's folder (or one of the Pythons,
 * which are measured once for all runtimes), and the name of its contender.
 */
export type Id = `${string}: ${string}`;

/** How a figure is shown; in itself it is milliseconds, or bytes, for one of what is measured. */
export type Unit = "per second" | "k/s" | "ns each" | "µs each" | "ms" | "bytes each";

/** A limit, for each runtime or for some; `undefined` is for information. */
export type Target = number | Partial<Record<RuntimeName, number>> | undefined;

/** A contender, its size, and that for a short look, if it takes any. */
export interface Contestant {
  id: Id;
  size: number;
  short: number | null;
}

/** Two figures that are set against each other. */
export interface Comparison {
  of: Id;
  /** With whom; of several, with the best. */
  to: Id | Id[];
  /** Which figure: the case's own, or one of its others. */
  figure?: string;
  /** How many times the rate of `to` it is to have, at least, */
  faster?: Target;
  /** or how many times the time, or bytes, of `to` it may have, at most. */
  within?: Target;
}

/** A figure that is judged by itself. */
export interface Limit {
  of: Id;
  figure?: string;
  /** Milliseconds, or bytes, for one of what is measured. */
  atMost: Target;
}

/** Something that is measured. */
export interface Case {
  title: string;
  /** How many of it are done in a run, or what else its contenders are told. */
  size: number;
  unit: Unit;
  /** By name; of those that need other sizes, with these. */
  contenders: (Id | { id: Id; size?: number; short?: number | null })[];
  comparisons?: Comparison[];
  limits?: Limit[];
  /** What a run's `check` must be after `n`. */
  expected(n: number): unknown;
  /** How much of a run's time isn't for what is measured, as it is spent waiting. */
  floor?: number;
  /** Only one run counts, and none is made to warm up: the contender does that itself. */
  once?: boolean;
  /** A contender whose run would take longer does a tenth; `null` if it can't be told. */
  patience?: number | null;
  /** A program that it is skipped without. */
  needs?: string;
  /** After how many milliseconds a process is killed, and has failed. */
  limit?: number;
  /** What else is measured, in the same runs. */
  also?: Record<string, { title: string; unit: Unit }>;
  /**
   * The size for a short look, as `bench:against` takes: some milliseconds, so that many runs
   * are over before anything disturbs them. A tenth by default; none is taken if `null`.
   */
  short?: number | null;
}

/** A file of cases. */
export interface Subject {
  /** Its contenders are in the folder of that name, behind a `_`. */
  name: string;
  cases: Record<string, Case>;
  /** The packages that are measured against. */
  packages: string[];
  /** The Pythons that are. */
  pythons: PythonName[];
  /** Where it is measured if nothing else is said; everywhere by default. */
  runtimes?: RuntimeName[];
  /** How many processes make a figure, and how many do with `--quick`. */
  rounds: { all: number; quick: number };
}

/** What holds for a runtime. */
export function targetOn(target: Target, runtime: RuntimeName): number | undefined {
  return typeof target === "number" ? target : target?.[runtime];
}

/** Comparisons of several with one, which they are to be so much faster than. */
export function atLeast(faster: Target, to: Id, of: Id[]): Comparison[] {
  return of.map((of) => ({ of, to, faster }));
}

/** The contenders of a case. */
export function contestantsOf(spec: Case): Contestant[] {
  return spec.contenders.map((entry) => {
    const { id, size = spec.size, short = spec.short }: Partial<Contestant> & { id: Id } =
      typeof entry === "string" ? { id: entry } : entry;
    return { id, size, short: short === undefined ? size / 10 : short };
  });
}
