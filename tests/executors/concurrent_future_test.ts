import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CancelledError, InvalidStateError, ValueError } from "../../errors.ts";
import { asCompleted, ConcurrentFuture, wait } from "../../executors/mod.ts";

describe("ConcurrentFuture", () => {
  it("is pending, then running, then finished", () => {
    const future = new ConcurrentFuture<number>();
    assertEquals(String(future), "<ConcurrentFuture pending>");
    assertEquals(future.setRunningOrNotifyCancel(), true);
    assertEquals([future.running(), future.done(), future.cancel()], [true, false, false]);
    assertEquals(String(future), "<ConcurrentFuture running>");
    future.setResult(1);
    assertEquals([future.running(), future.done(), future.result()], [false, true, 1]);
    assertEquals(String(future), "<ConcurrentFuture finished returned 1>");
  });

  it("refuses to be started or settled twice", () => {
    const future = new ConcurrentFuture<number>();
    future.setRunningOrNotifyCancel();
    assertThrows(() => future.setRunningOrNotifyCancel(), InvalidStateError, "it isn't pending");
    future.setException(new RangeError("x"));
    assertThrows(() => future.setResult(1), InvalidStateError, "it is done");
    assertThrows(() => future.setException(1), InvalidStateError, "raised RangeError: x");
  });

  it("is cancelled once, and doesn't start then", async () => {
    const future = new ConcurrentFuture<number>();
    assertEquals([future.cancel(), future.cancel()], [true, true]);
    assertEquals(future.setRunningOrNotifyCancel(), false);
    assertThrows(() => future.exception(), CancelledError);
    await assertRejects(async () => await future, CancelledError);
  });

  it("goes on when a callback throws, and reports it", () => {
    const future = new ConcurrentFuture<number>();
    const reported: unknown[] = [];
    const { error } = console;
    console.error = (...args: unknown[]) => void reported.push(args[1]);
    try {
      const seen: number[] = [];
      future.addDoneCallback(() => {
        throw new RangeError("mine");
      });
      future.addDoneCallback((future) => seen.push(future.result()));
      future.setResult(5);
      assertEquals(seen, [5]);
    } finally {
      console.error = error;
    }
    assertEquals(String(reported[0]), "RangeError: mine");
  });

  it("can be awaited often, before and after", async () => {
    const future = new ConcurrentFuture<number>();
    const before = [future.then((n) => n + 1), future.then()];
    future.setResult(1);
    assertEquals(await Promise.all([...before, future]), [2, 1, 1]);
  });

  it("gives what its handlers give, asked before or after", async () => {
    const future = new ConcurrentFuture<number>();
    const calls: string[] = [];
    const chained = future.then((n) => {
      calls.push("handler");
      return Promise.resolve(n * 2);
    });
    const early = chained.then((n) => n + 1);
    const failing = future.then((): number => {
      throw new RangeError("mine");
    });
    const caught = failing.then(null, (error) => error);
    future.setResult(5);
    calls.push("settled");
    assertEquals([await early, await chained], [11, 10]);
    assert(await caught instanceof RangeError);
    assertEquals(calls, ["settled", "handler"]);
  });

  it("hands an error on that a handler wasn't given for", async () => {
    const future = new ConcurrentFuture<number>();
    const chained = future.then((n) => n + 1);
    future.setException(new RangeError("mine"));
    await assertRejects(() => Promise.resolve(chained), RangeError, "mine");
  });

  it("fits where a future of unknowns is wanted", () => {
    const futures: ConcurrentFuture<unknown>[] = [new ConcurrentFuture<number>()];
    assertEquals(futures.length, 1);
  });
});

describe("wait()", () => {
  it("refuses an unknown returnWhen", () => {
    assertThrows(() => wait([], { returnWhen: "SOME" as never }), ValueError, "SOME");
  });

  it("doesn't keep its callbacks after a timeout", async () => {
    const future = new ConcurrentFuture<number>();
    await wait([future], { timeout: 0 });
    assertEquals(future._listeners, null);
  });
});

describe("asCompleted()", () => {
  it("yields each future once, and can be left", async () => {
    const a = new ConcurrentFuture<number>();
    const b = new ConcurrentFuture<number>();
    a.setResult(1);
    for await (const future of asCompleted([a, a, b])) {
      assert(future === (a as unknown));
      break;
    }
    assertEquals(b._listeners, null);
  });
});
