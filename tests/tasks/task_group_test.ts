// deno-lint-ignore-file require-await require-yield

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  CancelledError,
  createTask,
  currentTask,
  ExceptionGroup,
  Future,
  getRunningLoop,
  RuntimeError,
  sleep,
  type TaskGroup,
  taskGroup,
  timeout,
  TimeoutError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "./_kinds.ts";

describe("taskGroup()", () => {
  inBothKinds("waits for its tasks and gives what the body returns", async (coro) => {
    const seen: string[] = [];
    const work = coro(function* (name: string, time: number) {
      yield sleep(time);
      seen.push(name);
    });
    const main = coro(function* () {
      const result = yield taskGroup(coro(function* (group: TaskGroup) {
        group.createTask(() => work("a", 20));
        group.createTask(() => work("b", 10));
        yield sleep(1);
        seen.push("body");
        return "result";
      }));
      return [result, getRunningLoop().time()];
    });
    assertEquals(await runVirtual(main), ["result", 20]);
    assertEquals(seen, ["body", "b", "a"]);
  });

  inBothKinds(
    "cancels the rest at the first error, and throws all errors together",
    async (coro) => {
      const seen: string[] = [];
      const fails = coro(function* (error: Error, time: number) {
        yield sleep(time);
        throw error;
      });
      const failsInCleanUp = coro(function* () {
        try {
          yield sleep(1000);
        } catch {
          yield sleep(5);
          throw new TypeError("second");
        }
      });
      const body = coro(function* (group: TaskGroup) {
        group.createTask(() => fails(new RangeError("first"), 10));
        group.createTask(failsInCleanUp);
        try {
          yield sleep(1000);
        } catch (error) {
          seen.push((error as Error).name);
          throw error;
        }
      });
      const main = coro(function* () {
        let caught: unknown;
        try {
          yield taskGroup(body);
        } catch (error) {
          caught = error;
        }
        assert(caught instanceof ExceptionGroup);
        assertEquals(caught.message, "unhandled errors in a TaskGroup");
        assertEquals(caught.exceptions.map((error) => (error as Error).message), [
          "first",
          "second",
        ]);
        assertEquals([getRunningLoop().time(), currentTask()!.cancelling()], [15, 0]);
      });
      await runVirtual(main);
      assertEquals(seen, ["CancelledError"]);
    },
  );

  inBothKinds("takes an error of the body like one of a task", async (coro) => {
    let task: { cancelled(): boolean } | undefined;
    const main = coro(function* () {
      yield taskGroup(coro(function* (group: TaskGroup) {
        task = group.createTask(() => sleep(1000));
        yield sleep(1);
        throw new RangeError("of the body");
      }));
    });
    const error = await assertRejects(() => runVirtual(main), ExceptionGroup);
    assertEquals((error.exceptions[0] as Error).message, "of the body");
    assertEquals(task!.cancelled(), true);
  });

  inBothKinds("is cancelled with all its tasks when the caller is", async (coro) => {
    const seen: string[] = [];
    await runVirtual(coro(function* () {
      const caller = createTask(coro(function* () {
        yield taskGroup(coro(function* (group: TaskGroup) {
          group.createTask(coro(function* () {
            try {
              yield sleep(1000);
            } finally {
              yield sleep(10);
              seen.push("clean");
            }
          }));
        }));
      }));
      yield sleep(1);
      caller.cancel("outside");
      let caught: unknown;
      try {
        yield caller;
      } catch (error) {
        caught = error;
      }
      assert(caught instanceof CancelledError);
      assertEquals(getRunningLoop().time(), 11);
    }));
    assertEquals(seen, ["clean"]);
  });

  inBothKinds("takes the cancellation of one of its tasks for no error", async (coro) => {
    const main = coro(function* () {
      return yield taskGroup(coro(function* (group: TaskGroup) {
        const task = group.createTask(() => sleep(1000));
        yield sleep(1);
        task.cancel();
        return "fine";
      }));
    });
    assertEquals(await runVirtual(main), "fine");
  });

  inBothKinds("may nest, and gives nested groups of errors", async (coro) => {
    const fails = coro(function* () {
      yield sleep(1);
      throw new RangeError("deep");
    });
    const main = coro(function* () {
      yield taskGroup(coro(function* (outer: TaskGroup) {
        outer.createTask(coro(function* () {
          yield taskGroup(coro(function* (inner: TaskGroup) {
            inner.createTask(fails);
            yield sleep(1000);
          }));
        }));
        yield sleep(1000);
      }));
    });
    const error = await assertRejects(() => runVirtual(main), ExceptionGroup);
    const [inner] = error.exceptions;
    assert(inner instanceof ExceptionGroup);
    assertEquals((inner.exceptions[0] as Error).message, "deep");
  });

  inBothKinds("ends within a time limit around it", async (coro) => {
    let task: { cancelled(): boolean } | undefined;
    const main = coro(function* () {
      yield timeout(
        10,
        coro(function* () {
          yield taskGroup(coro(function* (group: TaskGroup) {
            task = group.createTask(() => sleep(1000));
          }));
        }),
      );
    });
    await assertRejects(() => runVirtual(main), TimeoutError);
    assertEquals(task!.cancelled(), true);
  });

  inBothKinds("leaves a cancellation that came together with an error to be seen", async (coro) => {
    await runVirtual(coro(function* () {
      const seen: string[] = [];
      const started = new Future<void>();
      const caller = createTask(coro(function* () {
        try {
          yield taskGroup(coro(function* (group: TaskGroup) {
            group.createTask(coro(function* () {
              try {
                yield sleep(1000);
              } catch {
                throw new RangeError("in the clean-up");
              }
            }));
            started.setResult();
            yield sleep(1000);
          }));
        } catch (error) {
          seen.push((error as Error).name);
        }
        yield sleep(10);
        seen.push("never");
      }));
      yield started;
      yield sleep(0);
      caller.cancel();
      let caught: unknown;
      try {
        yield caller;
      } catch (error) {
        caught = error;
      }
      assert(caught instanceof CancelledError);
      assertEquals(seen, ["ExceptionGroup"]);
    }));
  });

  it("takes tasks that tasks of it make, until it ends", async () => {
    const seen: number[] = [];
    await runVirtual(() =>
      taskGroup(async (group) => {
        const spawn = (n: number): unknown =>
          group.createTask(async () => {
            await sleep(1);
            seen.push(n);
            if (n > 0) spawn(n - 1);
          });
        spawn(3);
      })
    );
    assertEquals(seen, [3, 2, 1, 0]);
  });

  it("refuses tasks when it has ended or is shutting down", async () => {
    await runVirtual(async () => {
      let kept!: TaskGroup;
      await taskGroup(async (group) => void (kept = group));
      const nap = sleep(1);
      await assertRejects(async () => kept.createTask(nap), RuntimeError, "it is finished");
      await assertRejects(async () => await nap, RuntimeError, "was awaited already");

      const messages: string[] = [];
      await assertRejects(async () =>
        await taskGroup(async (group) => {
          group.createTask(async () => {
            try {
              await sleep(1000);
            } finally {
              try {
                group.createTask(() => sleep(1));
              } catch (error) {
                messages.push((error as Error).message);
              }
            }
          });
          await sleep(1);
          throw new RangeError("stop");
        }), ExceptionGroup);
      assertEquals(messages, [
        "Cannot create a task in <TaskGroup tasks=1 cancelling>: it is shutting down",
      ]);
    });
  });

  it("shows its state", async () => {
    await runVirtual(() =>
      taskGroup(async (group) => {
        assertEquals(String(group), "<TaskGroup entered>");
        group.createTask(() => sleep(1), { name: "named" });
        assertEquals(String(group), "<TaskGroup tasks=1 entered>");
      })
    );
  });

  it("can start its tasks eagerly", async () => {
    await runVirtual(() =>
      taskGroup(async (group) => {
        const task = group.createTask(function* () {
          return 1;
        }, { eagerStart: true });
        assertEquals(task.result(), 1);
      })
    );
  });

  it("gives tasks whose results have their types", async () => {
    const main = () =>
      taskGroup(async (group) => {
        const a = group.createTask(() => sleep(1, "a"));
        const b = group.createTask(sleep(1, 2));
        return [await a, await b] as [string, number];
      });
    assertEquals(await runVirtual(main), ["a", 2]);
  });

  it("keeps the ExceptionGroup's errors the very ones that were thrown", async () => {
    const own = new RangeError("own");
    const main = () =>
      taskGroup(async (group) => {
        group.createTask(async () => {
          throw own;
        });
        await sleep(1000);
      });
    const error = await assertRejects(() => runVirtual(main), ExceptionGroup);
    assertStrictEquals(error.exceptions[0], own);
  });
});
