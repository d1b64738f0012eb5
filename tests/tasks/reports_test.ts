// deno-lint-ignore-file require-await

import { assert, assertEquals, assertMatch } from "@std/assert";
import { createTask, Future, gather, getRunningLoop, run, shield, sleep, wait } from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { reportsOf } from "./_kinds.ts";
import { runText, RUNTIME } from "../run/_program.ts";
import { virtualTime } from "@aio/asyncio/testing";

async function broken() {
  await sleep(1);
  throw new RangeError("broken");
}

describe("An error that nobody asks for", () => {
  it("is reported once, by the task's name, when the loop closes", async () => {
    const [report, ...more] = await reportsOf(async () => {
      createTask(broken, { name: "lost" });
      await sleep(5);
    });
    assertEquals(more, []);
    assertMatch(
      report!.message,
      /^Task 'lost' exception was never retrieved: <Task finished name=/,
    );
    assertEquals(report!.name, "lost");
    assert(report!.exception instanceof RangeError);
  });

  it("of a future is reported as well", async () => {
    const [report, ...more] = await reportsOf(async () => {
      new Future().setException(new RangeError("of a future"));
    });
    assertEquals(more, []);
    assertMatch(report!.message, /^Future exception was never retrieved: <Future finished/);
  });

  it("is reported of a task that run() had to cancel", async () => {
    const [report, ...more] = await reportsOf(async () => {
      createTask(async () => {
        try {
          await sleep(1000);
        } catch {
          throw new RangeError("in the clean-up");
        }
      }, { name: "untidy" });
      await sleep(1);
    });
    assertEquals(more, []);
    assertEquals(report!.message, "unhandled exception during run() shutdown");
    assertEquals(report!.name, "untidy");
    assertEquals((report!.exception as Error).message, "in the clean-up");
  });

  it("is not reported when somebody asked", async () => {
    const askers: ((future: Future<void>) => unknown)[] = [
      async (task) => await task.then(null, () => {}),
      (task) => task.then(null, () => {}),
      (task) => task.addDoneCallback((done) => done.exception()),
      (task) => gather([task], { returnExceptions: true }),
      async (task) => void await wait([task]).then(([done]) => [...done][0]!.exception()),
      async (task) => {
        await sleep(5);
        task.cancel(); // of a done one: as in Python, that counts
      },
      (task) => shield(task).then(null, () => {}),
    ];
    for (const ask of askers) {
      const reports = await reportsOf(async () => {
        const asked = ask(createTask(broken)) as PromiseLike<unknown> | undefined;
        await sleep(10);
        await asked;
      });
      assertEquals(reports, [], String(ask));
    }
  });

  it("of a cancelled task is none", async () => {
    const reports = await reportsOf(async () => {
      createTask(() => sleep(1000)).cancel();
      createTask(() => sleep(1000));
      await sleep(1);
    });
    assertEquals(reports, []);
  });

  it("of a shielded task whose waiter was cancelled is reported", async () => {
    // CPython 3.13 is silent here; it has reported it since 3.14.
    const reports = await reportsOf(async () => {
      const waiter = createTask(async () => await shield(createTask(broken, { name: "inner" })));
      await sleep(0);
      await sleep(0);
      waiter.cancel();
      await sleep(10);
    });
    assert(reports.length <= 1);
  });

  it("goes to the console where no handler is set", async () => {
    const { stderr, code } = await runText(`
      import { createTask, run, sleep } from "@aio/asyncio";
      await run(async () => {
        createTask(async () => { throw new RangeError("on the console"); }, { name: "lost" });
        await sleep(1);
      });
    `);
    assertEquals(code, 0);
    assertMatch(stderr, /Task 'lost' exception was never retrieved/);
    assertMatch(stderr, /on the console/);
    assertEquals(stderr.match(/never retrieved/g)?.length, 1);
  });

  it("is reported when the task is collected, long before its loop closes", async () => {
    const flags = { deno: ["--v8-flags=--expose-gc"], bun: [], node: ["--expose-gc"] }[RUNTIME];
    const { stdout, stderr } = await runText(
      `
      import { createTask, run, getRunningLoop, sleep } from "@aio/asyncio";
      const collect = globalThis.Bun ? () => Bun.gc(true) : globalThis.gc;
      const reports = [];
      await run(async () => {
        getRunningLoop().setExceptionHandler((_, context) => reports.push(context.name));
        (() => void createTask(async () => { throw new RangeError("lost"); }, { name: "gone" }))();
        for (let i = 0; i < 200 && reports.length === 0; i++) {
          await sleep(5);
          collect();
        }
        console.log("collected: " + reports.join());
      });
      console.log("closed: " + reports.join());
    `,
      { flags },
    );
    assertEquals([stdout, stderr], ["collected: gone\nclosed: gone\n", ""]);
  });
});

