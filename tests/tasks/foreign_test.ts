// deno-lint-ignore-file require-await

/** What this module's tasks make of other people's code, and what that may not do to them. */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  CancelledError,
  createTask,
  currentTask,
  eagerTaskFactory,
  Event,
  EventLoop,
  type ExceptionContext,
  ExceptionGroup,
  gather,
  getEventLoop,
  getRunningLoop,
  Lock,
  mapConcurrent,
  Queue,
  run,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
  timeout,
  TimeoutError,
  until,
  waitFor,
} from "@aio/asyncio";
import {
  asyncKind,
  generatorKind,
  inBothKinds,
  type Kind,
  reportsOf,
  runVirtual,
} from "./_kinds.ts";
import { describe, it } from "@std/testing/bdd";
import { runText, RUNTIME } from "../run/_program.ts";
import { AsyncLocalStorage } from "node:async_hooks";
import { useAsyncLocalStorage } from "@aio/asyncio/testing";

const user = new AsyncLocalStorage<string>();

/** What code sees that is started in each of the ways there are, within a value of `user`. */
function seenEverywhere(coro: Kind) {
  const look = coro(function* () {
    const first = user.getStore();
    yield sleep(1);
    return [first, user.getStore()];
  });
  return coro(function* () {
    const loop = getEventLoop();
    const called = (schedule: (callback: () => void) => unknown) => {
      const future = loop.createFuture<unknown[]>() as unknown as {
        setResult(value: unknown): void;
      };
      schedule(() => future.setResult([user.getStore()]));
      return future;
    };
    return {
      createTask: yield loop.createTask(look),
      gather: (yield gather([look]))[0],
      taskGroup: yield taskGroup((group: TaskGroup) => group.createTask(look)),
      mapConcurrent: (yield mapConcurrent([1], look, { concurrency: 1 }).toArray())[0],
      callSoon: yield called((callback) => loop.callSoon(callback)),
      callLater: yield called((callback) => loop.callLater(1, callback)),
      callAt: yield called((callback) => loop.callAt(loop.time() + 1, callback)),
      done: yield called((callback) =>
        (loop.createTask(sleep(0)) as Task<void>).addDoneCallback(callback)
      ),
    };
  });
}

function allAre(value: string, seen: Record<string, unknown[]>): void {
  for (const [where, values] of Object.entries(seen)) {
    for (const each of values) assertEquals(each, value, where);
  }
}

/** Only where the module has it too: without, nothing could tell whose values are whose. */
function inTwoKinds(name: string, body: (coro: Kind) => Promise<void>): void {
  it(`${name} (generators)`, () => body(generatorKind));
  it(`${name} (async functions)`, () => body(asyncKind));
}

