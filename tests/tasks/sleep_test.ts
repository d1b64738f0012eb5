import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CancelledError, createTask, getRunningLoop, sleep, ValueError } from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "./_kinds.ts";

describe("sleep()", () => {
  inBothKinds("waits for the time and gives the result", async (coro) => {
    const main = coro(function* () {
      const result = yield sleep(1500, "rested");
      return [result, getRunningLoop().time()];
    });
    assertEquals(await runVirtual(main), ["rested", 1500]);
  });

  inBothKinds("takes durations with units", async (coro) => {
    const main = coro(function* () {
      yield sleep({ minutes: 1, seconds: 5 });
      yield sleep({ milliseconds: 0.5 });
      return getRunningLoop().time();
    });
    assertEquals(await runVirtual(main), 65_000.5);
  });

  inBothKinds("of no or negative time lets the others run once", async (coro) => {
    const seen: string[] = [];
    const main = coro(function* () {
      for (const delay of [0, -5, { seconds: -1 }]) {
        createTask(coro(function* () {
          seen.push("other");
          yield sleep(0);
        }));
        seen.push("before");
        yield sleep(delay);
        seen.push("after");
      }
      return getRunningLoop().time();
    });
    assertEquals(await runVirtual(main), 0);
    assertEquals(seen, Array(3).fill(["before", "other", "after"]).flat());
  });

  inBothKinds("leaves no timer behind when it is cancelled", async (coro) => {
    await runVirtual(coro(function* () {
      const task = createTask(() => sleep(1000));
      yield sleep(1);
      task.cancel();
      yield sleep(0);
      yield sleep(0);
      assertEquals(task.cancelled(), true);
      assertEquals(getRunningLoop()._timers.pending, 0);
    }));
  });

  it("refuses NaN, and what is no duration", () => {
    assertThrows(
      () => sleep(NaN),
      ValueError,
      "Cannot wait as 'delay' must be a number: current value is NaN",
    );
    assertThrows(() => sleep({ seconds: NaN }), ValueError, "current value is NaN");
    for (const wrong of ["5", null, undefined, {}, { second: 5 }]) {
      assertThrows(() => sleep(wrong as never), TypeError, "Cannot wait as 'delay' must be");
    }
  });

  it("refuses to be awaited twice", async () => {
    await runVirtual(async () => {
      const nap = sleep(1);
      await nap;
      await assertRejects(
        async () => await nap,
        Error,
        "Cannot await <coroutine sleep()>: it was awaited already",
      );
      const again = sleep(1);
      await createTask(function* () {
        yield* again;
      });
      const task = createTask(function* () {
        yield* again;
      });
      await assertRejects(async () => await task, Error, "it was awaited already");
    });
  });

  it("starts nothing before it is awaited", async () => {
    await runVirtual(async () => {
      sleep(1000);
      assertEquals(getRunningLoop()._timers.pending, 0);
      await sleep(1);
      assertEquals(getRunningLoop().time(), 1);
    });
  });

  it("of Infinity waits until it is cancelled", async () => {
    const signal = new AbortController();
    const main = async () => {
      getRunningLoop().callLater(5, () => signal.abort("enough"));
      await sleep(Infinity);
    };
    await assertRejects(() => runVirtual(main, signal.signal), CancelledError, "enough");
  });
});
