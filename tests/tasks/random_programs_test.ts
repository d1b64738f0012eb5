import { makeProgram, type Mode, watch } from "./_random_programs.ts";
import { assertEquals, fail } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { useAsyncLocalStorage } from "@aio/asyncio/testing";

/** To see a failed program again: `SEED=n PROGRAMS=1 deno task test random_programs`. */
const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1e9));
const PROGRAMS = Number(process.env["PROGRAMS"] ?? 10_000);
const PARTS = 4;

/** Runs a program, looks at what it leaves behind, and gives its trace. */
async function check(
  program: ReturnType<typeof makeProgram>,
  seed: number,
  mode: Mode,
  { isEager = false, expected }: { isEager?: boolean; expected?: string[] } = {},
): Promise<string[]> {
  const context = () =>
    `SEED=${seed}, ${mode}${isEager ? ", eager" : ""}: ${JSON.stringify(program)}`;
  const { trace, problems } = await watch(program, mode, isEager).catch((error) =>
    fail(`${error.stack}\nin ${context()}`)
  );
  assertEquals(problems, [], context());
  if (expected !== undefined) assertEquals(trace, expected, context());
  return trace;
}

/** Runs a program as generators, and every second one once more in another way, to compare. */
async function checkInAllKinds(seed: number): Promise<void> {
  const program = makeProgram(seed);
  const trace = await check(program, seed, "generator");
  if (seed % 2 === 0) return;
  const before = useAsyncLocalStorage(seed % 3 > 0);
  try {
    await check(program, seed, seed % 4 === 1 ? "async" : "mixed", { expected: trace });
  } finally {
    useAsyncLocalStorage(before);
  }
}

describe(`${PROGRAMS} random programs (SEED=${SEED})`, () => {
  it("that wait for the platform as well end, and leave nothing behind", async () => {
    for (let seed = SEED; seed < SEED + PROGRAMS / 10; seed++) {
      const mode = (["generator", "async", "mixed"] as const)[seed % 3]!;
      await check(makeProgram(seed, true), seed, mode);
    }
  });

  it("of eager tasks end, and leave nothing behind", async () => {
    // Native code that makes eager tasks has its place among their steps, but another than a
    // generator has. And both kinds together need AsyncLocalStorage to be told apart.
    const modes = [["generator", true], ["async", true], ["mixed", true], [
      "async",
      false,
    ]] as const;
    for (let seed = SEED; seed < SEED + PROGRAMS / 10; seed++) {
      const [mode, usesAsyncLocal] = modes[seed % modes.length]!;
      const before = useAsyncLocalStorage(usesAsyncLocal);
      try {
        await check(makeProgram(seed), seed, mode, { isEager: true });
      } finally {
        useAsyncLocalStorage(before);
      }
    }
  });

  for (let part = 1; part <= PARTS; part++) {
    it(`end, leave nothing behind, and run alike in each kind of coroutine, part ${part}`, async () => {
      for (let i = part; i <= PROGRAMS; i += PARTS) await checkInAllKinds(SEED + i - 1);
    });
  }
});
