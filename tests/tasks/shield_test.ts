import { assert, assertEquals, assertRejects } from "@std/assert";
import { CancelledError, createTask, Future, shield, sleep } from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, reportsOf, runVirtual } from "./_kinds.ts";

describe("shield()", () => {
  inBothKinds("keeps a cancellation of the waiter from the work", async (coro) => {
    await runVirtual(coro(function* () {
      const work = createTask(() => sleep(10, "saved"));
      const waiter = createTask(coro(function* () {
        yield shield(work);
      }));
      yield sleep(1);
      waiter.cancel();
      yield sleep(1);
      assertEquals([waiter.cancelled(), work.done()], [true, false]);
      assertEquals(yield work, "saved");
    }));
  });

  inBothKinds("passes result, error and cancellation of the work on", async (coro) => {
    await runVirtual(coro(function* () {
      assertEquals(yield shield(sleep(1, "result")), "result");
      const seen: string[] = [];
      const broken = coro(function* () {
        yield sleep(1);
        throw new RangeError("broken");
      });
      const cancelled = createTask(() => sleep(100));
      createTask(coro(function* () {
        yield sleep(5);
        cancelled.cancel();
      }));
      for (const work of [broken, cancelled]) {
        try {
          yield shield(work);
        } catch (error) {
          seen.push((error as Error).name);
        }
      }
      assertEquals(seen, ["RangeError", "CancelledError"]);
    }));
  });

  it("gives the future itself when that is done", async () => {
    await runVirtual(async () => {
      const done = createTask(() => sleep(1));
      await done;
      assert(shield(done) === done as unknown);
    });
  });

  it("refuses what can't be awaited", async () => {
    await runVirtual(async () => {
      await assertRejects(async () => await shield(42 as never), TypeError, "Cannot await 42");
      await assertRejects(
        async () => {
          const outer = shield(sleep(5));
          outer.cancel("only the outer one");
          await outer;
        },
        CancelledError,
        "only the outer one",
      );
    });
  });

  it("that somebody else settles says so, as in Python", async () => {
    const reports = await reportsOf(async () => {
      for (const settle of ["setResult", "setException"] as const) {
        const inner = new Future<number>();
        const outer = shield(inner);
        inner[settle](1);
        outer.setResult(2);
        await sleep(1);
        assertEquals(outer.result(), 2);
      }
    });
    assertEquals(reports.map(({ exception }) => (exception as Error).name), [
      "InvalidStateError",
      "InvalidStateError",
    ]);
  });
});
