import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CancelledError,
  createTask,
  ensureFuture,
  Future,
  getRunningLoop,
  InvalidStateError,
  RuntimeError,
  sleep,
  ValueError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, reportsOf, runVirtual } from "./_kinds.ts";
import { virtualTime } from "@aio/asyncio/testing";

describe("Future", () => {
  inBothKinds("gives its result to each who awaits it, in order", async (coro) => {
    const seen: string[] = [];
    const main = coro(function* () {
      const future = new Future<number>();
      const waiter = (name: string) => () => awaiting(name, future);
      const awaiting = coro(function* (name: string, future: Future<number>) {
        seen.push(`${name} ${yield future}`);
      });
      for (const name of ["a", "b", "c"]) createTask(waiter(name));
      yield sleep(1);
      future.setResult(7);
      assertEquals(seen, []);
      yield sleep(0);
      assertEquals(seen, ["a 7", "b 7", "c 7"]);
      return yield future;
    });
    assertEquals(await runVirtual(main), 7);
  });

  inBothKinds("throws its error at each await", async (coro) => {
    const main = coro(function* () {
      const future = new Future<number>();
      future.setException(new RangeError("far"));
      for (const _ of [1, 2]) {
        let caught: unknown;
        try {
          yield future;
        } catch (error) {
          caught = error;
        }
        assert(caught instanceof RangeError);
      }
      return future.exception();
    });
    assert(await runVirtual(main) instanceof RangeError);
  });

  inBothKinds("throws a CancelledError with the message when it was cancelled", async (coro) => {
    const main = coro(function* () {
      const future = new Future<number>();
      getRunningLoop().callLater(5, () => assert(future.cancel("why")));
      yield future;
    });
    const error = await assertRejects(() => runVirtual(main), CancelledError, "why");
    assertEquals(error.name, "CancelledError");
  });

  it("knows its state", async () => {
    await runVirtual(async () => {
      const [pending, done, failed, cancelled] = Array.from({ length: 4 }, () => new Future());
      done!.setResult(1);
      failed!.setException(new TypeError("x"));
      cancelled!.cancel();
      assertEquals([pending, done, failed, cancelled].map((f) => f!.done()), [
        false,
        true,
        true,
        true,
      ]);
      assertEquals([pending, done, failed, cancelled].map((f) => f!.cancelled()), [
        false,
        false,
        false,
        true,
      ]);
      assertEquals(done!.result(), 1);
      assertEquals(done!.exception(), null);
      assertThrows(() => failed!.result(), TypeError, "x");
      assert(failed!.exception() instanceof TypeError);
      assertThrows(() => cancelled!.result(), CancelledError);
      assertThrows(() => cancelled!.exception(), CancelledError);
      await sleep(0);
    });
  });

  it("refuses to tell its outcome while it is pending", () => {
    const future = new Future({ loop: virtualTime() });
    assertThrows(
      () => future.result(),
      InvalidStateError,
      "Cannot get the result of <Future pending>: it is not done",
    );
    assertThrows(
      () => future.exception(),
      InvalidStateError,
      "Cannot get the exception of <Future pending>: it is not done",
    );
  });

  it("refuses a second outcome", () => {
    const future = new Future<number>({ loop: virtualTime() });
    future.setResult(1);
    assertThrows(
      () => future.setResult(2),
      InvalidStateError,
      "Cannot set the result of <Future finished result=1>: it is done already",
    );
    assertThrows(
      () => future.setException(new Error("x")),
      InvalidStateError,
      "Cannot set the exception of <Future finished result=1>: it is done already",
    );
    assertEquals(future.cancel(), false);
    assertEquals(future.result(), 1);
  });

  it("makes an error of a class that it is given as its exception", () => {
    const future = new Future({ loop: virtualTime() });
    future.setException(TypeError);
    assert(future.exception() instanceof TypeError);
  });

  it("keeps an exception that is no Error as it is", async () => {
    await runVirtual(async () => {
      const future = new Future();
      future.setException("only text");
      const thrown = await future.then(() => "nothing", (reason) => reason);
      assertEquals(thrown, "only text");
    });
  });

  it("can be awaited outside of every task", async () => {
    const loop = virtualTime();
    const future = new Future<string>({ loop });
    const outside = (async () => await future)();
    loop.callLater(10, () => future.setResult("there"));
    loop.callLater(20, () => loop.stop());
    await loop.runForever();
    loop.close();
    assertEquals(await outside, "there");
  });

  it("rejects whoever awaits it outside when its loop is closed", async () => {
    const loop = virtualTime();
    const future = new Future({ loop });
    loop.close();
    await assertRejects(async () => await future, RuntimeError, "its event loop is closed");
  });

  it("refuses to be awaited in a task of another loop", async () => {
    const foreign = new Future({ loop: virtualTime() });
    for (
      const main of [async () => void await foreign, function* () {
        yield* foreign;
      }]
    ) {
      await assertRejects(() => runVirtual(main), RuntimeError, "attached to a different loop");
    }
  });

  it("chains with then() as a promise does", async () => {
    await runVirtual(async () => {
      const future = new Future<number>();
      const chained = future.then((value) => value + 1).then((value) => value * 10);
      getRunningLoop().callSoon(() => future.setResult(1));
      assertEquals(await chained, 20);
      const failed = new Future<number>();
      failed.setException(new RangeError("x"));
      assertEquals(await failed.then(null, (error) => (error as Error).message), "x");
    });
  });

  it("can be one of several in Promise.all()", async () => {
    await runVirtual(async () => {
      const future = new Future<number>();
      getRunningLoop().callLater(5, () => future.setResult(1));
      assertEquals(await Promise.all([future, sleep(10, "b")]), [1, "b"]);
      assertEquals(getRunningLoop().time(), 10);
    });
  });
});