describe("Other people's AsyncLocalStorage", () => {
  inTwoKinds("is in tasks and callbacks what it was where they were made", async (coro) => {
    const seen = seenEverywhere(coro);
    const main = coro(function* () {
      const alice = user.run("alice", () => createTask(seen));
      const bob = user.run("bob", () => createTask(seen));
      allAre("bob", yield bob);
      allAre("alice", yield alice);
      return user.getStore();
    });
    assertEquals(await user.run("main", () => run(main)), "main");
  });

  inTwoKinds("is never another request's in the ambient loop", async (coro) => {
    const seen = seenEverywhere(coro);
    const request = (name: string) =>
      user.run(name, async () => {
        allAre(name, await getEventLoop().createTask<Record<string, unknown[]>>(seen));
        return user.getStore();
      });
    assertEquals(await request("first"), "first");
    assertEquals(await Promise.all(["dave", "eve"].map(request)), ["dave", "eve"]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assertEquals(await request("last"), "last");
    const without = await getEventLoop().createTask(async () => user.getStore());
    assertEquals(without, undefined);
  });
});

/** Does something again and again until a timer of the platform's fires; false if it never does. */
async function breathes(again: () => PromiseLike<unknown>): Promise<boolean> {
  let fired = false;
  const timer = setTimeout(() => fired = true, 5);
  const end = performance.now() + 300;
  while (!fired && performance.now() < end) await again();
  clearTimeout(timer);
  return fired;
}

describe("The platform's timers fire beside a loop", () => {
  const ready = function* () {};
  const shapes: Record<string, () => PromiseLike<unknown>> = {
    "sleep(0)": () => sleep(0),
    "gather() of generators": () => gather([ready(), ready()]),
    "tasks": () => getEventLoop().createTask(ready),
    "futures of callSoon()": () => {
      const loop = getEventLoop();
      const future = loop.createFuture<void>();
      loop.callSoon(() => (future as unknown as { setResult(): void }).setResult());
      return future;
    },
    "until() of a promise": () => until(Promise.resolve(1)),
    "mapConcurrent()": () => mapConcurrent([1, 2, 3], async (n) => n, { concurrency: 2 }).toArray(),
  };
  for (const [name, again] of Object.entries(shapes)) {
    it(`that does ${name} in run()`, async () => {
      assert(await run(() => breathes(again)));
    });
    it(`that does ${name} outside of run()`, async () => {
      assert(await breathes(again));
    });
  }

  it("while one run() follows the other", async () => {
    assert(await breathes(() => run(async () => 1)));
  });
});

type Then = (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void;
const thenable = (then: Then) => ({ then }) as unknown as PromiseLike<unknown>;

describe("A time limit on a foreign promise", () => {
  inBothKinds("ends the wait for it, and lets the promise be", async (coro) => {
    await run(coro(function* () {
      const never = () => new Promise<string>(() => {});
      for (const limit of [0, 5]) {
        let error: unknown;
        try {
          yield waitFor(never(), limit);
        } catch (thrown) {
          error = thrown;
        }
        assert(error instanceof TimeoutError);
      }
      const late = thenable((resolve) => void setTimeout(resolve, 1, "a"));
      assertEquals(yield waitFor(late, 10_000), "a");
      assertEquals(yield waitFor(Promise.resolve("b"), 5), "b");
    }));
  });

  inBothKinds("may be that of a task, a group or a gathering around it", async (coro) => {
    await run(coro(function* () {
      const foreign = coro(function* () {
        yield until(new Promise(() => {}));
      });
      const waits = [
        () => waitFor(foreign, 2),
        () => timeout(2, () => taskGroup((group: TaskGroup) => group.createTask(foreign))),
        () => waitFor(gather([foreign, new Promise(() => {})]), 2),
      ];
      for (const each of waits) {
        let error: unknown;
        try {
          yield each();
        } catch (thrown) {
          error = thrown;
        }
        assert(error instanceof TimeoutError);
      }
      assertEquals(getRunningLoop().outside(), 0);
    }));
  });
});

describe("A promise that fails before its waiter has begun", () => {
  it("is nothing unhandled", async () => {
    const text = `
      import { run, wait, waitFor } from "@aio/asyncio";
      const failed = () => Promise.reject(new RangeError("foreign"));
      const nameOf = async (awaitable) => await awaitable.then(() => "fine", ({ name }) => name);
      const waited = async (promise) => [...(await wait([promise]))[0]][0].exception().name;
      const rest = () => new Promise((resolve) => setTimeout(resolve, 5));
      const waits = [waitFor(failed(), 100), waitFor(failed(), null), waited(failed())];
      await rest();
      for (const each of waits.splice(0, 2)) console.log(await nameOf(each));
      console.log(await waits[0]);
      console.log(await run(async () => {
        const one = waitFor(failed(), 100);
        await rest();
        return await nameOf(one);
      }));
    `;
    const { code, stdout, stderr } = await runText(text);
    const expected = "RangeError\n".repeat(4);
    assertEquals([code, stdout, stderr], [0, expected, ""]);
  });
});

describe("A thenable that misbehaves", () => {
  const boom = new RangeError("boom");
  /** When what settles late has done so. */
  let late: Promise<void> = Promise.resolve();
  const throwing = {
    "whose then() throws": () =>
      thenable(() => {
        throw boom;
      }),
    "whose then() throws and settles later": () =>
      thenable((resolve) => {
        late = new Promise((over) =>
          setTimeout(() => {
            resolve("late");
            over();
          }, 1)
        );
        throw boom;
      }),
    "whose then is a getter that throws": () =>
      Object.defineProperty({}, "then", {
        get() {
          throw boom;
        },
      }) as PromiseLike<unknown>,
    "that rejects, and then does more": () =>
      thenable((resolve, reject) => {
        reject(boom);
        resolve("late");
        throw new Error("late");
      }),
  };
  const takers = {
    createTask: (make: () => PromiseLike<unknown>) => createTask(make),
    until: (make: () => PromiseLike<unknown>) => until(make),
    waitFor: (make: () => PromiseLike<unknown>) => waitFor(make(), 10_000),
    timeout: (make: () => PromiseLike<unknown>) => timeout(10_000, make),
    gather: (make: () => PromiseLike<unknown>) => gather([make()]),
    withLock: (make: () => PromiseLike<unknown>) => new Lock().withLock(make),
  };

  for (const [what, make] of Object.entries(throwing)) {
    inBothKinds(`${what} fails whoever waits for it, and nobody else`, async (coro) => {
      for (const [name, take] of Object.entries(takers)) {
        const cleanedUp: string[] = [];
        const reports = await reportsOf(coro(function* () {
          const other = createTask(coro(function* () {
            try {
              yield sleep(100);
            } finally {
              cleanedUp.push("other");
            }
          }));
          yield sleep(0);
          let error: unknown;
          try {
            yield take(make);
          } catch (thrown) {
            error = thrown;
          }
          assertStrictEquals(error, boom, name);
          yield until(late);
          assertEquals(getRunningLoop().outside(), 0, name);
          other.cancel();
        }));
        assertEquals([reports, cleanedUp], [[], ["other"]], name);
        assertEquals(await run(() => sleep(0, "fine")), "fine");
      }
    });
  }

  inBothKinds("that settles more than once counts once", async (coro) => {
    const twice = () =>
      thenable((resolve, reject) => {
        queueMicrotask(() => {
          resolve("first");
          reject(boom);
          resolve("second");
        });
        setTimeout(reject, 1, boom);
      });
    for (const [name, take] of Object.entries(takers)) {
      const reports = await reportsOf(coro(function* () {
        const value = yield take(twice);
        assertEquals(String(value), "first", name);
        yield sleep(0);
        yield until(new Promise((resolve) => setTimeout(resolve, 5)));
        assertEquals(yield sleep(1, "slept"), "slept", name);
      }));
      assertEquals(reports, [], name);
    }
  });

  inBothKinds("that resolves to a promise is followed to its end", async (coro) => {
    const nested = () => thenable((resolve) => resolve(Promise.resolve("inner")));
    for (const [name, take] of Object.entries(takers)) {
      const value = await runVirtual(coro(function* () {
        return yield take(nested);
      }));
      assertEquals(String(value), "inner", name);
    }
  });
});

describe("An exception handler of the loop's own class that throws", () => {
  it("harms neither its loop nor another run()", async () => {
    class Loud extends EventLoop {
      told: ExceptionContext[] = [];
      override defaultExceptionHandler(context: ExceptionContext): void {
        this.told.push(context);
        throw new TypeError("loud");
      }
    }
    const loop = new Loud();
    const { error } = console;
    console.error = () => {};
    try {
      loop.callSoon(() => {
        throw new RangeError("a callback's");
      });
      assertEquals(await loop.runUntilComplete(sleep(1, "went on")), "went on");
    } finally {
      console.error = error;
    }
    assertEquals((loop.told[0]!.exception as Error).message, "a callback's");
    loop.close();
    assertEquals(currentTask(), null);
    assertEquals(await run(() => sleep(1, "fine")), "fine");
  });
});

const nameOf = (result: PromiseSettledResult<unknown>) =>
  result.status === "fulfilled" ? result.value : (result.reason as Error).name;

describe("Blocks side by side in one task", () => {
  it("expire alone", async () => {
    await runVirtual(async () => {
      assertEquals(
        (await Promise.allSettled([
          timeout(5, () => sleep(20)),
          sleep(10, "sleep"),
          waitFor(sleep(15, "in time"), 100),
          waitFor(sleep(50), 7),
        ])).map(nameOf),
        ["TimeoutError", "sleep", "in time", "TimeoutError"],
      );
      assertEquals(
        await Promise.any([timeout(5, () => sleep(20, "first")), sleep(10, "backup")]),
        "backup",
      );
      assertEquals(currentTask()!.cancelling(), 0);
      assertEquals(await sleep(1, "not cancelled"), "not cancelled");
    });
  });

  it("fail alone, if they are groups", async () => {
    await runVirtual(async () => {
      const failing = taskGroup(async (group) => {
        group.createTask(async () => {
          await sleep(5);
          throw new RangeError("one");
        });
        await sleep(100);
      });
      const fine = taskGroup(async (group) => await group.createTask(() => sleep(10, "other")));
      const results = await Promise.allSettled([failing, fine]);
      assertEquals(results.map(nameOf), ["ExceptionGroup", "other"]);
    });
  });

  it("leave a call alone that was started before and not awaited yet", async () => {
    await runVirtual(async () => {
      const poll = (async () => {
        for (let i = 0; i < 3; i++) await sleep(5);
        return "polled";
      })();
      await assertRejects(async () => await waitFor(sleep(50), 7), TimeoutError);
      assertEquals(await poll, "polled");
    });
  });

  it("are all cancelled with their task", async () => {
    await runVirtual(async () => {
      const seen: unknown[] = [];
      const task = createTask(async () => {
        const all = [timeout(50, () => sleep(40)), taskGroup(() => sleep(40)), sleep(40)];
        seen.push(...(await Promise.allSettled(all)).map(nameOf));
      });
      await sleep(1);
      task.cancel();
      await task;
      assertEquals(seen, ["CancelledError", "CancelledError", "CancelledError"]);
      assertEquals(getRunningLoop().time(), 1);
    });
  });
});

/** Other people's sleep, which rejects with an AbortError of its own. */
function foreignSleep(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 10_000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("The operation was aborted", "AbortError"));
    }, { once: true });
  });
}

