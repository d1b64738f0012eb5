// deno-lint-ignore-file require-await

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  allTasks,
  ContextVar,
  copyContext,
  coroutine,
  createTask,
  EventLoop,
  Future,
  getRunningLoop,
  Handle,
  run,
  RuntimeError,
  sleep,
  Task,
  TimerHandle,
  ValueError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { virtualTime } from "@aio/asyncio/testing";

/** Runs a loop until it has nothing to do before `time`, and closes it. */
async function runTo(loop: EventLoop, time: number): Promise<void> {
  loop.callAt(time, () => loop.stop());
  await loop.runForever();
  loop.close();
}

describe("EventLoop.callSoon()", () => {
  it("calls in order, in the next turn", async () => {
    const loop = virtualTime();
    const calls: string[] = [];
    loop.callSoon(() => {
      calls.push("a");
      loop.callSoon(() => calls.push("c"));
    });
    loop.callSoon(() => calls.push("b"));
    assertEquals(calls, []);
    await runTo(loop, 1);
    assertEquals(calls, ["a", "b", "c"]);
  });

  it("gives a handle that takes the callback back", async () => {
    const loop = virtualTime();
    const calls: string[] = [];
    const handle = loop.callSoon(() => calls.push("never"));
    assert(handle instanceof Handle);
    assertEquals(handle.cancelled(), false);
    handle.cancel();
    handle.cancel();
    assertEquals(handle.cancelled(), true);
    await runTo(loop, 1);
    assertEquals(calls, []);
  });

  it("reports an error that leaves a callback, and goes on", async () => {
    const loop = virtualTime();
    const reports: unknown[] = [];
    loop.setExceptionHandler((_, { message, exception, handle }) => {
      reports.push(message, (exception as Error).message, String(handle));
    });
    loop.callSoon(function broken() {
      throw new RangeError("far");
    });
    loop.callSoon(() => reports.push("next"));
    await runTo(loop, 1);
    assertEquals(reports, ["Exception in callback broken()", "far", "<Handle broken()>", "next"]);
  });

  it("refuses what is no function, and a closed loop", () => {
    const loop = virtualTime();
    assertThrows(
      () => loop.callSoon("text" as never),
      TypeError,
      "Cannot schedule a callback as 'callback' must be a function: current value is 'text'",
    );
    loop.close();
    assertThrows(() => loop.callSoon(() => {}), RuntimeError, "Event loop is closed");
  });

  it("runs the callback in the context that it is given", async () => {
    const loop = virtualTime();
    const context = copyContext();
    const variable = new ContextVar("v", { default: "outside" });
    context.run(() => variable.set("inside"));
    const seen: string[] = [];
    loop.callSoon(() => seen.push(variable.get()), { context });
    loop.callSoon(() => seen.push(variable.get()));
    loop.callLater(1, () => seen.push(variable.get()), { context });
    await runTo(loop, 5);
    assertEquals(seen, ["inside", "outside", "inside"]);
  });
});

describe("EventLoop.callLater() and callAt()", () => {
  it("call at their times, ties in the order in which they were set", async () => {
    const loop = virtualTime();
    const calls: string[] = [];
    const note = (name: string) => () => calls.push(`${name} at ${loop.time()}`);
    loop.callLater(20, note("c"));
    loop.callAt(10, note("a"));
    loop.callLater(10, note("b"));
    loop.callLater({ seconds: 0.02 }, note("d"));
    loop.callLater(-5, note("now"));
    await runTo(loop, 100);
    assertEquals(calls, ["now at 0", "a at 10", "b at 10", "c at 20", "d at 20"]);
  });

  it("give a timer that knows its time and takes the callback back", async () => {
    const loop = virtualTime();
    const calls: string[] = [];
    const timer = loop.callLater(10, () => calls.push("never"));
    assert(timer instanceof TimerHandle);
    assertEquals([timer.when(), timer.cancelled()], [10, false]);
    timer.cancel();
    timer.cancel();
    assertEquals([timer.cancelled(), loop._timers.pending], [true, 0]);
    await runTo(loop, 100);
    assertEquals(calls, []);
  });

  it("cancelling a timer from a callback of the same turn takes it back", async () => {
    const loop = virtualTime();
    const calls: string[] = [];
    loop.callAt(10, () => second.cancel());
    const second = loop.callAt(10, () => calls.push("never"));
    await runTo(loop, 100);
    assertEquals(calls, []);
    assertEquals(loop._timers.pending, 0);
  });

  it("refuse NaN, other values, and a closed loop", () => {
    const loop = virtualTime();
    assertThrows(() => loop.callLater(NaN, () => {}), ValueError, "current value is NaN");
    assertThrows(() => loop.callAt(NaN, () => {}), ValueError, "'when' must be a number");
    assertThrows(() => loop.callLater("5" as never, () => {}), TypeError, "current value is 5");
    assertThrows(
      () => loop.callLater(1, null as never),
      TypeError,
      "'callback' must be a function",
    );
    loop.close();
    assertThrows(() => loop.callLater(1, () => {}), RuntimeError, "Event loop is closed");
    assertThrows(() => loop.callAt(1, () => {}), RuntimeError, "Event loop is closed");
  });

  it("survive thousands of cancelled timers", async () => {
    const loop = virtualTime();
    const fired: number[] = [];
    const timers = Array.from({ length: 5000 }, (_, i) => {
      const time = (i * 7919) % 5000 + 1;
      return loop.callAt(time, () => fired.push(time));
    });
    timers.forEach((timer, i) => i % 10 === 0 || timer.cancel());
    assertEquals(loop._timers.pending, 500);
    await runTo(loop, 6000);
    assertEquals(fired.length, 500);
    assertEquals(fired, fired.toSorted((a, b) => a - b));
  });
});

