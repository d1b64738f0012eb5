import { assert, assertEquals, assertFalse, assertRejects, assertThrows } from "@std/assert";
import {
  BoundedSemaphore,
  createTask,
  gather,
  RuntimeError,
  Semaphore,
  sleep,
  ValueError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "../tasks/_kinds.ts";

describe("Semaphore", () => {
  inBothKinds("lets so many run at a time, in the order in which they came", async (coro) => {
    const started: number[] = [];
    let running = 0;
    let most = 0;
    await runVirtual(coro(function* () {
      const semaphore = new Semaphore(3);
      const job = coro(function* (n: number) {
        yield semaphore.acquire();
        started.push(n);
        most = Math.max(most, ++running);
        yield sleep(10 - n);
        running--;
        semaphore.release();
      });
      yield gather(Array.from({ length: 8 }, (_, n) => createTask(() => job(n))));
      assertEquals(String(semaphore), "<Semaphore unlocked value=3>");
    }));
    assertEquals(started, [0, 1, 2, 3, 4, 5, 6, 7]);
    assertEquals(most, 3);
  });

  inBothKinds("loses no permit if a waiter is cancelled as it is woken", async (coro) => {
    await runVirtual(coro(function* () {
      const semaphore = new Semaphore(0);
      const first = createTask(() => semaphore.acquire());
      const second = createTask(() => semaphore.acquire());
      yield sleep(0);
      assertEquals(String(semaphore), "<Semaphore locked waiters=2>");
      semaphore.release();
      first.cancel();
      yield second;
      assert(semaphore.locked());
      semaphore.release();
      assertEquals(String(semaphore), "<Semaphore unlocked value=1>");
    }));
  });

  inBothKinds("lets nobody go ahead of those who wait", async (coro) => {
    const seen: string[] = [];
    await runVirtual(coro(function* () {
      const semaphore = new Semaphore(0);
      const waiter = createTask(coro(function* () {
        yield semaphore.acquire();
        seen.push("waiter");
      }));
      yield sleep(0);
      semaphore.release();
      semaphore.release();
      assert(semaphore.locked());
      yield semaphore.acquire();
      seen.push("main");
      yield waiter;
    }));
    assertEquals(seen, ["waiter", "main"]);
  });

  it("is released by 'using' and by withLock", async () => {
    await runVirtual(async () => {
      const semaphore = new Semaphore(2);
      {
        using _a = await semaphore.acquire();
        await semaphore.withLock(async () => {
          assert(semaphore.locked());
          await sleep(1);
        });
        assertFalse(semaphore.locked());
      }
      assertEquals(String(semaphore), "<Semaphore unlocked value=2>");
    });
  });

  it("may start at zero, or have no limit", async () => {
    await runVirtual(async () => {
      const endless = new Semaphore(Infinity);
      for (let i = 0; i < 100; i++) await endless.acquire();
      assertFalse(endless.locked());
      assert(new Semaphore(0).locked());
    });
  });

  it("refuses to be below zero, and what is no whole number", () => {
    for (const Class of [Semaphore, BoundedSemaphore]) {
      const title = `Cannot make a ${Class.name} as 'value' must be`;
      assertThrows(() => new Class(-1), ValueError, `${title} >= 0: current value is -1`);
      assertThrows(() => new Class(NaN), ValueError, `${title} >= 0: current value is NaN`);
      assertThrows(() => new Class(1.5), ValueError, `${title} an integer: current value is 1.5`);
      assertThrows(
        () => new Class("1" as unknown as number),
        TypeError,
        `${title} a number: current value is '1'`,
      );
    }
  });

  it("tells that it is bound to a different loop", async () => {
    const semaphore = new Semaphore(1);
    const contend = async () => {
      await gather([1, 2].map(() => () => semaphore.withLock(() => sleep(1))));
    };
    await runVirtual(contend);
    await assertRejects(
      () => runVirtual(contend),
      RuntimeError,
      "Cannot wait for <Semaphore locked>: it is bound to a different event loop",
    );
  });
});

describe("BoundedSemaphore", () => {
  it("refuses to be released more often than it was acquired", async () => {
    await runVirtual(async () => {
      const semaphore = new BoundedSemaphore(1);
      const hold = await semaphore.acquire();
      hold.release();
      assertThrows(
        () => semaphore.release(),
        ValueError,
        "Cannot release <BoundedSemaphore unlocked value=1>: it was released more often",
      );
    });
  });
});
