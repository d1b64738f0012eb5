import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CancelledError,
  createTask,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  Future,
  getRunningLoop,
  sleep,
  type Task,
  ValueError,
  wait,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, reportsOf, runVirtual } from "./_kinds.ts";
import { virtualTime } from "@aio/asyncio/testing";

/** The results of the done, how many are pending, and the time. */
function summary([done, pending]: [Set<Future<unknown>>, Set<Future<unknown>>]) {
  const outcomes = [...done].map((future) => {
    if (future.cancelled()) return "cancelled";
    const error = future.exception();
    return error === null ? future.result() : (error as Error).message;
  });
  return [outcomes, pending.size, getRunningLoop().time()];
}

function sleeper<T>(time: number, result: T): Task<T> {
  return createTask(() => sleep(time, result));
}

function failer(time: number): Task<void> {
  return createTask(async () => {
    await sleep(time);
    throw new RangeError(`failed at ${time}`);
  });
}

describe("wait()", () => {
  inBothKinds("waits for all, and throws nothing of theirs", async (coro) => {
    const main = coro(function* () {
      return summary(yield wait([sleeper(10, "a"), failer(5)]));
    });
    assertEquals(await runVirtual(main), [["a", "failed at 5"], 0, 10]);
  });

  inBothKinds("waits for the first with FIRST_COMPLETED", async (coro) => {
    const main = coro(function* () {
      const awaitables = [sleeper(10, "a"), sleeper(5, "b"), sleeper(20, "c")];
      return summary(yield wait(awaitables, { returnWhen: FIRST_COMPLETED }));
    });
    assertEquals(await runVirtual(main), [["b"], 2, 5]);
  });

  inBothKinds("waits for the first error with FIRST_EXCEPTION", async (coro) => {
    const main = coro(function* () {
      const cancelled = createTask(() => sleep(50));
      getRunningLoop().callLater(2, () => void cancelled.cancel());
      const awaitables = [sleeper(5, "b"), cancelled, failer(10), sleeper(20, "c")];
      return summary(yield wait(awaitables, { returnWhen: FIRST_EXCEPTION }));
    });
    assertEquals(await runVirtual(main), [["b", "cancelled", "failed at 10"], 1, 10]);
  });

  inBothKinds("gives what there is when the time has passed", async (coro) => {
    const main = coro(function* () {
      return summary(
        yield wait([sleeper(5, "a"), sleeper(50, "b")], { timeout: { seconds: 0.01 } }),
      );
    });
    assertEquals(await runVirtual(main), [["a"], 1, 10]);
  });

  inBothKinds("ends alone when it is cancelled: what it waits for goes on", async (coro) => {
    await runVirtual(coro(function* () {
      const work = createTask(() => sleep(10, "alive"));
      const waiter = createTask(coro(function* () {
        yield wait([work]);
      }));
      yield sleep(1);
      waiter.cancel();
      yield sleep(1);
      assert(waiter.cancelled());
      assertEquals(yield work, "alive");
    }));
  });

  it("leaves no callback behind on those that are not done", async () => {
    await runVirtual(async () => {
      const slow = sleeper(100, "slow");
      await wait([slow, sleeper(1, "fast")], { returnWhen: FIRST_COMPLETED });
      await wait([slow], { timeout: 1 });
      const waiter = createTask(wait([slow]));
      await sleep(1);
      waiter.cancel();
      await sleep(1);
      assertEquals(slow._waiterList(), []);
    });
  });

  it("gives the sets in the order of the arguments", async () => {
    await runVirtual(async () => {
      const tasks = [3, 1, 2].map((n) => createTask(() => sleep(n, n)));
      const [done, pending] = await wait(tasks);
      assertEquals([...done], tasks);
      assertEquals(pending.size, 0);
    });
  });

  it("leaves an error of one that isn't looked at to be reported", async () => {
    const reports = await reportsOf(async () => void await wait([failer(1)]));
    assertEquals(reports.map(({ exception }) => (exception as Error).message), ["failed at 1"]);
  });

  it("refuses coroutines, as Python does, and says what to do", async () => {
    await runVirtual(async () => {
      for (const coroutine of [sleep(1), () => sleep(1), (function* () {})()]) {
        assertThrows(
          () => wait([coroutine as never]),
          TypeError,
          "make a task of it first, so that you know it in the result: wait([createTask(f)])",
        );
      }
      await sleep(0);
    });
  });

  it("takes foreign promises", async () => {
    await runVirtual(async () => {
      const [done] = await wait([Promise.resolve(1)]);
      assertEquals([...done].map((future) => future.result()), [1]);
    });
  });

  it("refuses an empty set, an unknown 'returnWhen' and NaN", () => {
    const future = new Future({ loop: virtualTime() });
    assertThrows(() => wait([]), ValueError, "Cannot wait for an empty set of awaitables");
    assertThrows(
      () => wait([future], { returnWhen: "LAST" as never }),
      ValueError,
      "must be FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED: current value is LAST",
    );
    assertThrows(() => wait([future], { timeout: NaN }), ValueError, "'timeout'");
  });

  it("refuses what can't be awaited", async () => {
    await assertRejects(() => runVirtual(() => wait([42 as never])), TypeError, "Cannot await 42");
    assertThrows(() => wait(sleep(1) as never), TypeError, "an array of awaitables is required");
  });

  it("can be cancelled before it starts", async () => {
    await runVirtual(async () => {
      const waiter = createTask(wait([sleeper(5, "a")]));
      waiter.cancel();
      await assertRejects(async () => await waiter, CancelledError);
    });
  });
});
