/**
 * Thousands of calls that are cancelled, aborted, killed and timed out at random, some with
 * arguments that can't be sent or results that settle twice, in workers that die during jobs
 * and between them and say what nobody asked for: every future ends, every result is its own
 * call's, and nothing is left behind, in the operating system neither.
 */

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CancelledError, TimeoutError } from "../../errors.ts";
import {
  BrokenExecutorError,
  type ConcurrentFuture,
  type PoolWarning,
  ProcessPoolExecutor,
  type ProcessPoolOptions,
  ThreadPoolExecutor,
} from "../../executors/mod.ts";
import { randomNumbers } from "../_random.ts";
import { jobs } from "./_contract_jobs.ts";
import { childrenWith, openSockets, ownPid } from "./_runtimes.ts";

declare const process: { env: Record<string, string | undefined> };

type Pool = ThreadPoolExecutor | ProcessPoolExecutor;

const OPERATIONS = 10_000;

/** What can't be sent to any worker. */
const UNSENDABLE: (() => unknown)[] = [
  () => () => {},
  () => Symbol("no"),
  () => ({ list: [1, { callback() {} }] }),
  () => ({
    get value(): never {
      throw new RangeError("no value");
    },
  }),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  () => new WeakMap(),
];

/** Messages that look a little like those of a worker. */
const STRAYS = ["text", null, 7, [], [2, 0, true], [2, 0, true, 0, 1, "x"], [4], [6, 0], { 0: 2 }];

const SLOPPY = [jobs.settleTwice, jobs.settleAndThrow, jobs.settleLater];

/** For calls that must fail. */
const FAILS = Symbol("fails");

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)]!;
}

async function storm(pool: Pool, seed: number): Promise<Record<string, number>> {
  const random = randomNumbers(seed);
  const calls: { future: ConcurrentFuture<unknown>; expected: unknown }[] = [];
  const open: ConcurrentFuture<unknown>[] = [];
  for (let i = 0; i < OPERATIONS; i++) {
    const dice = random();
    let future: ConcurrentFuture<unknown>;
    let expected: unknown = i;
    if (dice < 0.7) future = pool.submit(jobs.identity, i);
    else if (dice < 0.72) {
      future = pool.submit(jobs.identity, pick(UNSENDABLE, random)());
      expected = FAILS;
    } else if (dice < 0.74) future = pool.submit(pick(SLOPPY, random), i);
    else if (dice < 0.75) future = pool.submit(jobs.postAndReturn, pick(STRAYS, random), i);
    else if (dice < 0.85) future = pool.submit(jobs.sleep, random() * 2, i);
    else if (dice < 0.9) {
      future = pool.submit(jobs.add, i, 1);
      expected = i + 1;
    } else if (dice < 0.95) future = pool.submit(jobs.rejectWith, String(i));
    else if (dice < 0.998) future = pool.with({ timeout: 2000 }).submit(jobs.identity, i);
    else if (dice < 0.9985) future = pool.submit(jobs.exit, 1);
    else if (dice < 0.999) {
      future = pool.submit(
        random() < 0.5 ? jobs.returnThenExit : jobs.returnThenReject,
        random() * 5,
      );
      expected = "returned";
    } else future = pool.with({ timeout: 5 }).submit(jobs.sleep, 60_000, i);
    calls.push({ future, expected });
    open.push(future);
    const other = open[Math.floor(random() * open.length)]!;
    const then = random();
    if (then < 0.1) other.cancel();
    else if (then < 0.12) other.abort({ reason: new CancelledError("storm") });
    else if (then < 0.121) other.abort({ killAfter: 0 });
    if (random() < 0.05) {
      await new Promise((resolve) => setTimeout(resolve, random() * 3));
      open.splice(0, open.length - 200);
    }
  }
  const counts: Record<string, number> = {};
  for (const { future, expected } of calls) {
    await future.then(() => {}, () => {});
    assert(future.done());
    if (future.cancelled()) counts.cancelled = (counts.cancelled ?? 0) + 1;
    else if (future.exception() === null) {
      assertEquals(future.result(), expected);
      counts.returned = (counts.returned ?? 0) + 1;
    } else {
      const error = future.exception() as Error;
      if (expected === FAILS) assertInstanceOf(error, Error);
      else if (error instanceof RangeError) assertEquals(error.message, String(expected));
      else if (!(error instanceof TimeoutError)) assertInstanceOf(error, BrokenExecutorError);
      counts[error.name] = (counts[error.name] ?? 0) + 1;
    }
  }
  return counts;
}

/** Waits until there is nothing left. */
async function zero(count: () => number): Promise<void> {
  for (let i = 0; i < 100 && count() > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assertEquals(count(), 0);
}

for (
  const [name, make] of [
    ["ThreadPoolExecutor", (options) => new ThreadPoolExecutor(options)],
    ["ProcessPoolExecutor", (options) => new ProcessPoolExecutor(options)],
  ] as [string, (options: ProcessPoolOptions) => Pool][]
) {
  describe(`${name}: a storm`, () => {
    it("leaves no future open and mixes no result up", async () => {
      const seed = Number(process.env.STORM_SEED ?? Math.floor(Math.random() * 2 ** 31));
      console.log(`${name}: STORM_SEED=${seed}`);
      const mark = crypto.randomUUID();
      const sockets = openSockets();
      const warnings: PoolWarning[] = [];
      const pool = make({
        maxWorkers: 2,
        env: { STORM: mark },
        onWarning: (warning) => warnings.push(warning),
      });
      const counts = await storm(pool, seed);
      const { running, queued } = pool.stats();
      assertEquals([running, queued], [0, 0], JSON.stringify(counts));
      await pool.shutdown();
      assertEquals(pool.stats().workers, 0);
      assert(counts.returned! > OPERATIONS / 2, JSON.stringify(counts));
      await zero(() => Math.max(0, openSockets() - sockets));
      await zero(() => childrenWith(ownPid, `STORM=${mark}`).length);
      assert(warnings.length > 0);
    });
  });
}
