// deno-lint-ignore-file require-await

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  allTasks,
  CancelledError,
  ContextVar,
  copyContext,
  createTask,
  currentTask,
  type EventLoop,
  gather,
  getRunningLoop,
  run,
  Runner,
  RuntimeError,
  sleep,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, reportsOf, runVirtual } from "../tasks/_kinds.ts";
import { runText } from "./_program.ts";
import { useAsyncLocalStorage, virtualTime } from "@aio/asyncio/testing";

describe("run()", () => {
  inBothKinds("gives the result of the main coroutine", async (coro) => {
    const main = coro(function* () {
      yield sleep(1);
      assertEquals([...allTasks()], [currentTask()]);
      return "result";
    });
    assertEquals(await run(main), "result");
  });

  inBothKinds("throws the error of the main coroutine", async (coro) => {
    const main = coro(function* () {
      yield sleep(1);
      throw new RangeError("far");
    });
    await assertRejects(() => run(main), RangeError, "far");
  });

  inBothKinds("cancels the tasks that are left and waits for them", async (coro) => {
    const seen: string[] = [];
    const work = coro(function* (name: string) {
      try {
        yield sleep(1000);
      } finally {
        yield sleep(5);
        seen.push(`${name} is clean`);
      }
    });
    await runVirtual(coro(function* () {
      createTask(() => work("a"));
      createTask(() => work("b"));
      yield sleep(1);
      seen.push("main is done");
    }));
    assertEquals(seen, ["main is done", "a is clean", "b is clean"]);
  });

  inBothKinds("ends what is made while it closes, and tells of it", async (coro) => {
    const seen: string[] = [];
    const late = coro(function* (depth: number) {
      try {
        yield sleep(1000);
      } finally {
        if (depth > 0) createTask(() => late(depth - 1), { name: `late ${depth - 1}` });
        yield sleep(1);
        seen.push(`late ${depth} is clean`);
      }
    });
    const reports = await reportsOf(coro(function* () {
      createTask(() => late(2), { name: "left" });
      createTask(coro(function* () {
        try {
          yield sleep(1000);
        } finally {
          createTask(coro(function* () {
            yield sleep(0);
            seen.push("quick");
          }));
        }
      }));
      yield sleep(1);
    }));
    assertEquals(seen, ["quick", "late 2 is clean", "late 1 is clean", "late 0 is clean"]);
    assertEquals(reports.map(({ message, name }) => `${message} ${name}`), [
      "Task was destroyed but it is pending! late 1",
      "Task was destroyed but it is pending! late 0",
    ]);
  });

  it("ends in spite of a task whose clean-up makes another one for ever", async () => {
    const reports = await reportsOf(async () => {
      const again = async (): Promise<void> => {
        try {
          await sleep(1000);
        } finally {
          createTask(again);
        }
      };
      createTask(again);
      await sleep(1);
    });
    assert(reports.length > 0);
  });

  it("cancels what is left even when the main coroutine fails", async () => {
    let task!: { cancelled(): boolean };
    const main = async () => {
      task = createTask(() => sleep(1000));
      await sleep(1);
      throw new RangeError("far");
    };
    await assertRejects(() => runVirtual(main), RangeError, "far");
    assertEquals(task.cancelled(), true);
  });

  it("takes a generator, an operation, and functions that make one", async () => {
    function* gives(value: string) {
      yield* sleep(0);
      return value;
    }
    assertEquals(await runVirtual(gives("generator")), "generator");
    assertEquals(await runVirtual(sleep(1, "operation")), "operation");
    assertEquals(await runVirtual(() => gives("function")), "function");
    assertEquals(await runVirtual(() => sleep(1, "arrow")), "arrow");
  });

  it("makes a loop, and closes it", async () => {
    const loops: EventLoop[] = [];
    for (let i = 0; i < 2; i++) {
      await run(async () => void loops.push(getRunningLoop()));
    }
    assert(loops[0] !== loops[1]);
    assertEquals(loops.map((loop) => [loop.isClosed(), loop.isRunning()]), [
      [true, false],
      [true, false],
    ]);
  });

  it("refuses a promise, whose code runs already, and says what to do", async () => {
    await assertRejects(
      () => run(Promise.resolve() as never),
      TypeError,
      "a coroutine was expected, got a promise: its code is running already",
    );
  });

  it("refuses what is no coroutine", async () => {
    for (const wrong of [42, null, undefined, "text"]) {
      await assertRejects(() => run(wrong as never), TypeError, "Cannot make a task");
    }
  });

  it("refuses to run inside of a running loop, from a task or a callback", async () => {
    const refusal = "Cannot call run() from a running event loop: await the coroutine, or make a";
    await run(async () => {
      await assertRejects(() => run(() => sleep(1)), RuntimeError, refusal);
      await new Promise<void>((resolve, reject) => {
        getRunningLoop().callSoon(() => {
          assertRejects(() => run(() => sleep(1)), RuntimeError, refusal).then(
            () => resolve(),
            reject,
          );
        });
      });
    });
  });

  it("runs beside others", async () => {
    const seen: string[] = [];
    const program = (name: string) => async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(1);
        assertEquals(allTasks().size, 1);
      }
      seen.push(name);
    };
    await Promise.all([run(program("a")), run(program("b"))]);
    assertEquals(seen.toSorted(), ["a", "b"]);
  });

  for (const isUsed of [true, false]) {
    it(`runs beside others that are busy, ${isUsed ? "with" : "without"} AsyncLocalStorage`, async () => {
      const before = useAsyncLocalStorage(isUsed);
      try {
        const names = ["a", "b", "c"];
        const main = (name: string) => async () => {
          const body = async () => {
            for (let i = 0; i < 100; i++) {
              await sleep(i % 10 === 0 ? 1 : 0);
              assertEquals(currentTask()?.getName(), name);
              assertEquals(getRunningLoop(), currentTask()!.getLoop());
            }
          };
          const tasks = [createTask(body, { name }), createTask(body, { name })];
          await gather(tasks);
          return name;
        };
        const started = names.map((name) => run(main(name)));
        await new Promise((resolve) => setTimeout(resolve, 3));
        // Later ones, too: as handlers of requests that come meanwhile.
        started.push(run(main("d")));
        assertEquals(await Promise.all(started), [...names, "d"]);
      } finally {
        useAsyncLocalStorage(before);
      }
    });
  }

  it("lets its result be a promise's, and the caller's context alone", async () => {
    const variable = new ContextVar("variable", { default: "outside" });
    await run(async () => {
      variable.set("inside");
      await sleep(0);
      assertEquals(variable.get(), "inside");
    });
    assertEquals(variable.get(), "outside");
    assertEquals(currentTask(), null);
  });
});