describe("Foreign code that obeys the task's signal by an AbortError of its own", () => {
  const obeying = async () => await foreignSleep(currentTask()!.signal);

  it("lets timeout() and waitFor() throw TimeoutError", async () => {
    await run(async () => {
      await assertRejects(async () => await timeout(1, obeying), TimeoutError);
      await assertRejects(async () => await waitFor(obeying, 1), TimeoutError);
    });
  });

  it("lets its task end as cancelled, with nothing to report", async () => {
    const reports: ExceptionContext[] = [];
    await run(async () => {
      getRunningLoop().setExceptionHandler((_, context) => void reports.push(context));
      const task = createTask(obeying);
      createTask(obeying); // which run() cancels at its end
      await sleep(1);
      task.cancel("enough");
      await assertRejects(async () => await task, CancelledError);
      assertEquals(task.cancelled(), true);
    });
    assertEquals(reports, []);
  });

  it("is stopped by the block that it is in, whose signal it was given, and by no other", async () => {
    await run(async () => {
      const outer = currentTask()!.signal;
      const inner: AbortSignal[] = [];
      const results = await Promise.allSettled([
        timeout(1, async () => {
          inner.push(currentTask()!.signal);
          await foreignSleep(inner[0]!);
        }),
        timeout(50, async () => {
          inner.push(currentTask()!.signal);
          await sleep(5);
          return "beside";
        }),
        timeout(1, function* () {
          yield* until(foreignSleep(currentTask()!.signal));
        }),
      ]);
      assertEquals(results.map(nameOf), ["TimeoutError", "beside", "TimeoutError"]);
      assertEquals([outer, ...inner].map(({ aborted }) => aborted), [false, true, false]);
    });
  });

  it("may clean up by awaits of the module's, and isn't cancelled a second time", async () => {
    await run(async () => {
      const seen: string[] = [];
      const body = async () => {
        try {
          await obeying();
        } finally {
          await sleep(5);
          seen.push("cleaned up");
        }
      };
      await assertRejects(async () => await timeout(1, body), TimeoutError);
      assertEquals(seen, ["cleaned up"]);
    });
  });

  it("doesn't take the cancellation with it if it had settled before", async () => {
    await run(async () => {
      const body = async () => {
        const { signal } = currentTask()!;
        await new Promise<void>((resolve) => {
          setTimeout(resolve, 1);
          signal.addEventListener("abort", () => {}, { once: true });
        });
        await new Promise((resolve) => setTimeout(resolve, 60)); // meanwhile the time is over
        await sleep(10_000);
      };
      await assertRejects(async () => await timeout(20, body), TimeoutError);
    });
  });

  it("is no error of a group that is cancelled by another", async () => {
    await run(async () => {
      const group = async () =>
        await taskGroup(async (group) => {
          group.createTask(obeying);
          await sleep(1);
          throw new RangeError("the error");
        });
      const error = await assertRejects(group, ExceptionGroup);
      assertEquals(error.exceptions.map((each) => (each as Error).name), ["RangeError"]);
    });
  });

  it("fails its task by an AbortError that nobody asked for", async () => {
    await run(async () => {
      const task = createTask(async () => {
        throw new DOMException("by itself", "AbortError");
      });
      await assertRejects(async () => await task, DOMException, "by itself");
      assertEquals(task.cancelled(), false);
    });
  });
});

