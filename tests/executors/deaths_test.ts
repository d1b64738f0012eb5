/** No worker's end is silent, none takes more with it than it had started, and nothing hangs on one. */

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TimeoutError } from "../../errors.ts";
import {
  BrokenExecutorError,
  type PoolWarning,
  ProcessPoolExecutor,
  type ProcessPoolOptions,
  ThreadPoolExecutor,
  workerModule,
} from "../../executors/mod.ts";
import { run } from "../../run.ts";
import { timeout } from "../../tasks/timeout.ts";
import { getRunningLoop } from "../../loop/running.ts";
import "../../bridge.ts";
import { jobs } from "./_contract_jobs.ts";
import { runProgram, runtime } from "./_runtimes.ts";
import { fileURLToPath } from "node:url";

type Pool = ThreadPoolExecutor | ProcessPoolExecutor;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    assert(performance.now() < end, `it never was so: ${condition}`);
    await pause(5);
  }
}

const program = (name: string): string =>
  fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url));

for (
  const { kind, make } of [
    {
      kind: "thread",
      make: (options: ProcessPoolOptions): Pool => new ThreadPoolExecutor(options),
    },
    {
      kind: "process",
      make: (options: ProcessPoolOptions): Pool => new ProcessPoolExecutor(options),
    },
  ]
) {
  const canStopBusy = !(kind === "thread" && runtime === "deno");

  describe(`a ${kind} that ends between two jobs`, () => {
    it("of a late error is told to onWarning, with the error", async () => {
      const warnings: PoolWarning[] = [];
      const onWarning = (warning: PoolWarning): number => warnings.push(warning);
      await using pool = make({ maxWorkers: 1, onWarning, name: "P" });
      assertEquals(await pool.submit(jobs.returnThenThrow, 10), "returned");
      await until(() => warnings.length > 0);
      assertEquals(warnings.length, 1);
      assert(warnings[0]!.message.startsWith("P worker 1 ended while no job of it ran"));
      assert(warnings[0]!.message.endsWith("too late"), warnings[0]!.message);
      assert(String((warnings[0]!.cause as Error).message).includes("too late"));
      assertEquals(await pool.submit(jobs.add, 1, 2), 3);
      assertEquals(pool.stats().crashes, 1);
    });

    it("of a rejection that nobody handles, or an exit, is told too", async () => {
      for (const job of [jobs.returnThenReject, jobs.returnThenExit]) {
        const warnings: PoolWarning[] = [];
        await using pool = make({ maxWorkers: 1, onWarning: (warning) => warnings.push(warning) });
        assertEquals(await pool.submit(job, 10), "returned");
        await until(() => warnings.length > 0);
        assertEquals(await pool.submit(jobs.add, 1, 2), 3);
        assertEquals(warnings.length, 1);
      }
    });

    it("is told on the console if there is no onWarning", async () => {
      const { code, output } = await runProgram(program("late_error"), [kind]);
      assertEquals(code, 0, output);
      assert(/PoolWarning: \S+ worker 1 ended while no job of it ran/.test(output), output);
    });

    it("told to an onWarning that throws harms nobody", async () => {
      const { error } = console;
      const told: string[] = [];
      console.error = (text: string) => void told.push(text);
      try {
        await using pool = make({
          maxWorkers: 1,
          onWarning: () => {
            throw new Error("not today");
          },
        });
        await pool.submit(jobs.returnThenExit, 10);
        await until(() => pool.stats().crashes > 0);
        assertEquals(await pool.submit(jobs.add, 1, 2), 3);
      } finally {
        console.error = error;
      }
      assertEquals(told.length, 1);
      assert(told[0]!.includes("onWarning"), told[0]);
    });
  });

  describe(`a ${kind} that ends with a batch of quick calls`, () => {
    it("fails the one that ran; those after it run elsewhere, and none runs twice", async () => {
      await using pool = make({ maxWorkers: 1 });
      for (let i = 0; i < 300; i++) await pool.submit(jobs.exitAt, i, -1);
      const calls = Array.from({ length: 200 }, (_, i) => pool.submit(jobs.exitAt, i, 100));
      const outcomes = await Promise.allSettled(calls);
      const failed = outcomes.flatMap(({ status }, i) => status === "rejected" ? [i] : []);
      assert(failed.includes(100), String(failed));
      // What had returned by then is only lost where a dying thread can't send it.
      assert(failed.every((i) => i <= 100), String(failed));
      if (kind === "process") assertEquals(failed, [100]);
      outcomes.forEach((outcome, i) => {
        if (outcome.status === "fulfilled") assertEquals(outcome.value, i);
        else assertInstanceOf(outcome.reason, BrokenExecutorError);
      });
    });
  });

  describe(`${kind}s that are ended`, () => {
    it("while they are idle let terminate() end", async () => {
      const { code, output } = await runProgram(program("terminates"), [kind]);
      assertEquals([code, output.trim()], [0, "terminated 0"]);
    });

    it("keep what jobs wrote to the console", async () => {
      for (const how of ["shutdown", "terminate", "nothing"]) {
        const { code, output } = await runProgram(program("prints"), [kind, how]);
        const lines = output.split("\n").filter((line) => line.startsWith("line "));
        assertEquals([code, lines.length, output.includes("error 1")], [0, 2000, true], how);
      }
    });

    it("by the killAfter of a view when the task that waits is cancelled", {
      ignore: !canStopBusy,
    }, async () => {
      await run(async () => {
        await using pool = make({ maxWorkers: 1 });
        await pool.submit(jobs.add, 1, 1);
        const view = pool.with({ killAfter: 30 });
        await assertRejects(
          () =>
            timeout(
              60,
              async () => await getRunningLoop().runInExecutor(view as unknown as Pool, jobs.spin),
            ),
          TimeoutError,
        );
        assertEquals(await pool.submit(jobs.add, 1, 2), 3);
      });
    });
  });

  describe(`a module that isn't there, in a ${kind}`, () => {
    it("is named in a short message", async () => {
      await using pool = make({ maxWorkers: 1 });
      const url = new URL("./modules/nowhere.ts", import.meta.url);
      const nowhere = workerModule<{ f(): number }>(url);
      const error = await pool.submit(nowhere.f).then(() => null, (reason) => reason as Error);
      assert(error !== null && error.message.includes("nowhere.ts"), String(error));
      assert(error.message.length < 500, String(error.message.length));
      const inline = pool.submit(async () => await import("./modules/nowhere.ts" as string));
      const other = await inline.then(() => null, (reason) => reason as Error);
      assert(other !== null && other.message.length < 500, String(other?.message.length));
    });
  });
}