describe("EventLoop.runForever() and stop()", () => {
  it("runs until it is stopped, and can run again", async () => {
    const loop = virtualTime();
    const calls: string[] = [];
    for (const name of ["first", "second"]) {
      loop.callLater(1, () => {
        calls.push(name);
        loop.stop();
        loop.callSoon(() => calls.push(`after ${name}`));
      });
      assertEquals(loop.isRunning(), false);
      const running = loop.runForever();
      assertEquals(loop.isRunning(), true);
      await running;
    }
    loop.close();
    // What was scheduled in the turn that stopped waits for the next run.
    assertEquals(calls, ["first", "after first", "second"]);
  });

  it("stopped before it runs, runs one turn", async () => {
    const loop = virtualTime();
    const calls: string[] = [];
    loop.callSoon(() => {
      calls.push("a");
      loop.callSoon(() => calls.push("b"));
    });
    loop.stop();
    await loop.runForever();
    loop.close();
    assertEquals(calls, ["a"]);
  });

  it("refuses to run twice, and inside of a task", async () => {
    const loop = virtualTime();
    loop.callLater(10, () => loop.stop());
    const running = loop.runForever();
    await assertRejects(
      () => loop.runForever(),
      RuntimeError,
      "Cannot run the event loop: it is running already",
    );
    await running;
    loop.close();

    const outer = virtualTime();
    const error = await outer.runUntilComplete(async () => {
      try {
        await virtualTime().runForever();
      } catch (error) {
        return error;
      }
    });
    outer.close();
    assert(error instanceof RuntimeError);
    assert(error.message.includes("from a task or callback of another that is running"));
  });
});

describe("EventLoop.runUntilComplete()", () => {
  it("gives the result of a future, a coroutine, or a function that makes one", async () => {
    const loop = virtualTime();
    const future = new Future<string>({ loop });
    loop.callLater(5, () => future.setResult("future"));
    assertEquals(await loop.runUntilComplete(future), "future");
    assertEquals(await loop.runUntilComplete(sleep(1, "operation")), "operation");
    assertEquals(await loop.runUntilComplete(async () => "function"), "function");
    assertEquals(
      await loop.runUntilComplete((function* () {
        yield* sleep(1);
        return "generator";
      })()),
      "generator",
    );
    loop.close();
  });

  it("throws the error", async () => {
    const loop = virtualTime();
    const main = async () => {
      throw new RangeError("far");
    };
    await assertRejects(() => loop.runUntilComplete(main), RangeError, "far");
    loop.close();
  });

  it("throws a RuntimeError if the loop was stopped before", async () => {
    const loop = virtualTime();
    const task = new Task(() => sleep(1000), { loop, name: "slow" });
    loop.callLater(1, () => loop.stop());
    await assertRejects(
      () => loop.runUntilComplete(task),
      RuntimeError,
      "Cannot get the result of <Task pending name='slow'",
    );
    task.cancel();
    await loop.runUntilComplete(sleep(0));
    loop.close();
  });

  it("takes a foreign promise, as what awaits it does", async () => {
    const loop = virtualTime();
    assertEquals(await loop.runUntilComplete(Promise.resolve(1) as never), 1);
    loop.close();
  });

  it("refuses a closed loop", async () => {
    const loop = virtualTime();
    loop.close();
    await assertRejects(
      () => loop.runUntilComplete(sleep(1)),
      RuntimeError,
      "Event loop is closed",
    );
  });
});