describe("A task group of eager tasks", () => {
  inBothKinds("ends if a child fails within the first step of another", async (coro) => {
    const caught: string[] = [];
    await runVirtual(coro(function* () {
      getRunningLoop().setTaskFactory(eagerTaskFactory);
      try {
        yield timeout(1000, () =>
          taskGroup((group: TaskGroup) => {
            group.createTask(coro(function* () {
              group.createTask(coro(function* () {
                yield* [];
                throw new RangeError("third");
              }));
              try {
                yield new Event().wait();
              } catch (error) {
                caught.push((error as Error).name);
                throw error;
              }
            }));
            return sleep(0);
          }));
      } catch (error) {
        caught.push(...(error as ExceptionGroup).exceptions.map((each) => (each as Error).message));
      }
      assertEquals(getRunningLoop().time(), 0);
      assertEquals(currentTask()!.cancelling(), 0);
      assertEquals(yield sleep(1, "not cancelled"), "not cancelled");
    }));
    assertEquals(caught, ["CancelledError", "third"]);
  });
});

describe("A long chain of tasks", () => {
  it("that await each other is cancelled from its outer end", async () => {
    await runVirtual(function* () {
      const link = function* (inner: Task<void> | null): Generator<unknown, void, unknown> {
        if (inner === null) yield* sleep(1000);
        else yield* inner;
      };
      let task: Task<void> = createTask(link(null));
      const innermost = task;
      for (let i = 0; i < 100_000; i++) task = createTask(link(task));
      yield* sleep(1);
      task.cancel();
      try {
        yield* task;
      } catch (error) {
        assert(error instanceof CancelledError);
      }
      assertEquals([task.cancelled(), innermost.cancelled()], [true, true]);
    });
  });

  it("of async functions is cancelled by a timeout", async () => {
    await runVirtual(async () => {
      const dive = async (depth: number): Promise<void> => {
        await (depth === 0 ? sleep(1000) : createTask(() => dive(depth - 1)));
      };
      await assertRejects(async () => await timeout(50, () => dive(5000)), TimeoutError);
      assertEquals(getRunningLoop().time(), 50);
    });
  });

  it("of eager tasks is no deeper than the stack, and comes to its end", async () => {
    const outcome = await run(function* () {
      getRunningLoop().setTaskFactory(eagerTaskFactory);
      const dive = function* (depth: number): Generator<unknown, number, unknown> {
        if (depth === 0) return 0;
        return (yield* createTask(dive(depth - 1))) + 1;
      };
      return yield* createTask(dive(100_000));
    });
    assertEquals(outcome, 100_000);
    assertEquals(await run(() => sleep(0, "fine")), "fine");
  });
});

