import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CancelledError, TimeoutError } from "../../errors.ts";
import {
  BrokenExecutorError,
  BrokenProcessPool,
  BrokenThreadPool,
  ProcessPoolExecutor,
  type ProcessPoolOptions,
  ThreadPoolExecutor,
  workerModule,
} from "../../executors/mod.ts";
import { jobs } from "./_contract_jobs.ts";
import { childrenWith, isAlive, ownPid, runtime } from "./_runtimes.ts";

type Pool = ThreadPoolExecutor | ProcessPoolExecutor;

const KINDS = [
  {
    name: "ThreadPoolExecutor",
    make: (options?: ProcessPoolOptions): Pool => new ThreadPoolExecutor(options),
    Broken: BrokenThreadPool,
  },
  {
    name: "ProcessPoolExecutor",
    make: (options?: ProcessPoolOptions): Pool => new ProcessPoolExecutor(options),
    Broken: BrokenProcessPool,
  },
];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something is so. */
async function until(condition: () => boolean, limit = 5000): Promise<void> {
  const end = performance.now() + limit;
  while (!condition()) {
    assert(performance.now() < end, `it never was so: ${condition}`);
    await pause(5);
  }
}

for (const { name, make, Broken } of KINDS) {
  const isThread = name === "ThreadPoolExecutor";
  /** A Deno thread that is stuck can't be stopped, and holds up the whole process. */
  const canStopBusy = !(isThread && runtime === "deno");

  describe(`${name}: a worker that ends`, () => {
    it("fails the job that ended it, by name, and is replaced", async () => {
      await using pool = make({ maxWorkers: 1 });
      const exits = pool.submit(jobs.exit, 7);
      const after = pool.submit(jobs.add, 1, 2);
      const error = await assertRejects(async () => await exits, Broken, "Cannot finish 'exit'");
      assertInstanceOf(error, BrokenExecutorError);
      assertEquals(await after, 3);
      assertEquals(pool.stats().crashes, 1);
    });

    it("fails only the call that ran: of those sent with it none is lost or run twice", async () => {
      await using pool = make({ maxWorkers: 1 });
      // Known to be quick, so that they travel together.
      for (let i = 0; i < 20; i++) await pool.submit(jobs.countCalls);
      const mixed = Array.from(
        { length: 200 },
        (_, i) => i === 100 ? pool.submit(jobs.exit, 1) : pool.submit(jobs.add, i, 1),
      );
      const outcomes = await Promise.allSettled(mixed);
      const failed = outcomes.flatMap(({ status }, i) => status === "rejected" ? [i] : []);
      assert(failed.length <= 100 && failed.includes(100), String(failed));
      outcomes.forEach((outcome, i) => {
        if (outcome.status === "fulfilled") assertEquals(outcome.value, i + 1);
        else assertInstanceOf(outcome.reason, Broken);
      });
    });

    it("by an error outside of any job gives that as the cause", async () => {
      await using pool = make({ maxWorkers: 1 });
      const error = await assertRejects(async () => await pool.submit(jobs.throwLater), Broken);
      assert(String((error.cause as Error).message).includes("from a timer"), `${error.cause}`);
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });

    it("breaks the whole pool if that is wanted", async () => {
      const pool = make({ maxWorkers: 1, onCrash: "break" });
      const calls = [pool.submit(jobs.exit, 1), pool.submit(jobs.add, 1, 1)];
      const outcomes = await Promise.allSettled(calls);
      outcomes.forEach(({ status }) => assertEquals(status, "rejected"));
      assertInstanceOf(calls[1]!.exception(), Broken);
      assertThrows(() => pool.submit(jobs.add, 1, 1), Broken, "Cannot go on");
      await pool.shutdown();
    });

    it("again and again because of one module isn't replaced for ever", async () => {
      await using pool = make({ maxWorkers: 1 });
      const exits = workerModule<{ f(): number }>(new URL("./modules/exits.ts", import.meta.url));
      await assertRejects(async () => await pool.submit(exits.f), Broken, "Cannot finish 'f'");
      assert(pool.stats().crashes <= 3);
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });

    it("between two jobs is replaced", async () => {
      await using pool = make({ maxWorkers: 1 });
      await pool.submit(() => {
        setTimeout(
          () => (globalThis as unknown as { process: { exit(): void } }).process.exit(),
          5,
        );
      });
      await until(() => pool.stats().workers === 0);
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });

    it("closed by itself fails its job", async () => {
      await using pool = make({ maxWorkers: 1 });
      if (runtime === "deno") {
        await assertRejects(async () => await pool.submit(jobs.denoExit), Broken);
        // It is gone when the job has ended.
        if (isThread) {
          await pool.submit(jobs.selfClose).then(() => {}, () => {});
        }
      }
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });
  });

  describe(`${name}: a worker that can't start`, () => {
    const thrower = () => {
      throw new RangeError("not today");
    };

    it("breaks the pool with its initializer's error when it keeps failing", async () => {
      const pool = make({ maxWorkers: 2, initializer: thrower });
      const futures = [1, 2, 3].map((n) => pool.submit(jobs.add, n, n));
      for (const future of futures) {
        const error = await assertRejects(async () => await future, Broken, "not today");
        assertInstanceOf(error.cause, RangeError);
      }
      assertThrows(() => pool.submit(jobs.add, 1, 1), Broken);
      await pool.shutdown();
    });

    it("runs the initializer before the first job of each worker", async () => {
      await using pool = make({ maxWorkers: 2, initializer: jobs.setCalls, initArgs: [100] });
      const counts = await Promise.all([
        pool.submit(jobs.countCalls),
        pool.submit(jobs.countCalls),
      ]);
      assert(counts.every((count) => count > 100), String(counts));
    });

    it("because it never answers breaks the pool in the end", async () => {
      const pool = make({
        maxWorkers: 1,
        initializer: async () => await new Promise(() => {}),
        startTimeout: 150,
      });
      await assertRejects(
        async () => await pool.submit(jobs.add, 1, 1),
        Broken,
        "no answer in 150 ms",
      );
      await pool.shutdown();
    });

    it("doesn't keep a pool from being shut down", async () => {
      const pool = make({ maxWorkers: 1, initializer: async () => await new Promise(() => {}) });
      const future = pool.submit(jobs.add, 1, 1);
      await pause(1);
      await pool.shutdown({ cancelFutures: true });
      assertEquals(future.cancelled(), true);
    });
  });

  describe(`${name}: killing`, () => {
    it("ends a job that doesn't heed its signal, and only that", async () => {
      await using pool = make({ maxWorkers: 2 });
      const stubborn = pool.submit(jobs.sleep, 60_000, "never");
      await until(() => stubborn.running());
      const neighbour = pool.submit(jobs.sleep, 150, "fine");
      const waiting = [1, 2, 3].map((n) => pool.submit(jobs.sleep, 1, n));
      const start = performance.now();
      stubborn.abort({ killAfter: 50 });
      await assertRejects(async () => await stubborn, CancelledError);
      assert(performance.now() - start < 2000);
      assertEquals(await neighbour, "fine");
      assertEquals(await Promise.all(waiting), [1, 2, 3]);
      assertEquals(pool.stats().crashes, 0);
    });

    it("doesn't hit the next job of a worker whose job ended in time", async () => {
      await using pool = make({ maxWorkers: 1 });
      const first = pool.submit(jobs.tidyUp);
      await until(() => first.running());
      first.abort({ killAfter: 1000 });
      assertEquals(await first, "tidy");
      assertEquals(await pool.submit(jobs.sleep, 1200, "whole"), "whole");
    });

    it("ends an endless loop when its time is up", { ignore: !canStopBusy }, async () => {
      await using pool = make({ maxWorkers: 1 });
      const start = performance.now();
      const spinning = pool.with({ timeout: 80 }).submit(jobs.spin);
      const next = pool.submit(jobs.add, 1, 1);
      await assertRejects(async () => await spinning, TimeoutError, "Cannot finish 'spin' in time");
      assert(performance.now() - start < 3000);
      assertEquals(await next, 2);
    });

    it("doesn't wait for ever for the module of a call whose time is limited", async () => {
      await using pool = make({ maxWorkers: 1, startTimeout: 2000 });
      const never = workerModule<{ f(): number }>(new URL("./modules/never.ts", import.meta.url));
      await assertRejects(
        async () => await pool.with({ timeout: 10 }).submit(never.f),
        TimeoutError,
        "its module didn't load in 2000 ms",
      );
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });

    it("ends a stream, with its reason", async () => {
      await using pool = make({ maxWorkers: 1 });
      const future = pool.submit(jobs.produce);
      const stream = await future;
      assertEquals((await stream.next()).value, 0);
      future.abort({ reason: new RangeError("enough of it") });
      await assertRejects(
        async () => {
          for await (const _ of stream);
        },
        RangeError,
        "enough of it",
      );
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });

    it("fails a stream whose worker ends", async () => {
      await using pool = make({ maxWorkers: 1 });
      const stream = await pool.submit(async function* () {
        yield 1;
        (globalThis as unknown as { process: { exit(code: number): void } }).process.exit(1);
        await new Promise(() => {});
      });
      await assertRejects(
        async () => {
          for await (const _ of stream);
        },
        Broken,
      );
    });

    it("ends everything with terminate()", async () => {
      const pool = make({ maxWorkers: 2 });
      const futures = [1, 2, 3].map((n) => pool.submit(jobs.sleep, 60_000, n));
      await until(() => futures[0]!.running());
      await pool.terminate();
      assertEquals(futures.every((future) => future.done()), true);
      assertEquals(pool.stats().workers, 0);
    });
  });

  describe(`${name}: limits`, () => {
    it("replaces a worker after so many calls", async () => {
      await using pool = make({ maxWorkers: 1, maxTasksPerWorker: 3 });
      const counts: number[] = [];
      for (let i = 0; i < 7; i++) counts.push(await pool.submit(jobs.countCalls));
      assertEquals(counts, [1, 2, 3, 1, 2, 3, 1]);
    });

    it("refuses what its queue has no room for, and tells when it has", async () => {
      await using pool = make({ maxWorkers: 1, maxQueue: 2 });
      const futures = [1, 2, 3].map((n) => pool.submit(jobs.sleep, 5, n));
      assertThrows(() => pool.submit(jobs.sleep, 1, 4), Error, "await pool.ready() first");
      await pool.ready();
      futures.push(pool.submit(jobs.sleep, 1, 4));
      assertEquals(await Promise.all(futures), [1, 2, 3, 4]);
      const mapped = pool.map(jobs.add, [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1]);
      assertEquals(await Array.fromAsync(mapped), [2, 3, 4, 5, 6, 7]);
    });

    it("loads allowed modules only", async () => {
      await using pool = make({ maxWorkers: 1, allow: [new URL("./jobs.ts", import.meta.url)] });
      assertEquals(await pool.submit(jobs.add, 1, 2), 3);
      const other = workerModule<{ f(): void }>(new URL("./modules/throws.ts", import.meta.url));
      await assertRejects(async () => await pool.submit(other.f), TypeError, "isn't among");
      await assertRejects(async () => await pool.submit(() => 1), TypeError, "allowed modules");
    });

    it("ends idle workers", async () => {
      await using pool = make({ maxWorkers: 2, idleTimeout: 30 });
      await Promise.all([pool.submit(jobs.sleep, 10, 1), pool.submit(jobs.sleep, 10, 1)]);
      await until(() => pool.stats().workers === 0);
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });

    it("must be sensible", () => {
      for (const maxWorkers of [0, -1, NaN, 1.5, Infinity]) {
        assertThrows(
          () => make({ maxWorkers }),
          RangeError,
          `Cannot make a ${name} as 'maxWorkers' must be an integer >= 1: current value is ${maxWorkers}`,
        );
      }
    });

    it("on memory end a worker that runs out of it, and nobody else", {
      ignore: isThread && runtime === "bun",
    }, async () => {
      await using pool = make({ maxWorkers: 1, resourceLimits: { maxOldGenerationSizeMb: 64 } });
      if (runtime === "bun") return;
      await assertRejects(async () => await pool.submit(jobs.eatMemory), Broken);
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });
  });

  describe(`${name}: fairness`, () => {
    it("no quick call waits behind a slow one while a worker is idle", async () => {
      await using pool = make({ maxWorkers: 2 });
      await Promise.all([pool.submit(jobs.timed, 30), pool.submit(jobs.timed, 30)]);
      for (let i = 0; i < 200; i++) await pool.submit(jobs.timed, 0);
      const start = Date.now();
      const calls = Array.from(
        { length: 60 },
        (_, i) => pool.submit(jobs.timed, i === 0 ? 300 : 0),
      );
      const spans = await Promise.all(calls);
      const late = spans.slice(1).filter(([began]) => began - start > 200);
      assertEquals(late.length, 0);
    });
  });
}

describe("ProcessPoolExecutor: processes", () => {
  it("killed from outside in mid-job fail it, and none is left at the end", async () => {
    const mark = crypto.randomUUID();
    const pool = new ProcessPoolExecutor({ maxWorkers: 2, env: { FAULTS: mark } });
    const pids = await Promise.all([
      pool.submit(jobs.sleep, 50, 0).then(() => pool.submit(jobs.pid)),
      pool.submit(jobs.pid),
    ]);
    assert(pids.every(isAlive));
    const killed = await assertRejects(
      async () => await pool.submit(jobs.killSelf),
      BrokenProcessPool,
    );
    assert(/SIGKILL|code 137/.test(killed.message), killed.message);
    assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    await pool.shutdown();
    await until(() => childrenWith(ownPid, `FAULTS=${mark}`).length === 0);
  });

  it("get an environment and options", async () => {
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1, env: { POOL_TEST: "yes" } });
    const value = await pool.submit(() =>
      (globalThis as unknown as { process: { env: Record<string, string> } }).process.env.POOL_TEST
    );
    assertEquals(value, "yes");
  });
});