describe("A call that nobody awaits", () => {
  it("is cancelled at the end of its run(), and told of", async () => {
    const { code, stdout, stderr } = await runText(`
        import { createTask, getRunningLoop, run, sleep } from "@aio/asyncio";
        const log = async (name) => {
          try {
            await sleep(1000);
          } finally {
            await sleep(5);
            console.log(name + " is clean");
          }
        };
        await Promise.all(["a", "b"].map((name) => run(async () => {
          getRunningLoop().setExceptionHandler((_, { message, exception }) => {
            console.log(message.slice(0, 26), exception.name);
          });
          createTask(async () => void log(name));
          await sleep(1);
        })));
        console.log("over");
        await new Promise((resolve) => setTimeout(resolve, 20));
      `);
    const told = "A call that nobody awaited CancelledError";
    const lines = stdout.trim().split("\n");
    assertEquals([code, stderr, lines.pop()], [0, "", "over"]);
    assertEquals(lines.toSorted(), [told, told, "a is clean", "b is clean"]);
  });

  it("is no matter if it lost a race, or ends by itself", async () => {
    const started = performance.now();
    const reports = await reportsOf(async () => {
      assertEquals(await Promise.race([sleep(1, "first"), sleep(1000)]), "first");
      void (async () => {
        await sleep(5).then(undefined, () => {});
      })();
    });
    assertEquals(reports, []);
    assert(performance.now() - started < 800);
  });

  it("hides no other rejection", async () => {
    const { code, stderr } = await runText(`
      import { run, sleep } from "@aio/asyncio";
      await run(async () => {
        void (async () => {
          try {
            await sleep(1000);
          } finally {
            Promise.reject(new RangeError("mine"));
            await sleep(50);
          }
        })();
      });
    `);
    assert(code !== 0); // Bun goes on to the end, though
    assert(stderr.includes("RangeError: mine"), stderr);
  });
});

