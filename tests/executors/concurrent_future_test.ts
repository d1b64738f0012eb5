import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CancelledError, InvalidStateError, TimeoutError, ValueError } from "../../errors.ts";
import {
  asCompleted,
  ConcurrentFuture,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  InlineExecutor,
  wait,
} from "../../executors/mod.ts";

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

describe("wait() and asCompleted()", () => {
  it("take a cancelled future for done when its executor knows, as in Python", async () => {
    const cancelled = new ConcurrentFuture<number>();
    const cancelledLater = new ConcurrentFuture<number>();
    const both = [cancelled, cancelledLater];
    cancelled.cancel();
    const early = await wait(both, { timeout: 5, returnWhen: FIRST_COMPLETED });
    assertEquals(early, [new Set(), new Set(both)]);
    const seen: unknown[] = [];
    const iterated = (async () => {
      for await (const future of asCompleted(both)) seen.push(future);
    })();
    const all = wait(both);
    cancelledLater.cancel();
    await new Promise((resolve) => setTimeout(resolve, 5));
    assertEquals(seen, []);
    assertEquals([cancelledLater, cancelled].map((f) => f.setRunningOrNotifyCancel()), [
      false,
      false,
    ]);
    assertEquals(await all, [new Set(both), new Set()]);
    await iterated;
    assert(seen[0] === cancelledLater && seen[1] === cancelled);
  });

  it("take a cancelled call of a pool for done at once", async () => {
    await using pool = new InlineExecutor();
    const call = pool.submit((n: number) => n, 1);
    call.cancel();
    assertEquals(await wait([call]), [new Set([call]), new Set()]);
  });

  it("know an error whatever it is", async () => {
    const [failed, pending] = [new ConcurrentFuture<number>(), new ConcurrentFuture<number>()];
    failed.setException(null);
    const [done] = await wait([failed, pending], { returnWhen: FIRST_EXCEPTION });
    assertEquals(done, new Set([failed]));
  });

  it("take a time that no timer can for none", async () => {
    const future = new ConcurrentFuture<number>();
    setTimeout(() => future.setResult(1), 5);
    const next = asCompleted([future], { timeout: 2 ** 40 }).next();
    const [done] = await wait([future], { timeout: 2 ** 40 });
    assertEquals([done.size, (await next).done], [1, false]);
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
    await assertRejects(async () => {
      for await (const _ of asCompleted([b], { timeout: 1 }));
    }, TimeoutError);
    assertEquals(b._listeners, null);
  });
});
