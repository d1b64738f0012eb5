import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  asCompleted,
  CancelledError,
  createTask,
  type Done,
  Future,
  getRunningLoop,
  sleep,
  TimeoutError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "./_kinds.ts";

describe("asCompleted() that is left", () => {
  it("leaves nothing at the futures: by break, by an error, by a cancellation", async () => {
    await runVirtual(async () => {
      const slow = [new Future<string>(), new Future<string>()];
      const text = () => slow.map(String).join();
      const nothing = "<Future pending>,<Future pending>";
      const all = () => asCompleted([...slow, sleep(1, "quick")], { timeout: 1000 });
      for await (const future of all()) {
        assertEquals(future.result(), "quick");
        break;
      }
      assertEquals(text(), nothing);
      for (const next of all()) {
        assertEquals(await next, "quick");
        break;
      }
      assertEquals(text(), nothing);
      for (const isAsync of [true, false]) {
        const consumer = createTask(async () => {
          if (isAsync) { for await (const _ of asCompleted(slow)); }
          else for (const next of asCompleted(slow)) await next;
        });
        await sleep(1);
        consumer.cancel();
        await assertRejects(async () => await consumer, CancelledError);
        assertEquals(text(), nothing);
      }
    });
  });

  it("goes on for a coroutine that was handed out before", async () => {
    await runVirtual(async () => {
      const futures = [new Future<string>(), new Future<string>()];
      const handed = [];
      for (const next of asCompleted(futures)) {
        handed.push(next);
        if (handed.length === 2) break;
      }
      futures[1]!.setResult("b");
      const waiting = createTask(handed[0]!);
      assertEquals(await waiting, "b");
      assertEquals(String(futures[0]), "<Future pending>");
      getRunningLoop().callLater(1, () => futures[0]!.setResult("a"));
      assertEquals(await handed[1]!, "a");
    });
  });
});

describe("asCompleted()", () => {
  inBothKinds("gives the results in the order in which they come", async (coro) => {
    const main = coro(function* () {
      const seen: string[] = [];
      for (const next of asCompleted([sleep(30, "c"), sleep(10, "a"), sleep(20, "b")])) {
        seen.push(`${yield next} at ${getRunningLoop().time()}`);
      }
      return seen;
    });
    assertEquals(await runVirtual(main), ["a at 10", "b at 20", "c at 30"]);
  });

  inBothKinds("throws the error of one at its await, and goes on", async (coro) => {
    const main = coro(function* () {
      const broken = coro(function* () {
        yield sleep(1);
        throw new RangeError("broken");
      });
      const seen: string[] = [];
      for (const next of asCompleted([broken, sleep(5, "fine")])) {
        try {
          seen.push(yield next);
        } catch (error) {
          seen.push((error as Error).message);
        }
      }
      return seen;
    });
    assertEquals(await runVirtual(main), ["broken", "fine"]);
  });

  inBothKinds("throws a TimeoutError for each that is too late", async (coro) => {
    const main = coro(function* () {
      const seen: string[] = [];
      const slow = createTask(() => sleep(100, "slow"));
      for (const next of asCompleted([sleep(5, "fast"), slow], { timeout: 10 })) {
        try {
          seen.push(yield next);
        } catch (error) {
          seen.push((error as Error).name);
        }
      }
      assertEquals(slow.done(), false);
      return seen;
    });
    assertEquals(await runVirtual(main), ["fast", "TimeoutError"]);
  });

  it("gives the tasks themselves, done, in a for await", async () => {
    await runVirtual(async () => {
      const tasks = [30, 10, 20].map((time) => createTask(() => sleep(time, time)));
      const order: Done<number>[] = [];
      for await (const task of asCompleted(tasks)) {
        assert(task.done());
        order.push(task);
      }
      assertEquals(order.map((task) => task.result()), [10, 20, 30]);
      assertStrictEquals(order[0], tasks[1]);
    });
  });

  it("throws a TimeoutError out of a for await", async () => {
    const main = async () => {
      for await (const _ of asCompleted([sleep(100)], { timeout: 10 }));
    };
    await assertRejects(() => runVirtual(main), TimeoutError);
  });

  it("fits a generator through next()", async () => {
    await runVirtual(function* () {
      const iterator = asCompleted([sleep(2, "b"), sleep(1, "a")])[Symbol.asyncIterator]();
      const seen: string[] = [];
      for (;;) {
        const { done, value } = yield* iterator.next();
        if (done) break;
        seen.push(value.result());
      }
      assertEquals(seen, ["a", "b"]);
    });
  });

  it("ends alone when it is cancelled: the others go on", async () => {
    await runVirtual(async () => {
      const work = createTask(() => sleep(10, "alive"));
      const loop = createTask(async () => {
        for (const next of asCompleted([work])) await next;
      });
      await sleep(1);
      loop.cancel();
      await assertRejects(async () => await loop, CancelledError);
      assertEquals(await work, "alive");
    });
  });

  it("counts one that is in it twice once", async () => {
    await runVirtual(async () => {
      const task = createTask(() => sleep(1, 1));
      assertEquals([...asCompleted([task, task])].length, 1);
      await task;
    });
  });

  it("of nothing ends at once", async () => {
    await runVirtual(async () => {
      for (const _ of asCompleted([])) throw new Error("nothing to give");
      await sleep(0);
    });
  });

  it("refuses what can't be awaited, and a lone awaitable", async () => {
    await runVirtual(async () => {
      assertThrows(() => asCompleted([42 as never]), TypeError, "Cannot await 42");
      assertThrows(() => asCompleted(sleep(1) as never), TypeError, "an array of awaitables");
      await sleep(0);
    });
  });
});
