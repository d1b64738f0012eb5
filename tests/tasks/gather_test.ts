import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  asCompleted,
  CancelledError,
  createTask,
  eagerTaskFactory,
  Future,
  gather,
  getRunningLoop,
  run,
  sleep,
  ValueError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, reportsOf, runVirtual } from "./_kinds.ts";
import { virtualTime } from "@aio/asyncio/testing";

describe("gather()", () => {
  inBothKinds("gives the results in the order of the arguments", async (coro) => {
    const after = coro(function* (time: number) {
      yield sleep(time);
      return time;
    });
    const main = coro(function* () {
      const results = yield gather([() => after(30), sleep(10, "b"), createTask(() => after(20))]);
      return [...results, getRunningLoop().time()];
    });
    assertEquals(await runVirtual(main), [30, "b", 20, 30]);
  });

  inBothKinds("throws the first error at once, and the others go on", async (coro) => {
    const seen: string[] = [];
    const main = coro(function* () {
      const slow = coro(function* () {
        yield sleep(20);
        seen.push("slow is done");
      });
      const broken = coro(function* () {
        yield sleep(10);
        throw new RangeError("broken");
      });
      try {
        yield gather([slow, broken]);
      } catch (error) {
        seen.push(`${(error as Error).message} at ${getRunningLoop().time()}`);
      }
      yield sleep(50);
    });
    await runVirtual(main);
    assertEquals(seen, ["broken at 10", "slow is done"]);
  });

  it("reports no error that comes after the first", async () => {
    const fail = async (time: number) => {
      await sleep(time);
      throw new Error(`after ${time}`);
    };
    const reports = await reportsOf(async () => {
      const gathered = gather([() => fail(1), () => fail(2)]);
      await assertRejects(async () => await gathered, Error, "after 1");
      await sleep(5);
    });
    assertEquals(reports, []);
  });

  inBothKinds("puts errors into the list with returnExceptions", async (coro) => {
    const main = coro(function* () {
      const broken = coro(function* () {
        yield sleep(1);
        throw new RangeError("broken");
      });
      const cancelled = createTask(() => sleep(100));
      getRunningLoop().callLater(5, () => void cancelled.cancel("stop"));
      return yield gather([sleep(2, "a"), broken, cancelled], { returnExceptions: true });
    });
    const [a, b, c] = await runVirtual(main);
    assertEquals(a, "a");
    assert(b instanceof RangeError);
    assert(c instanceof CancelledError);
  });

  inBothKinds("cancels all that are not done when it is cancelled", async (coro) => {
    const seen: string[] = [];
    const work = coro(function* (name: string) {
      try {
        yield sleep(100);
      } finally {
        seen.push(name);
      }
    });
    await runVirtual(coro(function* () {
      const task = createTask(coro(function* () {
        yield gather([() => work("a"), () => work("b")]);
      }));
      yield sleep(1);
      task.cancel();
      let caught: unknown;
      try {
        yield task;
      } catch (error) {
        caught = error;
      }
      assert(caught instanceof CancelledError);
    }));
    assertEquals(seen, ["a", "b"]);
  });

  inBothKinds("takes the cancellation of one for its error", async (coro) => {
    await runVirtual(coro(function* () {
      const one = createTask(() => sleep(100));
      const other = createTask(() => sleep(10, "alive"));
      getRunningLoop().callLater(1, () => void one.cancel());
      let caught: unknown;
      try {
        yield gather([one, other]);
      } catch (error) {
        caught = error;
      }
      assert(caught instanceof CancelledError);
      assertEquals(yield other, "alive");
    }));
  });

  it("of nothing gives an empty list", async () => {
    assertEquals(await runVirtual(() => gather([])), []);
  });

  it("counts one that is in it twice once", async () => {
    await runVirtual(async () => {
      const task = createTask(() => sleep(1, {}));
      const [a, b] = await gather([task, task]);
      assertStrictEquals(a, b);
      const nap = sleep(1, "c");
      assertEquals(await gather([nap, nap]), ["c", "c"]);
    });
  });

  it("takes foreign promises, and any iterable", async () => {
    const results = await runVirtual(() =>
      gather(new Set([Promise.resolve(1), sleep(5, 2), () => Promise.resolve(3)]))
    );
    assertEquals(results, [1, 2, 3]);
  });

  it("refuses at once what can't be awaited", async () => {
    await runVirtual(async () => {
      assertThrows(() => gather([42 as never]), TypeError, "Cannot await 42: a future, a corouti");
      assertThrows(
        () => gather(sleep(1) as never),
        TypeError,
        "Cannot gather <coroutine sleep()>: an array of awaitables is required, as in gather([a, b])",
      );
      await sleep(0);
    });
  });

  it("leaves nothing at those that go on when it has failed, and takes their errors on", async () => {
    const reports = await reportsOf(async () => {
      const longLived = new Future<number>();
      const fails = async () => {
        await sleep(1);
        throw new RangeError("first");
      };
      for (let i = 0; i < 3; i++) {
        await assertRejects(async () => await gather([longLived, fails]), RangeError, "first");
      }
      assertEquals(String(longLived), "<Future pending>");
      longLived.setException(new TypeError("second"));
      await sleep(1);
    });
    assertEquals(reports, []);
  });

  inBothKinds("refuses the bad without a word about the good, which goes on", async (coro) => {
    for (const isEager of [false, true]) {
      const seen: string[] = [];
      const reports = await reportsOf(coro(function* () {
        if (isEager) getRunningLoop().setTaskFactory(eagerTaskFactory);
        const longLived = new Future<number>();
        const good = coro(function* () {
          yield sleep(isEager ? 0 : 1);
          seen.push("went on");
          throw new RangeError("taken on");
        });
        const bad = [42 as never, null as never, new Future({ loop: virtualTime() })];
        for (const each of bad) {
          let error: unknown = null;
          try {
            gather([good, longLived, each]);
          } catch (thrown) {
            error = thrown;
          }
          assert(error instanceof TypeError || error instanceof ValueError);
          assertEquals(String(longLived), "<Future pending>");
        }
        yield sleep(5);
      }));
      assertEquals(seen.length, 3);
      assertEquals(reports, []);
    }
  });

  it("refuses futures of different loops", async () => {
    await runVirtual(async () => {
      const foreign = new Future({ loop: virtualTime() });
      assertThrows(
        () => gather([new Future(), foreign]),
        ValueError,
        "belongs to a different loop",
      );
      await sleep(0);
    });
  });
});

describe("gather() and asCompleted() of a function that is there twice", () => {
  it("call it twice", async () => {
    let calls = 0;
    const count = async () => {
      await sleep(1);
      return ++calls;
    };
    const main = async () => {
      const results: number[] = await gather([count, count]);
      for (const next of asCompleted([count, count])) results.push(await next);
      return results;
    };
    assertEquals(await run(main, { loopFactory: virtualTime }), [1, 2, 3, 4]);
  });
});