describe("Calls that are started together and awaited one after the other", () => {
  // In programs of their own: whoever listens to unhandled rejections is told of all of them.
  const PROGRAM = `
    import { createTask, run, sleep, taskGroup, timeout } from "@aio/asyncio";
    const call = async (n) => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(n);
      }
    };
    const both = async () => {
      const first = call(1), second = call(10);
      return [await first, await second];
    };
    const settled = (awaitable) => awaitable.then(() => "went on", (error) => error.name);
    const rest = () => new Promise((resolve) => setTimeout(resolve, 30));
  `;

  async function outputOf(text: string) {
    const { code, stdout, stderr } = await runText(PROGRAM + text);
    return [code, stdout, stderr];
  }

  it("leave nothing unhandled when a timeout cancels them, in run() and outside", async () => {
    const text = `
      console.log(await run(async () => {
        const name = await settled(timeout(1, both));
        await sleep(20);
        return name;
      }));
      console.log(await run(() => settled(timeout(1, both))));
      console.log(await settled(timeout(1, both)));
      await rest();
      const short = async () => {
        const first = call(0), second = call(0);
        return [await first, await second];
      };
      for (const each of [short, () => taskGroup(async (group) => {
        group.createTask(short);
        await sleep(1);
        throw new RangeError();
      })]) {
        console.log(await settled(timeout(5, each)));
        await rest();
      }
      console.log("end");
    `;
    assertEquals(await outputOf(text), [
      0,
      "TimeoutError\nTimeoutError\nTimeoutError\nTimeoutError\nExceptionGroup\nend\n",
      "",
    ]);
  });

  it("leave nothing unhandled when their task, or all of run(), is cancelled", async () => {
    const text = `
      console.log(await run(async () => {
        createTask(both);
        const task = createTask(both);
        await sleep(1);
        task.cancel();
        return await settled(task);
      }));
      await rest();
      console.log("end");
    `;
    assertEquals(await outputOf(text), [0, "CancelledError\nend\n", ""]);
  });

  it("still show what else nobody handles", async () => {
    const { code, stdout } = await runText(`${PROGRAM}
      console.log(await run(async () => {
        const name = await settled(timeout(1, both));
        Promise.reject(new RangeError("lost"));
        await sleep(20);
        return name;
      }));
    `);
    assertEquals([code, RUNTIME === "bun" ? "" : stdout], [1, ""]);
  });
});

