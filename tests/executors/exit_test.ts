import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ProcessPoolExecutor } from "../../executors/mod.ts";
import { jobs } from "./_contract_jobs.ts";
import { canRun, isAlive, runProgram, runtime } from "./_runtimes.ts";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./programs/no_shutdown.ts", import.meta.url));

async function gone(pids: number[]): Promise<void> {
  for (let i = 0; i < 200 && pids.some(isAlive); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assertEquals(pids.filter(isAlive), []);
}

for (const kind of ["thread", "process"]) {
  describe(`a program with a ${kind} pool that it never shuts down`, () => {
    it("ends when the pool is idle", async () => {
      const { code, output, time } = await runProgram(program, [kind, "idle"]);
      assertEquals([code, output.trim()], [0, "3\nend"]);
      assert(time < 10_000, `${time} ms`);
    });

    it("ends when nothing was submitted, or what was is cancelled", async () => {
      for (const what of ["never", "cancelled"]) {
        const { code, output } = await runProgram(program, [kind, what]);
        assertEquals([code, output.trim()], [0, "end"]);
      }
    });

    it("lives until the work is done", async () => {
      const { code, output } = await runProgram(program, [kind, "pending"]);
      assertEquals([code, output.trim()], [0, "end\nx"]);
    });

    it("can exit while a worker is in a busy loop, and takes it along", async () => {
      const { code, output } = await runProgram(program, [kind, "exit"]);
      assertEquals(code, 0);
      const pids = (/children (.*)/.exec(output)?.[1] ?? "").split(" ").filter(Boolean).map(Number);
      assertEquals(pids.length > 0, kind === "process", output);
      await gone(pids);
    });
  });
}

describe("a program with a process pool", () => {
  it("that is killed takes its idle workers along", async () => {
    const { signal, output } = await runProgram(program, ["process", "killed"], {
      onOutput: (text, kill) => text.includes("children") && kill("SIGKILL"),
    });
    assertEquals(signal, "SIGKILL");
    const pids = /children (.*)/.exec(output)![1]!.split(" ").map(Number);
    assert(pids.length > 0);
    await gone(pids);
  });
});

describe("a process in an endless loop", () => {
  it("doesn't outlive the program that is killed", async () => {
    const { signal, output } = await runProgram(program, ["process", "busy"], {
      onOutput: (text, kill) => text.includes("children") && kill("SIGKILL"),
    });
    assertEquals(signal, "SIGKILL");
    const pids = /children (.*)/.exec(output)![1]!.split(" ").map(Number);
    assertEquals(pids.length, 1);
    await gone(pids);
  });

  it("sees that it is to stop", async () => {
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    const busy = pool.submit(jobs.busyUntilAborted);
    while (!busy.running()) await new Promise((resolve) => setTimeout(resolve, 5));
    busy.abort();
    assertEquals(await busy, "seen");
  });
});

describe("Ctrl-C at a terminal", () => {
  it("is left to the main program by the workers of a process pool", async () => {
    const { code, output } = await runProgram(program, ["process", "interrupted"], {
      group: true,
      onOutput: (text, kill) => text.endsWith("ready\n") && kill("SIGINT"),
    });
    assertEquals([code, output], [0, "ready\nslow 800 crashes 0\n"]);
  });
});

describe("a program that is the first of its container", () => {
  const under = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"];
  it("keeps the workers of its process pool", { ignore: !canRun([...under, "true"]) }, async () => {
    const { code, output } = await runProgram(program, ["process", "first"], { under });
    assertEquals([code, output], [0, "1 still here\nend\n"]);
  });
});

describe("a thread in an endless loop", () => {
  it("is replaced when its time is up; where it can't be stopped that is said", async () => {
    const { code, output } = await runProgram(program, ["thread", "spinning"]);
    assertEquals(code, 0, output);
    assertStringIncludes(output, "TimeoutError\n3\n");
    const canStop = runtime !== "deno";
    assertStringIncludes(output, canStop ? "abandoned 0" : "abandoned 1");
    assertEquals(output.includes("PoolWarning"), !canStop);
  });
});

describe("permissions", { ignore: runtime !== "deno" }, () => {
  it("hold in the workers of a pool", async () => {
    const flags = ["--unstable-worker-options"];
    const path = fileURLToPath(new URL("./programs/permissions.ts", import.meta.url));
    const { code, output } = await runProgram(path, [], { flags });
    assertEquals([code, output.trim()], [0, "NotCapable\nread"]);
  });
});