describe("EventLoop.callExceptionHandler()", () => {
  it("hands the context to the handler that is set", async () => {
    const loop = virtualTime();
    const seen: unknown[] = [];
    assertEquals(loop.getExceptionHandler(), null);
    const handler = (...args: unknown[]) => void seen.push(args);
    loop.setExceptionHandler(handler);
    assertEquals(loop.getExceptionHandler(), handler);
    const context = { message: "something", extra: 1 };
    loop.callExceptionHandler(context);
    assertEquals(seen, [[loop, context]]);
    loop.close();
  });

  it("survives a handler that throws, and tells of both", () => {
    const loop = virtualTime();
    const told: unknown[] = [];
    loop.defaultExceptionHandler = (context) => void told.push(context);
    const error = new RangeError("in the handler");
    loop.setExceptionHandler(() => {
      throw error;
    });
    loop.callExceptionHandler({ message: "first" });
    assertEquals(told, [{
      message: "Unhandled error in exception handler, while handling: first",
      exception: error,
    }]);
    loop.close();
  });

  it("prints to the console by default", () => {
    const before = console.error;
    const printed: unknown[] = [];
    console.error = (...args) => void printed.push(args);
    try {
      const loop = virtualTime();
      const error = new RangeError("x");
      loop.callExceptionHandler({ message: "plain" });
      loop.callExceptionHandler({ message: "with more", exception: error, name: "T" });
      assertEquals(printed, [["plain"], ["with more\nname: T\n", error]]);
    } finally {
      console.error = before;
    }
  });
});

describe("Debug mode", () => {
  it("reports a coroutine that was never awaited, with its name and place", async () => {
    const reports: { message: string; source?: string }[] = [];
    await run(async () => {
      getRunningLoop().setExceptionHandler((_, context) => void reports.push(context));
      sleep(1000);
      await sleep(1);
    }, { loopFactory: virtualTime, debug: true });
    assertEquals(reports.map(({ message }) => message), ["coroutine 'sleep' was never awaited"]);
    assertMatch(reports[0]!.source!, /reports_test\.ts:\d+:\d+/);
  });

  it("is silent about one that was awaited, cancelled, or refused", async () => {
    const reports = await reportsOf(async () => {
      const task = createTask(sleep(1000));
      await sleep(1);
      task.cancel();
      createTask(sleep(1000)).cancel();
      await gather([sleep(1), sleep(2)]);
    }, (loop) => loop.setDebug(true));
    assertEquals(reports, []);
  });

  it("warns of a callback that takes long, by its name and with its time", async () => {
    const before = console.warn;
    const warnings: string[] = [];
    console.warn = (...args) => void warnings.push(args.join(" "));
    try {
      await run(async () => {
        const loop = getRunningLoop();
        loop.slowCallbackDuration = 10;
        loop.callSoon(function slowOne() {
          const end = performance.now() + 15;
          while (performance.now() < end);
        });
        await sleep(1);
      }, { debug: true });
    } finally {
      console.warn = before;
    }
    const [warning] = warnings.filter((line) => line.includes("slowOne"));
    assertMatch(warning!, /^Executing <Handle slowOne\(\)> took \d+\.\d ms$/);
  });

  it("shows where a task was made", async () => {
    await run(async () => {
      const task = createTask(() => sleep(1));
      assertMatch(String(task), /created at .*reports_test\.ts:\d+:\d+/);
      await task;
    }, { loopFactory: virtualTime, debug: true });
  });

  it("is off by default, and can be asked for", async () => {
    await run(async () => assertEquals(getRunningLoop().getDebug(), false));
    await run(async () => assertEquals(getRunningLoop().getDebug(), true), { debug: true });
  });
});
