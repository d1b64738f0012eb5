import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CancelledError,
  createTask,
  currentTask,
  Future,
  getRunningLoop,
  run,
  sleep,
  TimeoutError,
  until,
  ValueError,
  waitFor,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "./_kinds.ts";

describe("waitFor()", () => {
  inBothKinds("gives the result that is there in time", async (coro) => {
    const work = coro(function* () {
      yield sleep(5);
      return "done";
    });
    const main = coro(function* () {
      const results = [yield waitFor(work, 10), yield waitFor(createTask(work), { seconds: 1 })];
      return [...results, yield waitFor(sleep(1, "unlimited"), null), getRunningLoop().time()];
    });
    assertEquals(await runVirtual(main), ["done", "done", "unlimited", 11]);
  });

  inBothKinds("returns only when the cancelled work has ended", async (coro) => {
    const seen: string[] = [];
    const work = coro(function* () {
      try {
        yield sleep(1000);
      } finally {
        yield sleep(50);
        seen.push(`clean at ${getRunningLoop().time()}`);
      }
    });
    for (const make of [() => work, () => createTask(work)]) {
      await runVirtual(coro(function* () {
        let caught: unknown;
        try {
          yield waitFor(make(), 10);
        } catch (error) {
          caught = error;
        }
        assert(caught instanceof TimeoutError);
        assert(caught.cause instanceof CancelledError);
        assertEquals(getRunningLoop().time(), 60);
        assertEquals(currentTask()!.cancelling(), 0);
      }));
    }
    assertEquals(seen, ["clean at 60", "clean at 60"]);
  });

  inBothKinds("gives the result of work that ignores the cancellation", async (coro) => {
    const main = coro(function* () {
      const stubborn = coro(function* () {
        try {
          yield sleep(1000);
        } catch {
          return "late, but there";
        }
      });
      return yield waitFor(stubborn, 10);
    });
    assertEquals(await runVirtual(main), "late, but there");
  });

  inBothKinds("loses no result that comes together with the end of the time", async (coro) => {
    const main = coro(function* () {
      const future = new Future<string>();
      // Its timer is older than the time limit's, so it goes first, in the same turn.
      getRunningLoop().callLater(10, () => future.setResult("just in time"));
      return yield waitFor(future, 10);
    });
    // As in CPython: the result was there, but the cancellation wins the await.
    const outcome = await runVirtual(main).catch((error) => error);
    assert(outcome === "just in time" || outcome instanceof TimeoutError);
  });

  inBothKinds("passes the error of the work on", async (coro) => {
    const main = coro(function* () {
      yield waitFor(
        coro(function* () {
          yield sleep(1);
          throw new RangeError("own");
        }),
        10,
      );
    });
    await assertRejects(() => runVirtual(main), RangeError, "own");
  });

  inBothKinds("cancels the work when the caller is cancelled", async (coro) => {
    await runVirtual(coro(function* () {
      const work = createTask(() => sleep(1000));
      const caller = createTask(coro(function* () {
        yield waitFor(work, 500);
      }));
      yield sleep(1);
      caller.cancel("outside");
      let caught: unknown;
      try {
        yield caller;
      } catch (error) {
        caught = error;
      }
      assert(caught instanceof CancelledError);
      assertEquals([work.cancelled(), caller.cancelled()], [true, true]);
    }));
  });

  inBothKinds("with no time left gives only what is done", async (coro) => {
    await runVirtual(coro(function* () {
      const done = new Future<string>();
      done.setResult("done");
      assertEquals(yield waitFor(done, 0), "done");
      for (const limit of [0, -1]) {
        const pending = createTask(() => sleep(1));
        let caught: unknown;
        try {
          yield waitFor(pending, limit);
        } catch (error) {
          caught = error;
        }
        assert(caught instanceof TimeoutError);
        assert(pending.cancelled());
      }
    }));
  });

  it("aborts a foreign promise through until()", async () => {
    let reason: unknown;
    const main = () =>
      waitFor(
        until((signal) =>
          new Promise<never>((_, reject) => {
            signal.addEventListener("abort", () => {
              reason = signal.reason;
              reject(signal.reason);
            });
          })
        ),
        5,
      );
    await assertRejects(() => run(async () => await main()), TimeoutError);
    assert(reason instanceof CancelledError);
  });

  it("refuses NaN at once", () => {
    assertThrows(() => waitFor(sleep(1), NaN), ValueError, "'limit' must be a number");
  });
});
