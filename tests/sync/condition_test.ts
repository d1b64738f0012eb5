import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CancelledError,
  Condition,
  createTask,
  gather,
  Lock,
  RuntimeError,
  sleep,
  ValueError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "../tasks/_kinds.ts";

describe("Condition", () => {
  inBothKinds("notifies as many as asked, in the order in which they came", async (coro) => {
    const seen: string[] = [];
    await runVirtual(coro(function* () {
      const condition = new Condition();
      const waiter = coro(function* (name: string) {
        yield condition.acquire();
        assertEquals(yield condition.wait(), true);
        seen.push(name);
        condition.release();
      });
      const tasks = ["a", "b", "c", "d"].map((name) => createTask(() => waiter(name)));
      yield sleep(1);
      for (const count of [1, 2]) {
        yield condition.acquire();
        condition.notify(count);
        condition.release();
        yield sleep(1);
        seen.push("|");
      }
      assertEquals(String(condition), "<Condition unlocked waiters=1>");
      yield condition.acquire();
      condition.notifyAll();
      condition.release();
      yield gather(tasks);
    }));
    assertEquals(seen.join(""), "a|bc|d");
  });

  inBothKinds("is locked again before a cancelled wait raises", async (coro) => {
    await runVirtual(coro(function* () {
      const condition = new Condition();
      let hadLock: boolean | undefined;
      const waiter = createTask(coro(function* () {
        yield condition.acquire();
        try {
          yield condition.wait();
        } catch (error) {
          hadLock = condition.locked();
          throw error;
        } finally {
          condition.release();
        }
      }));
      yield sleep(0);
      yield condition.acquire();
      waiter.cancel();
      yield sleep(5);
      assertEquals([waiter.done(), hadLock], [false, undefined]);
      condition.release();
      yield sleep(0);
      yield sleep(0);
      assertEquals([waiter.cancelled(), hadLock], [true, true]);
      assert(!condition.locked());
    }));
  });

  inBothKinds("hands a notification on if its receiver is cancelled", async (coro) => {
    await runVirtual(coro(function* () {
      const condition = new Condition();
      const wait = coro(function* () {
        yield condition.withLock(() => condition.wait());
      });
      const first = createTask(() => wait());
      const second = createTask(() => wait());
      yield sleep(0);
      yield condition.withLock(coro(function* () {
        condition.notify();
        first.cancel();
        yield sleep(0);
      }));
      yield second;
      assert(first.cancelled());
    }));
  });

  inBothKinds("waits for a predicate, and gives what it gave", async (coro) => {
    await runVirtual(coro(function* () {
      const lock = new Lock();
      const condition = new Condition(lock);
      const items: string[] = [];
      const taker = createTask(() =>
        condition.withLock(() => condition.waitFor(() => items.pop()))
      );
      yield sleep(1);
      yield lock.acquire();
      condition.notify();
      lock.release();
      yield sleep(1);
      assert(!taker.done());
      yield lock.acquire();
      items.push("item");
      condition.notify();
      lock.release();
      assertEquals(yield taker, "item");
    }));
  });

  it("is held after a wait by what held it before", async () => {
    await runVirtual(async () => {
      const condition = new Condition();
      const waiter = createTask(async () => {
        using _ = await condition.acquire();
        await condition.wait();
        assertEquals(condition.locked(), true);
      });
      await sleep(1);
      {
        using _ = await condition.acquire();
        condition.notify();
      }
      await waiter;
      assertEquals(condition.locked(), false);
    });
  });

  it("refuses to wait or notify when nobody holds the lock", async () => {
    const condition = new Condition();
    assertThrows(
      () => condition.notify(),
      RuntimeError,
      "Cannot notify <Condition unlocked>: it is not acquired",
    );
    assertThrows(() => condition.notifyAll(), RuntimeError, "not acquired");
    assertThrows(() => condition.release(), RuntimeError, "not acquired");
    await assertRejects(
      () => runVirtual(() => condition.wait()),
      RuntimeError,
      "Cannot wait for <Condition unlocked>: it is not acquired",
    );
  });

  it("refuses what is no lock, no number, and a predicate that gives a promise", async () => {
    assertThrows(
      () => new Condition("lock" as unknown as Lock),
      TypeError,
      "Cannot make a Condition as 'lock' must be a Lock: current value is 'lock'",
    );
    await runVirtual(async () => {
      const condition = new Condition();
      using _ = await condition.acquire();
      assertThrows(
        () => condition.notify(NaN),
        ValueError,
        "Cannot notify as 'count' must be a number: current value is NaN",
      );
      await assertRejects(
        async () => await condition.waitFor(() => Promise.resolve(false)),
        TypeError,
        "'predicate' must give its answer at once",
      );
    });
  });

  it("keeps the latest of several cancellations", async () => {
    await runVirtual(async () => {
      const condition = new Condition();
      const waiter = createTask(() => condition.withLock(() => condition.wait()));
      await sleep(0);
      await condition.acquire();
      waiter.cancel("first");
      await sleep(1);
      waiter.cancel("second");
      await sleep(1);
      condition.release();
      await assertRejects(async () => await waiter, CancelledError, "second");
    });
  });

  it("tells that it is bound to a different loop", async () => {
    const condition = new Condition();
    const wait = async () => {
      const waiter = createTask(() => condition.withLock(() => condition.wait()));
      await sleep(1);
      await condition.withLock(async () => {
        condition.notify();
        await sleep(0);
      });
      await waiter;
    };
    await runVirtual(wait);
    await assertRejects(
      () => runVirtual(wait),
      RuntimeError,
      "it is bound to a different event loop",
    );
  });
});
