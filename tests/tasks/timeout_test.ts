import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CancelledError,
  createTask,
  currentTask,
  getRunningLoop,
  RuntimeError,
  sleep,
  type Timeout,
  timeout,
  timeoutAt,
  TimeoutError,
  ValueError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "./_kinds.ts";

describe("timeout()", () => {
  inBothKinds("gives the result of a body that ends in time", async (coro) => {
    const body = coro(function* (limit: Timeout) {
      assertEquals(limit.when(), 10);
      yield sleep(5);
      return "done";
    });
    const main = coro(function* () {
      const result = yield timeout(10, body);
      yield sleep(50);
      return [result, getRunningLoop().time()];
    });
    assertEquals(await runVirtual(main), ["done", 55]);
  });

  inBothKinds("cancels the body and throws a TimeoutError when it has ended", async (coro) => {
    const seen: string[] = [];
    await runVirtual(coro(function* () {
      const body = coro(function* () {
        try {
          yield sleep(1000);
        } catch (error) {
          seen.push((error as Error).name);
          throw error;
        } finally {
          yield sleep(20);
          seen.push("clean");
        }
      });
      let caught: unknown;
      try {
        yield timeout({ seconds: 0.01 }, body);
      } catch (error) {
        caught = error;
      }
      assert(caught instanceof TimeoutError);
      assert(caught.cause instanceof CancelledError);
      assertEquals(getRunningLoop().time(), 30);
      assertEquals(currentTask()!.cancelling(), 0);
    }));
    assertEquals(seen, ["CancelledError", "clean"]);
  });

  inBothKinds("takes a cancellation from outside for what it is", async (coro) => {
    await runVirtual(coro(function* () {
      const task = createTask(coro(function* () {
        yield timeout(10, () => sleep(1000));
      }));
      yield sleep(5);
      task.cancel("outside");
      let caught: unknown;
      try {
        yield task;
      } catch (error) {
        caught = error;
      }
      assert(caught instanceof CancelledError);
      assertEquals(caught.message, "outside");
    }));
  });

  inBothKinds("lets the innermost of two expire alone", async (coro) => {
    const main = coro(function* () {
      const inner = coro(function* () {
        try {
          yield timeout(10, () => sleep(1000));
        } catch (error) {
          assert(error instanceof TimeoutError);
          yield sleep(5);
          return `inner expired at ${getRunningLoop().time() - 5}`;
        }
      });
      return yield timeout(50, inner);
    });
    assertEquals(await runVirtual(main), "inner expired at 10");
  });

  inBothKinds("lets the outermost of two expire through the inner one", async (coro) => {
    await runVirtual(coro(function* () {
      let inner!: Timeout;
      const body = coro(function* () {
        yield timeout(50, (limit) => {
          inner = limit;
          return sleep(1000);
        });
      });
      let caught: unknown;
      try {
        yield timeout(10, body);
      } catch (error) {
        caught = error;
      }
      assert(caught instanceof TimeoutError);
      assertEquals([inner.expired(), getRunningLoop().time()], [false, 10]);
    }));
  });

  inBothKinds("can be given more time, or none", async (coro) => {
    await runVirtual(coro(function* () {
      const loop = getRunningLoop();
      let limit!: Timeout;
      yield timeout(
        10,
        coro(function* (given: Timeout) {
          limit = given;
          yield sleep(5);
          given.reschedule(loop.time() + 100);
          yield sleep(50);
          given.reschedule(null);
          assertEquals(given.when(), null);
          yield sleep(1000);
        }),
      );
      assertEquals(limit.expired(), false);
      assertThrows(
        () => limit.reschedule(0),
        RuntimeError,
        "Cannot reschedule a Timeout: it is finished",
      );
    }));
  });

  inBothKinds("that has passed expires at the first await", async (coro) => {
    for (const delay of [0, -10]) {
      const seen: string[] = [];
      const body = coro(function* () {
        seen.push("started");
        yield sleep(0);
        yield sleep(0);
        seen.push("never");
      });
      await assertRejects(
        () =>
          runVirtual(coro(function* () {
            yield timeout(delay, body);
          })),
        TimeoutError,
      );
      assertEquals(seen, ["started"]);
    }
  });

  inBothKinds("passes an error of the body on, even after it expired", async (coro) => {
    const main = coro(function* () {
      yield timeout(
        10,
        coro(function* () {
          try {
            yield sleep(1000);
          } catch {
            throw new RangeError("own");
          }
        }),
      );
    });
    await assertRejects(() => runVirtual(main), RangeError, "own");
  });

  inBothKinds("returns what a body that ignores it returns", async (coro) => {
    await runVirtual(coro(function* () {
      let limit!: Timeout;
      const result = yield timeout(
        10,
        coro(function* (given: Timeout) {
          limit = given;
          try {
            yield sleep(1000);
          } catch {
            return "stubborn";
          }
        }),
      );
      assertEquals([result, limit.expired()], ["stubborn", true]);
      assertEquals(currentTask()!.cancelling(), 0);
    }));
  });

  it("without a limit never expires", async () => {
    assertEquals(await runVirtual(() => timeout(null, () => sleep(1e9, "done"))), "done");
  });

  it("leaves no timer behind", async () => {
    await runVirtual(async () => {
      await timeout(1000, () => sleep(1));
      assertEquals(getRunningLoop()._timers.pending, 0);
    });
  });

  it("refuses NaN at once, and to run outside of a task", async () => {
    assertThrows(() => timeout(NaN, () => sleep(1)), ValueError, "'delay' must be a number");
    assertThrows(() => timeoutAt(NaN, () => sleep(1)), ValueError, "'when' must be a number");
    await runVirtual(async () => {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      getRunningLoop().callSoon(() => {
        try {
          timeout(1, () => sleep(1)).next();
        } catch (error) {
          resolve(error);
        }
      });
      const error = await promise as Error;
      assertEquals(
        error.message,
        "Cannot use timeout() in a callback: it should be used inside a task",
      );
    });
  });
});

describe("timeoutAt()", () => {
  inBothKinds("expires at a time of the loop's clock", async (coro) => {
    await runVirtual(coro(function* () {
      yield sleep(100);
      let caught: unknown;
      try {
        yield timeoutAt(150, () => sleep(1000));
      } catch (error) {
        caught = error;
      }
      assert(caught instanceof TimeoutError);
      assertEquals(getRunningLoop().time(), 150);
    }));
  });
});

describe("Timeout", () => {
  it("shows its state", async () => {
    await runVirtual(async () => {
      let limit!: Timeout;
      await timeout(10, async (given) => {
        limit = given;
        assertEquals(String(given), "<Timeout [active] when=10>");
        await sleep(1);
      });
      assertEquals(String(limit), "<Timeout [finished]>");
      await timeout(10, async (given) => {
        limit = given;
        await sleep(100);
      }).then(null, () => {});
      assertEquals(String(limit), "<Timeout [expired]>");
    });
  });
});
