import { assert, assertEquals, assertFalse, assertRejects, assertThrows } from "@std/assert";
import {
  CancelledError,
  createTask,
  gather,
  Lock,
  RuntimeError,
  sleep,
  timeout,
  TimeoutError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "../tasks/_kinds.ts";

describe("Lock", () => {
  inBothKinds("is had by one task at a time, in the order in which they came", async (coro) => {
    const seen: string[] = [];
    await runVirtual(coro(function* () {
      const lock = new Lock();
      const worker = coro(function* (name: string) {
        yield lock.acquire();
        seen.push(`${name} has it`);
        yield sleep(1);
        seen.push(`${name} gives it`);
        lock.release();
      });
      yield gather(["a", "b", "c"].map((name) => createTask(() => worker(name))));
      assertFalse(lock.locked());
    }));
    assertEquals(seen, ["a", "b", "c"].flatMap((name) => [`${name} has it`, `${name} gives it`]));
  });

  inBothKinds("takes no turn of the loop when it is free", async (coro) => {
    const seen: string[] = [];
    await runVirtual(coro(function* () {
      createTask(coro(function* () {
        seen.push("other");
        yield sleep(0);
      }));
      const lock = new Lock();
      for (let i = 0; i < 3; i++) {
        yield lock.acquire();
        lock.release();
      }
      seen.push("main");
      yield sleep(0);
    }));
    assertEquals(seen, ["main", "other"]);
  });

  inBothKinds("goes to the next if its first waiter is cancelled as it is woken", async (coro) => {
    await runVirtual(coro(function* () {
      const lock = new Lock();
      yield lock.acquire();
      const first = createTask(() => lock.acquire());
      const second = createTask(() => lock.acquire());
      yield sleep(0);
      lock.release();
      first.cancel();
      yield second;
      assert(first.cancelled());
      assert(lock.locked());
    }));
  });

  inBothKinds("is free again when all who wait are cancelled", async (coro) => {
    await runVirtual(coro(function* () {
      const lock = new Lock();
      yield lock.acquire();
      const waiting = [1, 2, 3].map(() => createTask(() => lock.acquire()));
      yield sleep(0);
      assertEquals(String(lock), "<Lock locked waiters=3>");
      for (const task of waiting) task.cancel();
      lock.release();
      // They haven't left yet, but nobody is to wait for them.
      yield lock.acquire();
      lock.release();
      yield gather(waiting, { returnExceptions: true });
      assertEquals(String(lock), "<Lock unlocked>");
    }));
  });

  it("is released by 'using', at the end of the block, also by an error", async () => {
    await runVirtual(async () => {
      const lock = new Lock();
      await assertRejects(
        async () => {
          using _ = await lock.acquire();
          assert(lock.locked());
          await sleep(1);
          throw new TypeError("oops");
        },
        TypeError,
        "oops",
      );
      assertFalse(lock.locked());
    });
  });

  it("is released by its hold once only", async () => {
    await runVirtual(async () => {
      const lock = new Lock();
      const first = await lock.acquire();
      first.release();
      using _second = await lock.acquire();
      first.release();
      first[Symbol.dispose]();
      assert(lock.locked());
    });
  });

  it("isn't released by a hold of a time before, when it is somebody else's", async () => {
    await runVirtual(async () => {
      const lock = new Lock();
      const mine = await lock.acquire();
      lock.release();
      const theirs = await lock.acquire();
      const stale = "Cannot release <Lock locked> by its Hold: it was released without it";
      assertThrows(() => mine.release(), RuntimeError, stale);
      assertEquals(lock.locked(), true);
      mine[Symbol.dispose](); // once only
      theirs.release();
      assertEquals(lock.locked(), false);
    });
  });

  inBothKinds("is released on every way out of withLock", async (coro) => {
    await runVirtual(coro(function* () {
      const lock = new Lock();
      const inside = coro(function* () {
        assert(lock.locked());
        yield sleep(1);
        return "result";
      });
      assertEquals(yield lock.withLock(inside), "result");
      assertFalse(lock.locked());
      const failing = coro(function* () {
        yield sleep(1);
        throw new TypeError("oops");
      });
      try {
        yield lock.withLock(failing);
      } catch (error) {
        assert(error instanceof TypeError);
      }
      assertFalse(lock.locked());
      try {
        yield timeout(5, () => lock.withLock(() => sleep(1000)));
      } catch (error) {
        assert(error instanceof TimeoutError);
      }
      assertFalse(lock.locked());
      const cancelled = createTask(() => lock.withLock(() => sleep(1000)));
      yield sleep(1);
      cancelled.cancel("enough");
      try {
        yield cancelled;
      } catch (error) {
        assert(error instanceof CancelledError);
      }
      assertFalse(lock.locked());
    }));
  });

  it("refuses to be released when nobody holds it", () => {
    assertThrows(
      () => new Lock().release(),
      RuntimeError,
      "Cannot release <Lock unlocked>: it is not acquired",
    );
  });

  it("tells that it is bound to a different loop", async () => {
    const lock = new Lock();
    const contend = async () => {
      const waiting = createTask(() => lock.withLock(() => sleep(1)));
      await lock.withLock(() => sleep(1));
      await waiting;
    };
    await runVirtual(contend);
    await assertRejects(
      () => runVirtual(contend),
      RuntimeError,
      "Cannot wait for <Lock locked>: it is bound to a different event loop",
    );
  });

  it("is named in the message about a deadlock", async () => {
    await assertRejects(
      () =>
        runVirtual(async () => {
          const lock = new Lock();
          await lock.acquire();
          await lock.acquire();
        }),
      Error,
      "wait_for=<Future pending of=<Lock locked waiters=1>",
    );
  });
});