describe("run() with a signal", () => {
  inBothKinds("cancels the main task when it aborts", async (coro) => {
    const controller = new AbortController();
    const seen: string[] = [];
    const main = coro(function* () {
      getRunningLoop().callLater(5, () => controller.abort(new Error("shutting down")));
      try {
        yield sleep(1000);
      } finally {
        yield sleep(1);
        seen.push(`clean at ${getRunningLoop().time()}`);
      }
    });
    await assertRejects(() => runVirtual(main, controller.signal), CancelledError, "shutting down");
    assertEquals(seen, ["clean at 6"]);
  });

  it("that is aborted already never starts the main coroutine", async () => {
    let started = false;
    const main = async () => void (started = true);
    await assertRejects(
      () => runVirtual(main, AbortSignal.abort("too late")),
      CancelledError,
      "too",
    );
    assertEquals(started, false);
  });

  it("leaves no listener on it", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    await runVirtual(() => sleep(1), signal);
    await assertRejects(
      () => runVirtual(() => Promise.reject(new RangeError()), signal),
      RangeError,
    );
    assertEquals(listeners, 0);
  });
});

describe("Runner", () => {
  it("runs coroutines one after another on one loop and in one context", async () => {
    const variable = new ContextVar("variable", { default: 0 });
    let loop!: EventLoop;
    {
      await using runner = new Runner({ loopFactory: virtualTime });
      loop = runner.getLoop();
      for (const expected of [0, 1, 2]) {
        await runner.run(async () => {
          assertEquals(getRunningLoop(), loop);
          assertEquals(variable.get(), expected);
          variable.set(expected + 1);
        });
      }
      assertEquals(loop.isClosed(), false);
    }
    assertEquals(loop.isClosed(), true);
  });

  it("keeps tasks between runs, and cancels them at the end", async () => {
    const runner = new Runner({ loopFactory: virtualTime });
    let task!: { done(): boolean; cancelled(): boolean };
    await runner.run(async () => void (task = createTask(() => sleep(1000))));
    assertEquals(task.done(), false);
    await runner.run(() => sleep(10));
    assertEquals(task.done(), false);
    await runner.close();
    assertEquals(task.cancelled(), true);
  });

  it("runs a coroutine in a context that it is given", async () => {
    const variable = new ContextVar("variable", { default: "default" });
    const context = copyContext();
    await using runner = new Runner({ loopFactory: virtualTime });
    await runner.run(async () => void variable.set("there"), { context });
    assertEquals(context.get(variable), "there");
    await runner.run(async () => assertEquals(variable.get(), "default"));
  });

  it("closed, refuses to be used, and may be closed again", async () => {
    const runner = new Runner();
    await runner.close();
    await runner.close();
    await assertRejects(() => runner.run(() => sleep(1)), RuntimeError, "it is closed");
  });

  it("refuses a second main coroutine, which never starts, and to close, while one runs", async () => {
    const runner = new Runner({ loopFactory: virtualTime });
    const first = runner.run(() => sleep(10, "first"));
    let started = false;
    const second = runner.run(async () => void (started = true));
    await assertRejects(() => second, RuntimeError, "Cannot run two main coroutines at once");
    await assertRejects(() => runner.close(), RuntimeError, "its main coroutine is running");
    assertEquals([await first, started], ["first", false]);
    await runner.close();
  });

  it("turns debug mode on where it is asked to", async () => {
    await using runner = new Runner({ debug: true, loopFactory: virtualTime });
    assertEquals(runner.getLoop().getDebug(), true);
  });
});
