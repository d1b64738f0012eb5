// deno-lint-ignore-file require-await

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  allTasks,
  CancelledError,
  createTask,
  currentTask,
  Future,
  gather,
  getRunningLoop,
  run,
  sleep,
  taskGroup,
  timeout,
  TimeoutError,
  until,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { reportsOf, runVirtual } from "./_kinds.ts";

const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

describe("An async function as a coroutine", () => {
  it("keeps order and current task through a hundred nested calls", async () => {
    const seen: string[] = [];
    async function dive(depth: number): Promise<void> {
      if (depth > 0) return await dive(depth - 1);
      await sleep(0);
    }
    async function steps(name: string) {
      const own = currentTask();
      for (const n of [1, 2, 3]) {
        await dive(100);
        assertStrictEquals(currentTask(), own);
        seen.push(`${n}${name}`);
      }
    }
    await runVirtual(() => gather(["a", "b", "c"].map((name) => () => steps(name))));
    assertEquals(seen.join(" "), "1a 1b 1c 2a 2b 2c 3a 3b 3c");
  });

  it("may await several things at once with Promise.all(), race() and any()", async () => {
    await runVirtual(async () => {
      const own = currentTask();
      assertEquals(await Promise.all([sleep(10, "a"), sleep(5, "b"), 1]), ["a", "b", 1]);
      assertEquals(getRunningLoop().time(), 10);
      assertEquals(await Promise.race([sleep(10, "slow"), sleep(5, "fast")]), "fast");
      assertEquals(await Promise.any([sleep(20, "slow"), sleep(15, "fast")]), "fast");
      assertStrictEquals(currentTask(), own);
      const [failed, fine] = await Promise.allSettled([
        (async () => {
          await sleep(1);
          throw new RangeError("one");
        })(),
        sleep(2, "other"),
      ]);
      assertEquals([failed!.status, fine!.status], ["rejected", "fulfilled"]);
    });
  });

  it("may start a call and await it later", async () => {
    await runVirtual(async () => {
      const own = currentTask();
      async function part(name: string, time: number) {
        await sleep(time);
        assertStrictEquals(currentTask(), own);
        return name;
      }
      const early = part("early", 5);
      const late = part("late", 50);
      await sleep(20);
      assertEquals([await early, await late], ["early", "late"]);
      assertEquals(getRunningLoop().time(), 50);
      assertEquals(allTasks().size, 1);
    });
  });

  it("may use async generators and for await", async () => {
    await runVirtual(async () => {
      const own = currentTask();
      async function* numbers() {
        try {
          for (let n = 0;; n++) {
            await sleep(1);
            assertStrictEquals(currentTask(), own);
            yield n;
          }
        } finally {
          await sleep(1);
        }
      }
      const seen: number[] = [];
      for await (const n of numbers()) {
        seen.push(n);
        await sleep(1);
        if (n === 2) break;
      }
      assertEquals([seen, getRunningLoop().time()], [[0, 1, 2], 7]);
      assertStrictEquals(currentTask(), own);
    });
  });

  it("may use await using", async () => {
    const seen: string[] = [];
    await runVirtual(async () => {
      const task = createTask(async () => {
        await using _ = {
          async [Symbol.asyncDispose]() {
            await sleep(5);
            seen.push("disposed");
          },
        };
        await sleep(1000);
      });
      await sleep(1);
      task.cancel();
      await assertRejects(async () => await task, CancelledError);
      assertEquals(getRunningLoop().time(), 6);
    });
    assertEquals(seen, ["disposed"]);
  });

  it("gives way to others while it awaits a foreign promise", async () => {
    await run(async () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      createTask(async () => {
        for (let i = 0; i < 3; i++) await sleep(0);
        resolve("by another task");
      });
      assertEquals(await promise, "by another task");
    });
  });

  it("is known by its awaits of ours after foreign ones", async () => {
    await run(async () => {
      const works = [1, 2, 3].map((n) =>
        createTask(async () => {
          const own = currentTask();
          for (let i = 0; i < 3; i++) {
            await tick();
            assertStrictEquals(currentTask(), own);
            await sleep(n % 2);
            assertStrictEquals(currentTask(), own);
          }
          return n;
        })
      );
      assertEquals(await gather(works), [1, 2, 3]);
    });
  });

  it("can be cancelled between foreign awaits", async () => {
    await run(async () => {
      const seen: string[] = [];
      const task = createTask(async () => {
        try {
          for (;;) {
            await tick();
            await sleep(0);
          }
        } finally {
          await tick();
          await sleep(1);
          seen.push("clean");
        }
      });
      await sleep(5);
      task.cancel("enough");
      await assertRejects(async () => await task, CancelledError, "enough");
      assertEquals(seen, ["clean"]);
    });
  });

  it("that never awaits is done in one step", async () => {
    await runVirtual(async () => {
      const task = createTask(async () => "at once");
      await sleep(0);
      assertEquals(task.done(), true);
      assertEquals(task.result(), "at once");
    });
  });

  it("that throws before its first await fails its task alone", async () => {
    await runVirtual(async () => {
      const task = createTask(async () => {
        throw new RangeError("at once");
      });
      await assertRejects(async () => await task, RangeError, "at once");
    });
  });

  it("may await what is done already without losing its turn", async () => {
    const seen: string[] = [];
    await runVirtual(async () => {
      const done = new Future<number>();
      done.setResult(1);
      createTask(async () => void seen.push("other"));
      await done;
      await done;
      seen.push("main");
      await sleep(0);
    });
    // As in CPython: to await what is done doesn't give way.
    assertEquals(seen, ["main", "other"]);
  });

  it("may await thenables and values of all sorts", async () => {
    await runVirtual(async () => {
      const own = currentTask();
      const thenable = { then: (resolve: (value: string) => void) => resolve("thenable") };
      assertEquals([await thenable, await null, await 5], ["thenable", null, 5]);
      assertStrictEquals(currentTask(), own);
      const nested = new Future<Promise<string>>();
      nested.setResult(Promise.resolve("nested"));
      assertEquals(await nested, "nested");
      await sleep(0);
      assertStrictEquals(currentTask(), own);
    });
  });

  it("may be the body of a block within a generator coroutine, and the other way round", async () => {
    const main = function* () {
      const own = currentTask();
      const inner = yield* timeout(100, async () => {
        assertStrictEquals(currentTask(), own);
        await sleep(5);
        return await timeout(50, function* () {
          assertStrictEquals(currentTask(), own);
          yield* sleep(5);
          assertStrictEquals(currentTask(), own);
          return "inner";
        });
      });
      assertStrictEquals(currentTask(), own);
      return inner;
    };
    assertEquals(await runVirtual(main), "inner");
  });

  it("is cancelled in each of its parallel waits, and the rest of it is waited for", async () => {
    await runVirtual(async () => {
      const seen: string[] = [];
      const part = async (name: string) => {
        try {
          await sleep(1000);
        } catch (error) {
          await sleep(name === "slow" ? 20 : 1);
          seen.push(`${name} ${(error as Error).name}`);
          throw error;
        }
      };
      const task = createTask(async () => {
        const parts = [part("slow"), part("fast")];
        await Promise.allSettled(parts);
        await Promise.all(parts);
      });
      await sleep(5);
      task.cancel();
      await assertRejects(async () => await task, CancelledError);
      assertEquals(seen, ["fast CancelledError", "slow CancelledError"]);
      assertEquals(getRunningLoop().time(), 25);
    });
  });

  it("can be the first of many: a thousand tasks in step", async () => {
    const order: number[] = [];
    await runVirtual(() =>
      gather(Array.from({ length: 1000 }, (_, n) => async () => {
        await sleep(0);
        await (async () => await sleep(0))();
        order.push(n);
      }))
    );
    assertEquals(order, Array.from({ length: 1000 }, (_, n) => n));
  });

  it("has its time limit reach a fetch-like call through until()", async () => {
    await run(async () => {
      let aborted = 0;
      const request = (signal: AbortSignal) =>
        new Promise<string>((resolve, reject) => {
          const timer = setTimeout(() => resolve("answer"), 50);
          signal.addEventListener("abort", () => {
            clearTimeout(timer);
            aborted++;
            reject(signal.reason);
          });
        });
      await assertRejects(async () => await timeout(5, () => until(request)), TimeoutError);
      assertEquals(await timeout(1000, () => until(request)), "answer");
      assertEquals(aborted, 1);
    });
  });

  it("loses no error of a call that it started and never awaited", async () => {
    // The error is the platform's to report: an unhandled rejection. Here it is handled.
    const reports = await reportsOf(async () => {
      const floating = (async () => {
        await sleep(1);
        throw new RangeError("floating");
      })();
      floating.catch(() => {});
      await sleep(5);
    });
    assertEquals(reports, []);
  });

  it("in a group of both kinds fails it, whichever fails", async () => {
    for (
      const broken of [
        async () => {
          await tick();
          throw new RangeError("async");
        },
        function* () {
          yield* until(tick());
          throw new RangeError("generator");
        },
      ]
    ) {
      let other: { cancelled(): boolean } | undefined;
      await assertRejects(() =>
        run(() =>
          taskGroup(async (group) => {
            other = group.createTask(async () => void await sleep(60_000));
            group.createTask(broken);
          })
        ), AggregateError);
      assert(other!.cancelled());
    }
  });
});
