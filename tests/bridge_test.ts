import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  CancelledError,
  createTask,
  type EventLoop,
  Future,
  gather,
  getRunningLoop,
  run,
  runCoroutineThreadsafe,
  RuntimeError,
  sleep,
  timeout,
  TimeoutError,
  toThread,
  wrapFuture,
} from "../mod.ts";
import { ConcurrentFuture, InlineExecutor, ThreadPoolExecutor, wait } from "../executors/mod.ts";
import { reportsOf } from "./tasks/_kinds.ts";
import { jobs } from "./executors/_contract_jobs.ts";

const square = (n: number): number => n * n;

describe("wrapFuture()", () => {
  it("gives the result or the error to the task that waits", async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    const results = await run(() => gather([2, 3].map((n) => wrapFuture(pool.submit(square, n)))));
    assertEquals(results, [4, 9]);
    await assertRejects(
      () => run(async () => await wrapFuture(pool.submit(jobs.rejectWith, "far away"))),
      RangeError,
      "far away",
    );
  });

  it("works in generator coroutines, and returns a loop's future as it is", async () => {
    await using pool = new InlineExecutor();
    const result = await run(function* () {
      const future = wrapFuture(pool.submit(square, 5));
      assert(wrapFuture(future) === future);
      return yield* future;
    });
    assertEquals(result, 25);
    await run(async () => {
      assertThrows(() => wrapFuture(1 as never), TypeError, "what submit() returns");
      await sleep(0);
    });
  });

  it("cancels a call that waits, and asks one that runs to stop", async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    await run(async () => {
      const running = pool.submit(jobs.untilAborted);
      const waiting = pool.submit(square, 2);
      while (!running.running()) await sleep(1);
      const tasks = [running, waiting].map((future) =>
        createTask(async () => await wrapFuture<unknown>(future))
      );
      await sleep(1);
      for (const task of tasks) {
        task.cancel("no more");
        await assertRejects(async () => await task, CancelledError);
      }
      assertEquals(waiting.cancelled(), true);
      await assertRejects(async () => await running, CancelledError, "no more");
      assertEquals(await wrapFuture(pool.submit(square, 3)), 9);
    });
  });

  it("ends the worker of a deaf job if it may", async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    await run(async () => {
      const deaf = pool.submit(jobs.sleep, 60_000, 0);
      while (!deaf.running()) await sleep(1);
      await assertRejects(
        async () => {
          await timeout(20, async () => await wrapFuture(deaf, { killAfter: 10 }));
        },
        TimeoutError,
      );
      await assertRejects(async () => await deaf, CancelledError);
      assertEquals(await wrapFuture(pool.submit(square, 3)), 9);
    });
  });

  it("is cancelled when the call is", async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    await run(async () => {
      const future = pool.submit(square, 2);
      const wrapped = wrapFuture(future);
      future.cancel();
      await assertRejects(async () => await wrapped, CancelledError);
      assertEquals(wrapped.cancelled(), true);
    });
  });
});

describe("wrapFuture() of a future that is done", () => {
  it("can be cancelled until the next turn, as in Python", async () => {
    await run(async () => {
      const source = new ConcurrentFuture<number>();
      const [early, kept] = [wrapFuture(source), wrapFuture(source)];
      source.setResult(42);
      const late = wrapFuture(source);
      assertEquals([early.cancel(), late.cancel()], [true, true]);
      assertEquals(kept.done(), false);
      assertEquals(await kept, 42);
      assertEquals([early.cancelled(), late.cancelled()], [true, true]);
    });
  });

  it("gives on whatever was thrown", async () => {
    await run(async () => {
      for (const thrown of [null, undefined, 0]) {
        const source = new ConcurrentFuture<number>();
        const wrapped = wrapFuture(source);
        source.setException(thrown);
        const caught = await wrapped.then(() => "nothing", (error) => [error]);
        assertEquals(caught, [thrown]);
      }
    });
  });

  it("leaves nothing at the call when its wait is over", async () => {
    await run(async () => {
      const source = new ConcurrentFuture<number>();
      source.setRunningOrNotifyCancel();
      for (let i = 0; i < 3; i++) {
        await assertRejects(async () => await timeout(1, () => wrapFuture(source)), TimeoutError);
      }
      assertEquals([source._listeners ?? []].flat(), []);
    });
  });
});