describe("EventLoop.close()", () => {
  it("drops what is left, may be called twice, and not while the loop runs", async () => {
    const loop = virtualTime();
    loop.callSoon(() => {
      assertThrows(
        () => loop.close(),
        RuntimeError,
        "Cannot close a running event loop: stop it first",
      );
      loop.stop();
    });
    await loop.runForever();
    loop.callSoon(() => {
      throw new Error("never");
    });
    loop.callLater(1, () => {});
    assertEquals(loop.isClosed(), false);
    loop.close();
    loop.close();
    assertEquals([loop.isClosed(), loop._timers.pending, loop._ready.length], [true, 0, 0]);
    assertEquals(String(loop), "<EventLoop running=false closed=true debug=false>");
  });
});

describe("What an EventLoop is given", () => {
  it("is refused as a callback if its body would never run, or nobody would see its errors", async () => {
    const generators = [
      function* named() {},
      async function* named() {},
      { *named() {} }.named,
    ];
    const coroutines = [async function named() {}, coroutine(function* named() {})];
    for (const debug of [false, true]) {
      await run(async () => {
        const loop = getRunningLoop();
        const ways = [
          (callback: () => unknown) => loop.callSoon(callback),
          (callback: () => unknown) => loop.callLater(1, callback),
          (callback: () => unknown) => loop.callAt(loop.time(), callback),
        ];
        const rule = "must be a plain function; for a coroutine, make a task: current value is " +
          "[Function named]";
        for (const way of ways) {
          for (const callback of generators) assertThrows(() => way(callback), TypeError, rule);
          for (const callback of coroutines) {
            if (debug) assertThrows(() => way(callback), TypeError, rule);
            else way(callback).cancel();
          }
          way(() => sleep(1)).cancel();
        }
        await sleep(0);
      }, { debug });
    }
  });

  it("is refused as a handler or a factory if it can't be called", () => {
    const loop = new EventLoop();
    for (const wrong of ["spam", undefined, {}, 0] as never[]) {
      assertThrows(
        () => loop.setExceptionHandler(wrong),
        TypeError,
        "Cannot set the exception handler as it must be a function or null: current value is",
      );
      assertThrows(() => loop.setTaskFactory(wrong), TypeError, "Cannot set the task factory");
    }
    loop.setExceptionHandler(null);
    loop.setTaskFactory(null);
    loop.close();
  });
});

describe("EventLoop.setTaskFactory()", () => {
  it("leaves a task's name to the loop, if the factory doesn't care", async () => {
    await run(async () => {
      const loop = getRunningLoop();
      loop.setTaskFactory((loop, coro) => new Task(coro, { loop: loop as EventLoop }));
      assertEquals(createTask(() => sleep(0), { name: "mine" }).getName(), "mine");
      assertEquals(/^Task-\d+$/.test(createTask(() => sleep(0)).getName()), true);
      await sleep(0);
    });
  });

  it("has the factory make the tasks, until null restores the default", async () => {
    const loop = virtualTime();
    const made: string[] = [];
    loop.setTaskFactory((loop, coro, options) => {
      made.push(options.name ?? "unnamed");
      return new Task(coro, { ...options, loop: loop as EventLoop });
    });
    await loop.runUntilComplete(loop.createTask(() => sleep(1), { name: "a" }));
    await loop.runUntilComplete(sleep(1));
    loop.setTaskFactory(null);
    assertEquals(loop.getTaskFactory(), null);
    await loop.runUntilComplete(sleep(1));
    loop.close();
    assertEquals(made, ["a", "unnamed"]);
  });
});

describe("Several loops", () => {
  it("run side by side, each with its own tasks and time", async () => {
    const seen: string[] = [];
    const program = (name: string, naps: number[]) => async () => {
      const loop = getRunningLoop();
      for (const nap of naps) {
        await sleep(nap);
        assertStrictEquals(getRunningLoop(), loop);
        assertEquals(allTasks().size, 1);
        seen.push(`${name} ${loop.time()}`);
      }
    };
    const [a, b] = [virtualTime(), virtualTime()];
    await Promise.all([
      a.runUntilComplete(program("a", [5, 5])),
      b.runUntilComplete(program("b", [100])),
    ]);
    a.close();
    b.close();
    assertEquals(seen.toSorted(), ["a 10", "a 5", "b 100"]);
  });

  it("run side by side on the platform as well", async () => {
    const loops = [new EventLoop(), new EventLoop(), new EventLoop()];
    const results = await Promise.all(loops.map((loop, i) =>
      loop.runUntilComplete(async () => {
        for (let n = 0; n < 5; n++) await sleep(1);
        assertStrictEquals(getRunningLoop(), loop);
        return i;
      })
    ));
    for (const loop of loops) loop.close();
    assertEquals(results, [0, 1, 2]);
  });
});
