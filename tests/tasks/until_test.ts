// deno-lint-ignore-file require-await

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  CancelledError,
  createTask,
  currentTask,
  Future,
  run,
  sleep,
  timeout,
  TimeoutError,
  until,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, reportsOf, runVirtual } from "./_kinds.ts";

/** A promise that obeys a signal, as fetch does. */
function obeying(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

describe("until()", () => {
  inBothKinds("waits for a promise", async (coro) => {
    const main = coro(function* () {
      const later = new Promise((resolve) => setTimeout(() => resolve("later"), 1));
      return [yield until(Promise.resolve("now")), yield until(later)];
    });
    assertEquals(await runVirtual(main), ["now", "later"]);
  });

  inBothKinds("throws what the promise rejects with", async (coro) => {
    const main = coro(function* () {
      yield until(Promise.reject(new RangeError("far")));
    });
    await assertRejects(() => runVirtual(main), RangeError, "far");
  });

  inBothKinds("aborts its signal when the task is cancelled", async (coro) => {
    let signal: AbortSignal | undefined;
    await run(coro(function* () {
      const task = createTask(coro(function* () {
        yield until((given) => obeying(signal = given));
      }));
      yield sleep(1);
      task.cancel("stop");
      assertEquals(signal!.aborted, true);
      assert(signal!.reason instanceof CancelledError);
      assertEquals(signal!.reason.message, "stop");
      let caught: unknown;
      try {
        yield task;
      } catch (error) {
        caught = error;
      }
      assert(caught instanceof CancelledError);
    }));
  });

  inBothKinds("aborts its signal when a time limit passes", async (coro) => {
    let signal: AbortSignal | undefined;
    const main = coro(function* () {
      yield timeout(5, () => until((given) => obeying(signal = given)));
    });
    await assertRejects(() => run(main), TimeoutError);
    assertEquals(signal!.aborted, true);
  });

  it("calls its function at once, as the current task", async () => {
    await runVirtual(async () => {
      const own = currentTask();
      let seen: unknown;
      const future = until(async () => {
        seen = currentTask();
        return 1;
      });
      assertStrictEquals(seen, own);
      assertEquals(await future, 1);
    });
  });

  it("cancelled, leaves a promise without a signal to itself", async () => {
    await run(async () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const future = until(promise);
      assertEquals(future.cancel(), true);
      await assertRejects(async () => await future, CancelledError);
      resolve("unseen");
      await sleep(1);
      assertEquals(future.cancelled(), true);
    });
  });

  it("reports an error that comes after it was cancelled, for another reason", async () => {
    const reports = await reportsOf(async () => {
      const { promise, reject } = Promise.withResolvers<string>();
      until(promise).cancel();
      reject(new RangeError("late"));
      await sleep(1);
      until(obeying).cancel(); // rejects with the reason that it was given
      await sleep(1);
    });
    assertEquals(reports.map(({ exception }) => (exception as Error).message), ["late"]);
  });

  it("is cancelled when the promise rejects with a CancelledError", async () => {
    await runVirtual(async () => {
      const future = until(Promise.reject(new CancelledError("from there")));
      await assertRejects(async () => await future, CancelledError, "from there");
      assertEquals(future.cancelled(), true);
    });
  });

  it("gives futures back as they are, and makes tasks of coroutines", async () => {
    await runVirtual(async () => {
      const future = new Future<number>();
      assert(until(future) === future);
      assertEquals(await until(sleep(1, "slept")), "slept");
    });
  });

  it("refuses what is no promise", async () => {
    await runVirtual(async () => {
      for (const wrong of [42, null, () => 42]) {
        assertThrows(
          () => until(wrong as never),
          TypeError,
          "Cannot wait until 'source' settles as it must be a promise or a function that gives one",
        );
      }
      await sleep(0);
    });
  });

  it("throws what its function throws", async () => {
    await runVirtual(async () => {
      const broken = () => {
        throw new RangeError("at once");
      };
      assertThrows(() => until(broken), RangeError, "at once");
      await sleep(0);
    });
  });
});