describe("loop.runInExecutor()", () => {
  it("uses the default executor for null, and run() shuts that down", async () => {
    let loop: EventLoop;
    const [a, b] = await run(async () => {
      loop = getRunningLoop();
      return await gather([
        loop.runInExecutor(null, square, 6),
        loop.runInExecutor(null, jobs.add, 1, 2),
      ]);
    });
    assertEquals([a, b], [36, 3]);
    assertThrows(() => loop!.runInExecutor(null, square, 6), RuntimeError);
  });

  it("uses the executor that it is given, or that was set", async () => {
    await using pool = new InlineExecutor();
    await run(async () => {
      const loop = getRunningLoop();
      assertEquals(await loop.runInExecutor(pool, square, 4), 16);
      loop.setDefaultExecutor(pool);
      assertEquals(await loop.runInExecutor(null, square, 5), 25);
      assertThrows(() => loop.setDefaultExecutor(1 as never), TypeError, "must be an Executor");
      await loop.shutdownDefaultExecutor();
      assertThrows(() => loop.runInExecutor(null, square, 4), RuntimeError, "has been shut down");
    });
  });

  it("lets run() wait for work that nobody awaits", async () => {
    let future!: { done(): boolean };
    await run(async () => {
      future = getRunningLoop().runInExecutor(null, jobs.sleep, 60, "x");
      await sleep(0);
    });
    assertEquals(future.done(), true);
  });

  it("streams what a generator yields", async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    const seen = await run(async () => {
      const seen: number[] = [];
      const stream = await getRunningLoop().runInExecutor(pool, jobs.count, 5);
      for await (const n of stream) seen.push(n);
      return seen;
    });
    assertEquals(seen, [0, 1, 2, 3, 4]);
  });
});

describe("toThread()", () => {
  it("calls a function in a thread while the loop goes on", async () => {
    const ticks = await run(async () => {
      let ticks = 0;
      const blocking = createTask(toThread(jobs.block, 200));
      while (!blocking.done()) {
        await sleep(5);
        ticks++;
      }
      assertEquals(await blocking, 200);
      return ticks;
    });
    assert(ticks >= 5, `${ticks} ticks`);
  });

  it("can be awaited in a generator, and throws what the function throws", async () => {
    await assertRejects(
      () =>
        run(function* () {
          return yield* toThread(jobs.rejectWith, "there");
        }),
      RangeError,
      "there",
    );
  });
});

describe("runCoroutineThreadsafe()", () => {
  it("starts a coroutine from a callback of the platform's", async () => {
    await run(async () => {
      const loop = getRunningLoop();
      const result = await new Promise<unknown>((resolve) => {
        setTimeout(() => {
          const future = runCoroutineThreadsafe(sleep(2, "slept"), loop);
          assertInstanceOf(future, ConcurrentFuture);
          future.addDoneCallback((future) => resolve(future.result()));
        }, 1);
      });
      assertEquals(result, "slept");
    });
  });

  it("cancels the task with the future, and hands errors on", async () => {
    await run(async () => {
      const loop = getRunningLoop();
      let cancelled = false;
      const future = runCoroutineThreadsafe(async () => {
        try {
          await sleep(60_000);
        } catch (error) {
          cancelled = error instanceof CancelledError;
          throw error;
        }
      }, loop);
      await sleep(5);
      assertEquals(future.cancel(), true);
      await sleep(5);
      assertEquals(cancelled, true);
      const failing = runCoroutineThreadsafe(async () => {
        await sleep(1);
        throw new RangeError("in there");
      }, loop);
      await assertRejects(async () => await wrapFuture(failing), RangeError, "in there");
    });
  });

  it("gives the error to the future if no task can be made, and reports it", async () => {
    const reports = await reportsOf(async () => {
      const loop = getRunningLoop();
      loop.setTaskFactory(() => {
        throw new SyntaxError("no task");
      });
      const future = runCoroutineThreadsafe(async () => await sleep(1), loop);
      await sleep(1);
      loop.setTaskFactory(null);
      assertThrows(() => future.result(), SyntaxError, "no task");
    });
    assertEquals(reports.map(({ exception }) => String(exception)), ["SyntaxError: no task"]);
  });

  it("refuses at once what is no coroutine", async () => {
    await run(async () => {
      for (const wrong of [123, null, Promise.resolve(), new Future()]) {
        const start = () => runCoroutineThreadsafe(wrong as never, getRunningLoop());
        assertThrows(start, TypeError, "Cannot run a coroutine threadsafe");
      }
      await sleep(0);
    });
  });

  it("never starts the coroutine of a future that was cancelled before", async () => {
    await run(async () => {
      let started = false;
      const future = runCoroutineThreadsafe(function* () {
        started = true;
        yield;
      }, getRunningLoop());
      future.cancel();
      await sleep(1);
      assertEquals([started, future.cancelled()], [false, true]);
      assertEquals(await wait([future], { timeout: 0 }), [new Set([future]), new Set()]);
    });
  });
});