describe("Without AsyncLocalStorage", () => {
  const without = (name: string, body: () => Promise<void>) =>
    it(name, async () => {
      const before = useAsyncLocalStorage(false);
      try {
        await body();
      } finally {
        useAsyncLocalStorage(before);
      }
    });

  without(
    "all operations of a Promise.allSettled() are cancelled with their task",
    () =>
      runVirtual(async () => {
        const task = createTask(async () => {
          const all = await Promise.allSettled([sleep(300), new Queue().get(), sleep(200)]);
          return all.map(({ status }) => status);
        });
        await sleep(1);
        task.cancel();
        assertEquals(await task, ["rejected", "rejected", "rejected"]);
        assertEquals(getRunningLoop().time(), 1);
      }),
  );

  without(
    "all operations of a Promise.all() belong to the loop, and leave others alone",
    () =>
      runVirtual(async () => {
        const queue = new Queue<number>();
        const lock = new Lock();
        const task = createTask(async () => {
          const [first, , second] = await Promise.all([queue.get(), lock.acquire(), queue.get()]);
          return [first, second];
        });
        await sleep(1);
        const other = createTask(() => queue.get());
        await sleep(1);
        for (const item of [1, 2, 3]) queue.putNowait(item);
        assertEquals([await task, await other], [[1, 2], 3]);
      }),
  );

  without(
    "calls that are started together run side by side",
    () =>
      runVirtual(asyncKind(function* () {
        const call = async (name: string) => {
          await sleep(5);
          return name;
        };
        const first = call("a"), second = call("b");
        assertEquals([yield first, yield second], ["a", "b"]);
        assertEquals(getRunningLoop().time(), 5);
      })),
  );
});
