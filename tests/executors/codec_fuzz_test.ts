/**
 * Random values, as arguments and results, one by one and many together, against
 * `structuredClone`: what it makes of them is what arrives, with who shares what with whom;
 * what it refuses fails its call alone.
 */

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  ProcessPoolExecutor,
  SerializationError,
  ThreadPoolExecutor,
} from "../../executors/mod.ts";
import { randomNumbers } from "../_random.ts";
import { jobs } from "./_contract_jobs.ts";
import { difference, ValueMaker } from "./_values.ts";

declare const process: { env: Record<string, string | undefined> };

const VALUES = 10_000;
const PART = 250;

/** What structured clone makes of it, or that it refuses. */
function clone(value: unknown): { value: unknown } | null {
  try {
    return { value: structuredClone(value) };
  } catch {
    return null;
  }
}

for (
  const [name, make] of [
    ["ThreadPoolExecutor", () => new ThreadPoolExecutor({ maxWorkers: 2 })],
    ["ProcessPoolExecutor", () => new ProcessPoolExecutor({ maxWorkers: 2 })],
  ] as const
) {
  describe(`${name}: values`, () => {
    it("arrive as structuredClone would make them", async () => {
      const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
      console.log(`${name}: SEED=${seed}`);
      const random = randomNumbers(seed);
      const maker = new ValueMaker(random);
      await using pool = make();
      // Known to be quick, so that they travel together.
      for (let i = 0; i < 50; i++) await pool.submit(jobs.identity, i);
      for (let done = 0; done < VALUES;) {
        const alone = random() < 0.1;
        const values = Array.from({ length: alone ? 1 : PART }, () => maker.make(30));
        // One object for several calls: they must not share it.
        if (!alone) { for (let i = 1; i < PART; i += 20) values[i] = values[i - 1]; }
        const expected = values.map((value) => clone(value)!.value);
        const results = await Promise.all(values.map((value) => pool.submit(jobs.identity, value)));
        results.forEach((result, i) => {
          assertEquals(difference(result, expected[i]), null, `value ${done + i}, SEED=${seed}`);
        });
        const objects = results.filter((each) => typeof each === "object" && each !== null);
        assertEquals(new Set(objects).size, objects.length);
        done += values.length;
      }
    });

    it("arrive together with what one call shares, and come back as a job left them", async () => {
      const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
      console.log(`${name}: SEED=${seed}`);
      const maker = new ValueMaker(randomNumbers(seed));
      await using pool = make();
      for (let i = 0; i < 300; i++) {
        const value = maker.make(20);
        const args = [value, { value }, [value, i]];
        const result = await pool.submit((...args: unknown[]) => args, ...args);
        assertEquals(difference(result, structuredClone(args)), null, `value ${i}, SEED=${seed}`);
      }
    });

    it("that are deep or can't be sent fail their calls alone", async () => {
      const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
      console.log(`${name}: SEED=${seed}`);
      const random = randomNumbers(seed);
      const maker = new ValueMaker(random);
      await using pool = make();
      for (let i = 0; i < 30; i++) await pool.submit(jobs.identity, i);
      const refused = [
        () => () => 1,
        () => Symbol("s"),
        () => new Proxy({}, {}),
        () => new WeakMap(),
        () => Promise.resolve(),
        () => ({
          get a() {
            throw new Error("no");
          },
        }),
      ];
      for (let round = 0; round < 20; round++) {
        const values = Array.from({ length: 50 }, (_, i) => {
          const dice = random();
          if (dice < 0.6) return i;
          if (dice < 0.7) return maker.chain(Math.floor(random() * 900));
          if (dice < 0.75) return maker.chain(5000 + Math.floor(random() * 20_000));
          const bad = refused[Math.floor(random() * refused.length)]!();
          return dice < 0.9 ? bad : new Map([[{ deep: [bad] }, maker.make(5)]]);
        });
        const calls = values.map((value) => pool.submit(jobs.identity, value));
        await Promise.all(calls.map((call) => call.then(() => {}, () => {})));
        calls.forEach((call, i) => {
          const expected = clone(values[i]);
          const error = call.exception();
          if (error === null) {
            // Some runtimes' workers have a larger stack than this thread.
            if (expected === null) assert(typeof values[i] === "object");
            else assertEquals(difference(call.result(), expected.value), null, `SEED=${seed}`);
          } else {
            assertInstanceOf(error, SerializationError, `${error}, SEED=${seed}`);
            assertEquals(expected, null, `${error}, value ${i} of round ${round}, SEED=${seed}`);
          }
        });
      }
      assertEquals(pool.stats().crashes, 0);
    });
  });
}
