/**
 * Runs conformance programs in the three modes.
 *
 * @module
 */

import { useAsyncLocalStorage } from "@aio/asyncio/testing";
import { Interpreter as AsyncInterpreter } from "./interpreter_async.ts";
import { Interpreter as GeneratorInterpreter } from "./interpreter_generator.ts";
import { type CallbackBody, type Program, ProgramRun, type Vector } from "./program.ts";

/** How the coroutines of a program are written, and whether there is `AsyncLocalStorage`. */
export const MODES = ["generator", "async", "async-noals"] as const;

/** One of {@link MODES}. */
export type Mode = typeof MODES[number];

/** Runs a program; gives its trace. */
export async function execute(program: Program, mode: Mode): Promise<string[]> {
  const before = useAsyncLocalStorage(mode !== "async-noals");
  try {
    const run = new ProgramRun(program, callbackBody);
    if (mode === "generator") {
      return await run.execute(new GeneratorInterpreter(run).coroutine("main"));
    }
    const interpreter = new AsyncInterpreter(run);
    return await run.execute(() => interpreter.coroutine("main") as Promise<unknown>);
  } finally {
    useAsyncLocalStorage(before);
  }
}

/** Callbacks never wait: their bodies are run as generators, in one go, in every mode. */
function callbackBody(run: ProgramRun): CallbackBody {
  const interpreter = new GeneratorInterpreter(run);
  return (ops, frame) => {
    if (interpreter.block(ops, frame).next().done !== true) throw new Error("A callback awaits");
  };
}

/** Reads vectors: one a line, or a lone program. */
export function parseVectors(text: string, name: string): Vector[] {
  if (!name.endsWith(".jsonl")) {
    return [{ id: name, category: "program", program: JSON.parse(text), trace: [] }];
  }
  return text.split("\n").filter((line) => line.trim() !== "").map((line) => JSON.parse(line));
}

/** The place of the first difference of two traces; -1 if they are equal. */
export function firstDifference(a: string[], b: string[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return -1;
}
