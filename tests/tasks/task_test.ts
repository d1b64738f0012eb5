// deno-lint-ignore-file require-await require-yield

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  allTasks,
  CancelledError,
  createTask,
  currentTask,
  eagerTaskFactory,
  EventLoop,
  Future,
  gather,
  getRunningLoop,
  Queue,
  run,
  RuntimeError,
  sleep,
  Task,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "./_kinds.ts";
import { virtualTime } from "@aio/asyncio/testing";

describe("Task", () => {
  inBothKinds("starts in the next turn, and gives its coroutine's result", async (coro) => {
    const seen: string[] = [];
    const work = coro(function* work() {
      seen.push("started");
      yield sleep(5);
      return "done";
    });
    const main = coro(function* () {
      const task = createTask(work);
      assertEquals(seen, []);
      assertEquals([task.done(), task.cancelled()], [false, false]);
      assertEquals(yield task, "done");
      assertEquals([task.done(), task.cancelled()], [true, false]);
      assertEquals(task.result(), "done");
      return seen;
    });
    assertEquals(await runVirtual(main), ["started"]);
  });

  inBothKinds("throws the error of its coroutine at each await", async (coro) => {
    const main = coro(function* () {
      const task = createTask(coro(function* () {
        yield sleep(1);
        throw new RangeError("far");
      }));
      const messages: string[] = [];
      for (const _ of [1, 2]) {
        try {
          yield task;
        } catch (error) {
          messages.push((error as Error).message);
        }
      }
      assert(task.exception() instanceof RangeError);
      assertEquals(task.cancelled(), false);
      return messages;
    });
    assertEquals(await runVirtual(main), ["far", "far"]);
  });

  inBothKinds("runs its steps in turns with others", async (coro) => {
    const seen: string[] = [];
    const steps = coro(function* (name: string) {
      for (const n of [1, 2, 3]) {
        seen.push(`${n}${name}`);
        yield sleep(0);
      }
    });
    await runVirtual(coro(function* () {
      yield gather([() => steps("a"), () => steps("b")]);
    }));
    assertEquals(seen, ["1a", "1b", "2a", "2b", "3a", "3b"]);
  });

  inBothKinds("is the current one in each of its steps, in nested calls too", async (coro) => {
    const inner = coro(function* () {
      yield sleep(1);
      return [currentTask()];
    });
    const work = coro(function* () {
      const own = currentTask();
      assertStrictEquals((yield inner())[0], own);
      yield sleep(0);
      assertStrictEquals(currentTask(), own);
      return [own]; // an async function would wait for a bare one
    });
    await runVirtual(coro(function* () {
      const tasks = [createTask(work), createTask(work), createTask(work)];
      for (const task of tasks) assertStrictEquals((yield task)[0], task);
    }));
    assertEquals(currentTask(), null);
  });

  it("has the name that it is given, or a numbered one, and can be renamed", async () => {
    await runVirtual(async () => {
      const [a, b] = [createTask(() => sleep(1)), createTask(() => sleep(1), { name: "b" })];
      assert(/^Task-\d+$/.test(a.getName()));
      assertEquals(b.getName(), "b");
      b.setName("c");
      assertEquals(b.getName(), "c");
      const [seven, none] = [7, null].map((name) =>
        createTask(() => sleep(0), { name: name as never })
      );
      assertEquals(seven!.getName(), "7"); // as str() makes it in Python
      assert(/^Task-\d+$/.test(none!.getName()));
      await gather([a, b]);
    });
  });

  it("tells what it was made of", async () => {
    await runVirtual(async () => {
      const work = () => sleep(1);
      assertStrictEquals(createTask(work).getCoro(), work);
      await sleep(2);
    });
  });

  it("awaits a foreign promise, and goes on as the current task", async () => {
    for (
      const main of [
        async () => {
          const own = currentTask();
          await new Promise((resolve) => setTimeout(resolve, 1));
          await sleep(0);
          assertStrictEquals(currentTask(), own);
          return "done";
        },
      ]
    ) assertEquals(await run(main), "done");
  });

  it("fails with a TypeError when its function is no coroutine function", async () => {
    const plain = (() => 42) as never;
    await assertRejects(
      () => runVirtual(async () => await createTask(plain)),
      TypeError,
      "Cannot run plain() as a coroutine: it must be an async function or a generator function",
    );
  });

  it("has no result that could be set from outside", async () => {
    await runVirtual(async () => {
      const task = createTask(() => sleep(1));
      assertThrows(() => task.setResult(undefined as never), RuntimeError, "Cannot set the result");
      assertThrows(() => task.setException(new Error()), RuntimeError, "Cannot set the exception");
      await task;
    });
  });

  it("refuses to await itself", async () => {
    await runVirtual(async () => {
      const asynchronous: Task<void> = createTask(async () => await asynchronous);
      await assertRejects(async () => await asynchronous, RuntimeError, "cannot await on itself");
      const generator: Task<void> = createTask(function* (): Generator<unknown, void, unknown> {
        yield* generator;
      });
      await assertRejects(async () => await generator, RuntimeError, "cannot await on itself");
    });
  });

  it("tells a generator that yields something else what to do", async () => {
    const cases: [unknown, string][] = [
      [42, "'yield*' an awaitable"],
      [Promise.resolve(1), "say 'yield* until(promise)'"],
      [(function* () {})(), "say 'yield*' instead of 'yield'"],
    ];
    for (const [value, remedy] of cases) {
      const main = function* () {
        yield value;
      };
      await assertRejects(() => runVirtual(main), RuntimeError, remedy);
    }
  });

  it("lets others run at a bare yield", async () => {
    const seen: string[] = [];
    function* steps(name: string) {
      seen.push(`1${name}`);
      yield;
      seen.push(`2${name}`);
    }
    await runVirtual(() => gather([steps("a"), steps("b")]));
    assertEquals(seen, ["1a", "1b", "2a", "2b"]);
  });

  it("can be made outside of a running loop, for a loop that is given", async () => {
    const loop = virtualTime();
    const task = new Task(() => sleep(5, "slept"), { loop });
    assertEquals(await loop.runUntilComplete(task), "slept");
    loop.close();
    assertThrows(() => new Task(() => sleep(1)), RuntimeError, "no running event loop");
  });
});

