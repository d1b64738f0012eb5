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

/** Runs that follow each other so fast that they share listeners: these are still there. */
const AFTER_MANY = `
      const count = process.listenerCount("SIGINT");
      while (process.listenerCount("SIGINT") === count) await run(async () => {});
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

describe("Ctrl-C beside several run()", () => {
  it("lets all of them clean up before the process ends", async () => {
    const outcome = await runText(
      `
      import { run, sleep } from "@aio/asyncio";
      let left = 2;
      const part = (name, time) => run(async () => {
        if (--left === 0) console.log("ready");
        try {
          await sleep(60_000);
        } finally {
          await sleep(time);
          console.log(name + " is clean");
        }
      });
      await Promise.all([part("quick", 5), part("slow", 100)]);
      console.log("never");
    `,
      { onLine: (line, kill) => line === "ready" && kill("SIGINT") },
    );
    assertEndedByInterrupt(outcome);
    assertEquals(outcome.stdout, "ready\nquick is clean\nslow is clean\n");
  });

  it("waits for one that cleans up already, and one whose main task went on", async () => {
    const outcome = await runText(
      `${TIDY}
      const closing = run(async () => {
        createTask(async () => {
          try {
            await sleep(60_000);
          } finally {
            console.log("closing");
            await sleep(80);
            console.log("closed");
          }
        });
        await sleep(1);
      });
      const stubborn = run(async () => {
        try {
          await sleep(60_000);
        } catch {}
        await sleep(160);
        console.log("went on");
      });
      await Promise.all([closing, stubborn, run(() => tidy("tidy"))]);
      console.log("never");
    `,
      { onLine: (line, kill) => line === "closing" && kill("SIGINT") },
    );
    assertEndedByInterrupt(outcome);
    assertEquals(outcome.stdout, "closing\ntidy is clean\nclosed\nwent on\n");
  });

  it("ends the process once what is closing is closed, though no main task runs", async () => {
    const outcome = await runText(
      `
      import { createTask, run, sleep } from "@aio/asyncio";
      await run(async () => {
        createTask(async () => {
          try {
            await sleep(60_000);
          } finally {
            console.log("closing");
            await sleep(50);
            console.log("closed");
          }
        });
        await sleep(1);
      });
      console.log("never");
    `,
      { onLine: (line, kill) => line === "closing" && kill("SIGINT") },
    );
    assertEndedByInterrupt(outcome);
    assertEquals(outcome.stdout, "closing\nclosed\n");
  });

  it("a second time stops at once", async () => {
    let interrupted = 0;
    const outcome = await runText(
      `${TIDY}
      const stubborn = run(async () => {
        try {
          await sleep(60_000);
        } catch {}
        console.log("going on");
        await sleep(60_000);
      });
      setTimeout(() => console.log("ready"), 20);
      await Promise.allSettled([stubborn, run(() => tidy("tidy"))]);
    `,
      {
        onLine(line, kill) {
          if (line === "ready") kill("SIGINT");
          if (line !== "tidy is clean") return;
          interrupted = performance.now();
          kill("SIGINT");
        },
      },
    );
    assertLess(performance.now() - interrupted, 5000);
    assertEndedByInterrupt(outcome);
    assertEquals(outcome.stdout, "ready\ngoing on\ntidy is clean\n");
  });

  it("tells one that another waits for, as a server waits for its handlers", async () => {
    const outcome = await runText(
      `
      import { run, sleep, until } from "@aio/asyncio";
      const handler = run(async () => {
        console.log("ready");
        await sleep(60_000);
      });
      await run(async () => {
        try {
          await sleep(60_000);
        } finally {
          const [{ reason }] = await until(Promise.allSettled([handler]));
          console.log("the handler's: " + reason.name);
        }
      });
    `,
      { onLine: (line, kill) => line === "ready" && kill("SIGINT") },
    );
    assertEndedByInterrupt(outcome);
    assertEquals(outcome.stdout, "ready\nthe handler's: KeyboardInterrupt\n");
  });

  it("has one listener of each kind, however many there are, and none at the end", async () => {
    const outcome = await runText(`
      import process from "node:process";
      import { run, sleep } from "@aio/asyncio";
      const count = () => ["SIGINT", "beforeExit"].map((name) => process.listenerCount(name));
      const before = count();
      const { signal } = new AbortController();
      const runs = Array.from({ length: 50 }, (_, i) => run(() => sleep(5 + i), { signal }));
      console.log(count().map((now, i) => now - before[i]).join());
      await Promise.all(runs);
      console.log(count().map((now, i) => now - before[i]).join());
    `);
    assertEquals(outcome, { code: 0, signal: null, stdout: "1,1\n0,0\n", stderr: "" });
  });

  it("has none a macrotask after the last of many that follow each other", async () => {
    const outcome = await runText(`
      import process from "node:process";
      import { run } from "@aio/asyncio";
      ${AFTER_MANY}
      await new Promise((resolve) => setImmediate(resolve));
      console.log(process.listenerCount("SIGINT") - count, process.listenerCount("beforeExit"));
    `);
    assertEquals(outcome, { code: 0, signal: null, stdout: "0 0\n", stderr: "" });
  });

  it("ends the process at a Ctrl-C between those that follow each other", async () => {
    const outcome = await runText(`
      import process from "node:process";
      import { run } from "@aio/asyncio";
      ${AFTER_MANY}
      process.emit("SIGINT");
      setTimeout(() => console.log("goes on"), 1000);
    `);
    assertEquals(outcome.stdout, "");
    assertEndedByInterrupt(outcome);
  });

  it("leaves a Ctrl-C between those that follow each other to whoever listens", async () => {
    const outcome = await runText(`
      import process from "node:process";
      import { run } from "@aio/asyncio";
      process.on("SIGINT", () => {
        console.log("mine");
        process.exit(3);
      });
      ${AFTER_MANY}
      process.emit("SIGINT");
    `);
    assertEquals(outcome, { code: 3, signal: null, stdout: "mine\n", stderr: "" });
  });
});
