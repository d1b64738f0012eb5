import { assert, assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Outcome, runText } from "./_program.ts";

/** Asserts that a program ended as SIGINT ends one. */
function assertEndedByInterrupt({ code, signal, stdout, stderr }: Outcome): void {
  assert(signal === "SIGINT" || code === 130, `${code} ${signal}\n${stdout}\n${stderr}`);
}

const TIDY = `
  import { createTask, run, sleep } from "@aio/asyncio";
  async function tidy(name) {
    try {
      await sleep(60_000);
    } finally {
      await sleep(20);
      console.log(name + " is clean");
    }
  }
`;

describe("Ctrl-C", () => {
  it("cancels the main task, whose finally blocks run, and ends the process by SIGINT", async () => {
    const outcome = await runText(
      `${TIDY}
      await run(async () => {
        createTask(() => tidy("child"));
        console.log("ready");
        await tidy("main");
      });
      console.log("never");
    `,
      { onLine: (line, kill) => line === "ready" && kill("SIGINT") },
    );
    assertEndedByInterrupt(outcome);
    assertEquals(outcome.stdout, "ready\nmain is clean\nchild is clean\n");
  });

  it("does the same to a generator coroutine", async () => {
    const outcome = await runText(
      `
      import { run, sleep } from "@aio/asyncio";
      await run(function* () {
        console.log("ready");
        try {
          yield* sleep(60_000);
        } finally {
          yield* sleep(20);
          console.log("clean");
        }
      });
    `,
      { onLine: (line, kill) => line === "ready" && kill("SIGINT") },
    );
    assertEndedByInterrupt(outcome);
    assertEquals(outcome.stdout, "ready\nclean\n");
  });

  it("reaches tasks that never rest", async () => {
    const outcome = await runText(
      `
      import { run } from "@aio/asyncio";
      await run(function* () {
        console.log("ready");
        try {
          for (;;) yield;
        } finally {
          console.log("clean");
        }
      });
    `,
      { onLine: (line, kill) => line === "ready" && kill("SIGINT") },
    );
    assertEndedByInterrupt(outcome);
    assertEquals(outcome.stdout, "ready\nclean\n");
  });

  it("a second time stops at once", async () => {
    let interrupted = 0;
    const outcome = await runText(
      `
      import { run, sleep } from "@aio/asyncio";
      await run(async () => {
        console.log("ready");
        try {
          await sleep(60_000);
        } finally {
          console.log("cleaning");
          await sleep(60_000);
          console.log("never");
        }
      });
    `,
      {
        onLine(line, kill) {
          if (line === "cleaning") interrupted = performance.now();
          kill("SIGINT");
        },
      },
    );
    assertLess(performance.now() - interrupted, 5000);
    assertEndedByInterrupt(outcome);
    assertEquals(outcome.stdout, "ready\ncleaning\n");
  });

  it("that the main task swallows ends nothing", async () => {
    const outcome = await runText(
      `
      import { CancelledError, run, sleep } from "@aio/asyncio";
      const result = await run(async () => {
        console.log("ready");
        try {
          await sleep(60_000);
        } catch (error) {
          return error.name;
        }
      });
      console.log("run() gave " + result);
    `,
      { onLine: (line, kill) => line === "ready" && kill("SIGINT") },
    );
    assertEquals(outcome, {
      code: 0,
      signal: null,
      stdout: "ready\nrun() gave CancelledError\n",
      stderr: "",
    });
  });

  it("is the process's own again after run()", async () => {
    const outcome = await runText(
      `
      import { run, sleep } from "@aio/asyncio";
      await run(() => sleep(1));
      setTimeout(() => console.log("never"), 20_000);
      console.log("after");
    `,
      { onLine: (line, kill) => line === "after" && kill("SIGINT") },
    );
    assertEndedByInterrupt(outcome);
    assertEquals(outcome.stdout, "after\n");
  });
});