describe("a process that is killed with a batch of quick calls", () => {
  it("fails those that may have started, and says that it isn't known", async () => {
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    for (let i = 0; i < 300; i++) await pool.submit(jobs.killAt, i, -1);
    const calls = Array.from({ length: 200 }, (_, i) => pool.submit(jobs.killAt, i, 100));
    const outcomes = await Promise.allSettled(calls);
    const failed = outcomes.flatMap((each) => each.status === "rejected" ? [each.reason] : []);
    assertEquals(outcomes[100]!.status, "rejected");
    for (const error of failed) {
      assertInstanceOf(error, BrokenExecutorError);
      if (failed.length > 1) assert(error.message.includes("started it or not"), error.message);
    }
    outcomes.forEach((outcome, i) => {
      if (outcome.status === "fulfilled") assertEquals(outcome.value, i);
    });
  });

  it("is warned of if it had nothing to do", async () => {
    const warnings: PoolWarning[] = [];
    await using pool = new ProcessPoolExecutor({
      maxWorkers: 1,
      onWarning: (warning) => warnings.push(warning),
    });
    const pid = await pool.submit(jobs.pid);
    (globalThis as unknown as { process: { kill(pid: number, signal: string): void } }).process
      .kill(pid, "SIGKILL");
    await until(() => warnings.length > 0);
    assert(/SIGKILL|code 137/.test(warnings[0]!.message), warnings[0]!.message);
    assertEquals(await pool.submit(jobs.add, 1, 2), 3);
  });
});