describe("Future.addDoneCallback()", () => {
  it("calls back in the next turn, in order, with the future", async () => {
    await runVirtual(async () => {
      const future = new Future<number>();
      const calls: unknown[] = [];
      future.addDoneCallback((done) => calls.push(["a", done === future]));
      future.addDoneCallback(() => calls.push("b"));
      future.setResult(1);
      future.addDoneCallback(() => calls.push("late"));
      assertEquals(calls, []);
      await sleep(0);
      assertEquals(calls, [["a", true], "b", "late"]);
    });
  });

  it("reports an error that leaves a callback, and goes on with the others", async () => {
    const calls: string[] = [];
    const [report, ...more] = await reportsOf(async () => {
      const future = new Future<void>();
      future.addDoneCallback(function broken() {
        throw new RangeError("broken");
      });
      future.addDoneCallback(() => calls.push("b"));
      future.setResult();
      await sleep(0);
    });
    assertEquals(calls, ["b"]);
    assertEquals(more, []);
    assertEquals(report!.message, "Exception in callback broken()");
    assert(report!.exception instanceof RangeError);
  });

  it("removeDoneCallback() takes all registrations of a callback back", async () => {
    await runVirtual(async () => {
      const future = new Future<void>();
      const calls: string[] = [];
      const one = () => calls.push("one");
      const two = () => calls.push("two");
      for (const callback of [one, two, one]) future.addDoneCallback(callback);
      assertEquals(future.removeDoneCallback(one), 2);
      assertEquals(future.removeDoneCallback(one), 0);
      future.setResult();
      await sleep(0);
      assertEquals(calls, ["two"]);
    });
  });
});

describe("new Future()", () => {
  it("belongs to the loop that it is given", () => {
    const loop = virtualTime();
    assertEquals(new Future({ loop }).getLoop(), loop);
  });

  it("belongs to the running loop otherwise", async () => {
    await runVirtual(async () => {
      await sleep(1);
      assertEquals(new Future().getLoop(), getRunningLoop());
      assertEquals(getRunningLoop().createFuture().getLoop(), getRunningLoop());
    });
  });

  it("of another loop is refused by ensureFuture() with a ValueError", () => {
    const future = new Future({ loop: virtualTime() });
    assertThrows(
      () => ensureFuture(future, { loop: virtualTime() }),
      ValueError,
      "Cannot take <Future pending>: it belongs to a different loop",
    );
  });
});
