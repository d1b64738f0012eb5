// deno-lint-ignore-file require-yield

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  Coroutine,
  coroutine,
  createTask,
  currentTask,
  ensureFuture,
  Future,
  isCoroutine,
  isCoroutineFunction,
  isFuture,
  RuntimeError,
  sleep,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { runVirtual } from "./_kinds.ts";
import { virtualTime } from "@aio/asyncio/testing";

describe("coroutine()", () => {
  const double = coroutine(function* double(n: number) {
    yield* sleep(1);
    return n * 2;
  });

  it("makes a function whose calls fit await and yield*", async () => {
    assertEquals(await runVirtual(async () => await double(2)), 4);
    const main = function* () {
      return yield* double(3);
    };
    assertEquals(await runVirtual(main), 6);
    assertEquals(await runVirtual(double(4)), 8);
  });

  it("keeps name, length and this", async () => {
    assertEquals([double.name, double.length], ["double", 1]);
    assertEquals(String(double(1)), "<coroutine double()>");
    class Counter {
      n = 5;
      next: (by: number) => Coroutine<number> = coroutine(function* (this: Counter, by: number) {
        return this.n += by;
      });
    }
    const counter = new Counter();
    assertEquals(await runVirtual(async () => await counter.next(2)), 7);
  });

  it("runs nothing before it is awaited, and once", async () => {
    let calls = 0;
    const count = coroutine(function* () {
      calls++;
    });
    await runVirtual(async () => {
      const call = count();
      assert(call instanceof Coroutine);
      assertEquals(calls, 0);
      await call;
      assertEquals(calls, 1);
      await assertRejects(
        async () => await call,
        RuntimeError,
        "it was awaited already; make a new",
      );
      assertEquals(calls, 1);
    });
  });

  it("throws what the generator throws at the await", async () => {
    const broken = coroutine(function* () {
      throw new RangeError("broken");
    });
    await assertRejects(() => runVirtual(async () => await broken()), RangeError, "broken");
    const main = function* () {
      yield* broken();
    };
    await assertRejects(() => runVirtual(main), RangeError, "broken");
  });

  it("runs deep chains within the one task", async () => {
    const descend: (depth: number) => Coroutine<number> = coroutine(
      function* (depth: number): Generator<unknown, number, unknown> {
        if (depth === 0) {
          yield* sleep(1);
          return 0;
        }
        return 1 + (yield* descend(depth - 1));
      },
    );
    assertEquals(await runVirtual(async () => await descend(2000)), 2000);
  });

  it("refuses what is no generator function", () => {
    assertThrows(
      () => coroutine((() => 1) as never),
      TypeError,
      "Cannot make a coroutine function as 'fn' must be a generator function: current value is",
    );
  });

  it("takes part in the chain of a plain promise", async () => {
    await runVirtual(async () => {
      assertEquals(await double(1).then((n) => n + 1), 3);
      assertEquals(await Promise.all([double(1), double(2)]), [2, 4]);
    });
  });

  it("awaited outside of every task, becomes a task of the ambient loop", async () => {
    const own = coroutine(function* () {
      yield* sleep(1);
      return [currentTask()];
    });
    const [task] = await own();
    assert(task !== null);
    assertEquals(task!.done(), true);
  });
});

describe("isCoroutine(), isCoroutineFunction() and isFuture()", () => {
  it("tell coroutines", () => {
    const values = [sleep(1), (function* () {})(), Promise.resolve(), async () => {}, 42, null];
    assertEquals(values.map(isCoroutine), [true, true, false, false, false, false]);
  });

  it("tell coroutine functions", () => {
    const values = [
      async () => {},
      function* () {},
      coroutine(function* () {}),
      () => {},
      sleep(1),
    ];
    assertEquals(values.map(isCoroutineFunction), [true, true, true, false, false]);
  });

  it("tell futures", async () => {
    await runVirtual(async () => {
      const task = createTask(() => sleep(1));
      assertEquals([task, new Future(), Promise.resolve(), sleep(1)].map(isFuture), [
        true,
        true,
        false,
        false,
      ]);
      await task;
    });
  });
});

describe("ensureFuture()", () => {
  it("leaves a future as it is, and makes tasks of coroutines", async () => {
    await runVirtual(async () => {
      const future = new Future<number>();
      assert(ensureFuture(future) === future);
      assertEquals(await ensureFuture(sleep(1, "a")), "a");
      assertEquals(await ensureFuture(() => sleep(1, "b")), "b");
      assertEquals(
        await ensureFuture((function* () {
          return "c";
        })()),
        "c",
      );
      assertEquals(await ensureFuture(Promise.resolve("d")), "d");
    });
  });

  it("makes the task on the loop that it is given", async () => {
    const loop = virtualTime();
    const future = ensureFuture(sleep(5, "there"), { loop });
    assertEquals(future.getLoop(), loop);
    assertEquals(await loop.runUntilComplete(future), "there");
    loop.close();
  });

  it("refuses what can't be awaited", () => {
    const loop = virtualTime();
    for (const wrong of [42, "text", null, undefined, {}]) {
      assertThrows(
        () => ensureFuture(wrong as never, { loop }),
        TypeError,
        "a future, a coroutine, a function that makes one, or a promise is required",
      );
    }
  });
});