describe("Task.cancel()", () => {
  inBothKinds("throws a CancelledError with the message at the await", async (coro) => {
    const seen: string[] = [];
    const work = coro(function* () {
      try {
        yield sleep(1000);
      } finally {
        seen.push("cleaning up");
        yield sleep(1);
        seen.push("clean");
      }
    });
    await runVirtual(coro(function* () {
      const task = createTask(work);
      yield sleep(1);
      assertEquals(task.cancel("enough"), true);
      assertEquals(seen, []);
      let message = "";
      try {
        yield task;
      } catch (error) {
        assert(error instanceof CancelledError);
        message = error.message;
      }
      assertEquals(message, "enough");
      assertEquals([task.done(), task.cancelled()], [true, true]);
      assertEquals(task.cancel(), false);
      assertEquals(getRunningLoop().time(), 2);
    }));
    assertEquals(seen, ["cleaning up", "clean"]);
  });

  inBothKinds("before the first step keeps the coroutine from starting", async (coro) => {
    let started = false;
    await runVirtual(coro(function* () {
      const task = createTask(coro(function* () {
        started = true;
        yield sleep(0);
      }));
      task.cancel();
      yield sleep(0);
      assertEquals(task.cancelled(), true);
    }));
    assertEquals(started, false);
  });

  inBothKinds("reaches the innermost of nested coroutines first", async (coro) => {
    const seen: string[] = [];
    const nest = coro(function* (depth: number): Generator<unknown, void, unknown> {
      try {
        if (depth === 0) yield sleep(1000);
        else yield nest(depth - 1);
      } finally {
        seen.push(`left ${depth}`);
      }
    });
    await runVirtual(coro(function* () {
      const task = createTask(() => nest(3));
      yield sleep(1);
      task.cancel();
      yield sleep(0);
      yield sleep(0);
      assert(task.cancelled());
    }));
    assertEquals(seen, ["left 0", "left 1", "left 2", "left 3"]);
  });

  inBothKinds("may be caught: the task then ends as it likes", async (coro) => {
    await runVirtual(coro(function* () {
      const task = createTask(coro(function* () {
        try {
          yield sleep(1000);
        } catch (error) {
          if (!(error instanceof CancelledError)) throw error;
        }
        yield sleep(5);
        return "stubborn";
      }));
      yield sleep(1);
      task.cancel();
      assertEquals(task.cancelling(), 1);
      assertEquals(yield task, "stubborn");
      assertEquals([task.cancelled(), task.cancelling()], [false, 1]);
    }));
  });

  inBothKinds("of itself is thrown at its next await", async (coro) => {
    const seen: string[] = [];
    await runVirtual(coro(function* () {
      const task = createTask(coro(function* () {
        currentTask()!.cancel("self");
        seen.push("goes on");
        yield sleep(0);
        seen.push("never");
      }));
      yield sleep(0);
      yield sleep(0);
      assert(task.cancelled());
    }));
    assertEquals(seen, ["goes on"]);
  });

  inBothKinds("of itself just before it returns cancels it, as in Python", async (coro) => {
    await runVirtual(coro(function* () {
      const task = createTask(coro(function* () {
        yield sleep(1);
        currentTask()!.cancel();
        return "lost";
      }));
      yield sleep(2);
      assertEquals([task.done(), task.cancelled()], [true, true]);
    }));
  });

  inBothKinds("together with a result loses neither", async (coro) => {
    await runVirtual(coro(function* () {
      const future = new Future<string>();
      let caught = false;
      const task = createTask(coro(function* () {
        try {
          yield future;
        } catch (error) {
          caught = error instanceof CancelledError;
          // The cancellation won the await; the result is still there to be asked for.
          return future.result();
        }
      }));
      yield sleep(1);
      future.setResult("there");
      task.cancel();
      assertEquals(yield task, "there");
      assertEquals(caught, true);
    }));
  });

  inBothKinds("cancels what the task waits for", async (coro) => {
    await runVirtual(coro(function* () {
      const inner = createTask(() => sleep(1000));
      const outer = createTask(coro(function* () {
        yield inner;
      }));
      yield sleep(1);
      outer.cancel("down");
      yield sleep(0);
      yield sleep(0);
      yield sleep(0);
      assertEquals([inner.cancelled(), outer.cancelled()], [true, true]);
    }));
  });

  it("reaches each of several waits of an async function", async () => {
    await runVirtual(async () => {
      const seen: string[] = [];
      const task = createTask(async () => {
        await Promise.allSettled([1, 2].map(async (n) => {
          try {
            await sleep(1000);
          } catch (error) {
            seen.push(`${n} ${(error as Error).name}`);
          }
        }));
        return "both";
      });
      await sleep(1);
      task.cancel();
      assertEquals(await task, "both");
      assertEquals(seen, ["1 CancelledError", "2 CancelledError"]);
    });
  });

  it("of a task blocked on a foreign promise is thrown at its next await of ours", async () => {
    await run(async () => {
      const seen: string[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      const task = createTask(async () => {
        await promise;
        seen.push("promise settled");
        await sleep(0);
        seen.push("never");
      });
      await sleep(1);
      task.cancel();
      await sleep(1);
      assertEquals(task.done(), false);
      resolve();
      await assertRejects(async () => await task, CancelledError);
      assertEquals(seen, ["promise settled"]);
    });
  });
});

describe("Task.uncancel()", () => {
  inBothKinds("takes back one request, and drops a cancellation not yet thrown", async (coro) => {
    await runVirtual(coro(function* () {
      const task = createTask(coro(function* () {
        const own = currentTask()!;
        own.cancel();
        own.cancel();
        assertEquals(own.cancelling(), 2);
        assertEquals(own.uncancel(), 1);
        assertEquals(own.uncancel(), 0);
        assertEquals(own.uncancel(), 0);
        yield sleep(1);
        return "alive";
      }));
      assertEquals(yield task, "alive");
    }));
  });
});

describe("Task.signal", () => {
  it("aborts with the CancelledError when the task is cancelled", async () => {
    await runVirtual(async () => {
      let signal!: AbortSignal;
      const task = createTask(async () => {
        signal = currentTask()!.signal;
        await sleep(1000);
      });
      await sleep(1);
      assertEquals(signal.aborted, false);
      task.cancel("enough");
      assertEquals(signal.aborted, true);
      assert(signal.reason instanceof CancelledError);
      assertEquals(signal.reason.message, "enough");
      await sleep(1);
      assert(task.cancelled());
    });
  });

  it("cancels a task that awaits a foreign promise which obeys it", async () => {
    await run(async () => {
      const task = createTask(async () => {
        const { signal } = currentTask()!;
        await new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      });
      await sleep(1);
      task.cancel("stop");
      await assertRejects(async () => await task, CancelledError, "stop");
    });
  });

  it("doesn't abort when the task ends by itself", async () => {
    await runVirtual(async () => {
      let signal!: AbortSignal;
      await createTask(async () => {
        signal = currentTask()!.signal;
        await sleep(1);
      });
      assertEquals(signal.aborted, false);
    });
  });

  it("is a fresh one for the clean-up", async () => {
    await runVirtual(async () => {
      const signals: AbortSignal[] = [];
      const task = createTask(async () => {
        try {
          signals.push(currentTask()!.signal);
          await sleep(1000);
        } finally {
          signals.push(currentTask()!.signal);
        }
      });
      await sleep(1);
      task.cancel();
      await sleep(1);
      assertEquals(signals.map(({ aborted }) => aborted), [true, false]);
    });
  });
});

describe("currentTask() and allTasks()", () => {
  it("give null and an error outside of every loop", () => {
    assertEquals(currentTask(), null);
    assertThrows(() => allTasks(), RuntimeError, "no running event loop");
  });

  it("currentTask() gives null in a callback", async () => {
    await runVirtual(async () => {
      const future = new Future<unknown>();
      getRunningLoop().callSoon(() => future.setResult(currentTask()));
      assertEquals(await future, null);
    });
  });

  it("allTasks() gives the pending tasks, oldest first", async () => {
    await runVirtual(async () => {
      const main = currentTask()!;
      const [a, b] = [createTask(() => sleep(1)), createTask(() => sleep(2))];
      assertEquals([...allTasks()], [main, a, b]);
      await a;
      assertEquals([...allTasks()], [main, b]);
      assertEquals([...allTasks(virtualTime())], []);
    });
  });
});

describe("createTask()", () => {
  it("needs a running loop", () => {
    assertThrows(() => createTask(() => sleep(1)), RuntimeError, "no running event loop");
  });

  it("refuses a promise, whose code runs already, and says what to do", async () => {
    await runVirtual(async () => {
      assertThrows(
        () => createTask(Promise.resolve() as never),
        TypeError,
        "got a promise: its code is running already; hand over the function that makes it: " +
          "createTask(() => f())",
      );
    });
  });

  it("refuses what is no coroutine", async () => {
    await runVirtual(async () => {
      for (const wrong of [42, null, undefined, "text", {}]) {
        assertThrows(() => createTask(wrong as never), TypeError, "Cannot make a task");
      }
      assertThrows(
        () => createTask(new Future() as never),
        TypeError,
        "a coroutine was expected, got <Future pending>",
      );
    });
  });

  it("fails at once if another task was made of its coroutine", async () => {
    await runVirtual(async () => {
      const nap = sleep(50, "slept");
      const first = createTask(nap);
      const second = createTask(nap);
      await assertRejects(async () => await second, RuntimeError, "it was awaited already");
      assertEquals(getRunningLoop().time(), 0);
      assertEquals(await first, "slept");

      const queue = new Queue<string>();
      const get = queue.get();
      const tasks = [createTask(get), createTask(get)];
      await sleep(1);
      queue.putNowait("one");
      queue.putNowait("other");
      assertEquals(await tasks[0], "one");
      await assertRejects(async () => await tasks[1], RuntimeError);
      assertEquals(queue.qsize(), 1);
    });
  });

  it("refuses a coroutine a second time", async () => {
    await runVirtual(async () => {
      const nap = sleep(1);
      await createTask(nap);
      assertThrows(() => createTask(nap), RuntimeError, "it was awaited already");
      const generator = (function* () {})();
      await createTask(generator);
      assertThrows(() => createTask(generator), RuntimeError, "it was awaited already");
    });
  });

  it("refuses a closed loop", () => {
    const loop = new EventLoop();
    loop.close();
    assertThrows(() => loop.createTask(() => sleep(1)), RuntimeError, "Event loop is closed");
    assertThrows(() => new Task(() => sleep(1), { loop }), RuntimeError, "Event loop is closed");
    assertEquals(allTasks(loop).size, 0);
  });
});

describe("createTask() with eagerStart", () => {
  it("has a generator that never waits done at once", async () => {
    await runVirtual(async () => {
      const task = createTask(
        function* () {
          return currentTask();
        },
        { eagerStart: true },
      );
      assertEquals(task.done(), true);
      assertStrictEquals(task.result(), task);
      assert(currentTask() !== task);
    });
  });

  it("has an async function run up to its first await", async () => {
    await runVirtual(async () => {
      const seen: string[] = [];
      const task = createTask(async () => {
        seen.push("first");
        await sleep(0);
        seen.push("second");
      }, { eagerStart: true });
      assertEquals(seen, ["first"]);
      await task;
      assertEquals(seen, ["first", "second"]);
    });
  });

  inBothKinds("by the task factory starts all tasks of a loop before what waits", async (coro) => {
    const seen: string[] = [];
    await runVirtual(coro(function* () {
      getRunningLoop().setTaskFactory(eagerTaskFactory);
      assertStrictEquals(getRunningLoop().getTaskFactory(), eagerTaskFactory);
      const own = currentTask();
      getRunningLoop().callSoon(() => seen.push("callback"));
      const task = createTask(coro(function* () {
        seen.push("first step");
        assert(currentTask() !== own);
        yield sleep(0);
        return 1;
      }));
      assertStrictEquals(currentTask(), own);
      assertEquals(yield task, 1);
      assertStrictEquals(currentTask(), own);
    }));
    assertEquals(seen, ["first step", "callback"]);
  });
});
