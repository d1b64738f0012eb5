import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CancelledError,
  ContextVar,
  coroutine,
  createTask,
  eagerTaskFactory,
  getRunningLoop,
  mapConcurrent,
  Queue,
  sleep,
  timeout,
  TimeoutError,
  ValueError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, reportsOf, runVirtual } from "../tasks/_kinds.ts";

/** What was begun and not ended. */
class Load {
  now = 0;
  most = 0;
  begun: number[] = [];
  ended: number[] = [];
  cancelled: number[] = [];

  enter(n: number): void {
    this.begun.push(n);
    this.most = Math.max(this.most, ++this.now);
  }

  leave(n: number, error?: unknown): void {
    this.now--;
    (error === undefined ? this.ended : this.cancelled).push(n);
  }
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("mapConcurrent()", () => {
  inBothKinds("gives results in order, and runs as many calls as allowed", async (coro) => {
    await runVirtual(coro(function* () {
      const load = new Load();
      const fn = coro(function* (n: number, index: number) {
        load.enter(n);
        yield sleep(10 - n);
        load.leave(n);
        return `${index}:${n}`;
      });
      const results = yield mapConcurrent(range(8), fn, { concurrency: 3 }).toArray();
      assertEquals(results, range(8).map((n) => `${n}:${n}`));
      assertEquals([load.most, load.now], [3, 0]);
    }));
  });

  inBothKinds("gives results as they come, if asked", async (coro) => {
    await runVirtual(coro(function* () {
      const fn = coro(function* (n: number) {
        yield sleep(n);
        return n;
      });
      const options = { concurrency: 3, ordered: false };
      assertEquals(yield mapConcurrent([5, 1, 3], fn, options).toArray(), [1, 3, 5]);
      const results = mapConcurrent([5, 1, 3], fn, options);
      const taken: unknown[] = [];
      for (;;) {
        const { done, value } = yield results.next();
        if (done) break;
        taken.push(value);
      }
      assertEquals(taken, [1, 3, 5]);
      assertEquals(yield results.next(), { done: true, value: undefined });
      assertEquals(yield results.return(), { done: true, value: undefined });
    }));
  });

  it("takes iterables, async iterables, queues and streams", async () => {
    await runVirtual(async () => {
      async function* count() {
        for (const n of range(5)) {
          await sleep(1);
          yield n;
        }
      }
      const double = async (n: number) => {
        await sleep(2);
        return 2 * n;
      };
      const expected = [0, 2, 4, 6, 8];
      const sources = [range(5), new Set(range(5)).values(), count(), Queue.from(count())];
      for (const source of [...sources, ReadableStream.from(range(5))]) {
        const results: number[] = [];
        for await (const result of mapConcurrent(source, double, { concurrency: 2 })) {
          results.push(result);
        }
        assertEquals(results, expected);
      }
      const twice = mapConcurrent(mapConcurrent(count(), double, { concurrency: 2 }), double, {
        concurrency: 2,
      });
      assertEquals(await twice.toArray(), expected.map((n) => 2 * n));
    });
  });

  it("takes functions of every kind", async () => {
    await runVirtual(async () => {
      const marked = coroutine(function* (n: number) {
        yield* sleep(1);
        return n;
      });
      function* generator(n: number) {
        yield* sleep(1);
        return n;
      }
      const kinds = [
        marked,
        generator,
        (n: number) => generator(n),
        (n: number) => sleep(1, n),
        (n: number) => createTask(() => sleep(1, n)),
        (n: number) => Promise.resolve(n),
      ];
      for (const fn of kinds) {
        assertEquals(await mapConcurrent(range(5), fn, { concurrency: 2 }).toArray(), range(5));
      }
    });
  });

  for (const ordered of [true, false]) {
    inBothKinds(`holds back when results aren't taken (ordered: ${ordered})`, async (coro) => {
      await runVirtual(coro(function* () {
        const load = new Load();
        const fn = coro(function* (n: number) {
          load.enter(n);
          try {
            yield sleep(1);
          } finally {
            load.leave(n);
          }
          return n;
        });
        let drawn = 0;
        function* endless() {
          for (;;) yield drawn++;
        }
        const results = mapConcurrent(endless(), fn, { concurrency: 3, ordered });
        assertEquals(yield results.next(), { done: false, value: 0 });
        yield sleep(50);
        assert(drawn <= 7, `${drawn} were drawn`);
        for (let n = 1; n < 50; n++) {
          const { value } = yield results.next();
          assertEquals(value, n);
        }
        assertEquals(load.most, 3);
        yield results.return();
        assertEquals(load.now, 0);
      }));
    });
  }

  inBothKinds("stops its source and cancels its calls on the first error", async (coro) => {
    const load = new Load();
    let closed = 0;
    await runVirtual(coro(function* () {
      function* source() {
        try {
          yield* range(100);
        } finally {
          closed++;
        }
      }
      const fn = coro(function* (n: number) {
        load.enter(n);
        try {
          yield sleep(n === 2 ? 5 : n < 2 ? 3 : 1000);
          if (n === 2) throw new TypeError("broken");
        } catch (error) {
          yield sleep(10); // a clean-up
          load.leave(n, error);
          throw error;
        }
        load.leave(n);
        return n;
      });
      const results = mapConcurrent(source(), fn, { concurrency: 3 });
      const taken: unknown[] = [];
      try {
        for (;;) taken.push((yield results.next()).value);
      } catch (error) {
        assert(error instanceof TypeError);
      }
      assertEquals(taken, [0, 1]);
      assertEquals([load.now, load.begun.length, load.cancelled.length], [0, 5, 3]);
      assertEquals(closed, 1);
      // 5 ms until the error, 10 of clean-up there; only then are the others cancelled.
      assertEquals(getRunningLoop().time(), 25);
      assertEquals(yield results.next(), { done: true, value: undefined });
    }));
  });

  it("closes its source and cancels its calls when its consumer leaves early", async () => {
    await runVirtual(async () => {
      const load = new Load();
      let closed = 0;
      async function* source() {
        try {
          for (const n of range(100)) {
            yield n;
            await sleep(1);
          }
        } finally {
          await sleep(1);
          closed++;
        }
      }
      const fn = async (n: number) => {
        load.enter(n);
        try {
          await sleep(5);
          load.leave(n);
        } catch (error) {
          load.leave(n, error);
          throw error;
        }
        return n;
      };
      for await (const result of mapConcurrent(source(), fn, { concurrency: 4 })) {
        if (result === 3) break;
      }
      assertEquals([load.now, closed], [0, 1]);
      assert(load.cancelled.length > 0);
      await assertRejects(
        async () => {
          for await (const _ of mapConcurrent(source(), fn, { concurrency: 4 })) {
            throw new TypeError("the consumer's");
          }
        },
        TypeError,
        "the consumer's",
      );
      assertEquals([load.now, closed], [0, 2]);
    });
  });

  inBothKinds("ends all when its consumer is cancelled", async (coro) => {
    await runVirtual(coro(function* () {
      const load = new Load();
      const fn = coro(function* (n: number) {
        load.enter(n);
        try {
          yield sleep(1000);
        } catch (error) {
          yield sleep(1);
          load.leave(n, error);
          throw error;
        }
      });
      const map = () => mapConcurrent(range(100), fn, { concurrency: 3 }).toArray();
      try {
        yield timeout(10, map);
        assert(false);
      } catch (error) {
        assert(error instanceof TimeoutError);
      }
      assertEquals([load.now, load.cancelled], [0, [0, 1, 2]]);
      const task = createTask(map);
      yield sleep(1);
      task.cancel("enough");
      yield sleep(0);
      task.cancel("at once");
      try {
        yield task;
      } catch (error) {
        assert(error instanceof CancelledError);
      }
      assertEquals(load.now, 0);
    }));
  });

  it("throws the error of its source, after the calls have ended", async () => {
    await runVirtual(async () => {
      const load = new Load();
      function* sync() {
        yield* range(3);
        throw new TypeError("broken");
      }
      async function* async() {
        yield* range(3);
        await sleep(1);
        throw new TypeError("broken");
      }
      const fn = async (n: number) => {
        load.enter(n);
        try {
          await sleep(5);
        } finally {
          load.leave(n);
        }
      };
      for (const source of [sync, async]) {
        const results = mapConcurrent<number, void>(source(), fn, { concurrency: 5 });
        await assertRejects(async () => await results.toArray(), TypeError, "broken");
        assertEquals(load.now, 0);
      }
    });
  });

  it("reports the errors that it can't throw", async () => {
    const reports = await reportsOf(async () => {
      const fn = async (n: number) => {
        try {
          await sleep(n === 0 ? 1 : 1000);
        } finally {
          // deno-lint-ignore no-unsafe-finally
          throw new TypeError(`error ${n}`);
        }
      };
      const map = () => mapConcurrent(range(3), fn, { concurrency: 3 });
      await assertRejects(async () => await map().toArray(), TypeError, "error 0");
      const forgotten = map();
      createTask(() => forgotten.next()).cancel();
      await Promise.allSettled([forgotten.next()]);
    });
    assertEquals(reports.map(({ exception }) => (exception as Error).message).toSorted(), [
      "error 1",
      "error 1",
      "error 2",
      "error 2",
    ]);
  });

  it("gives each call the caller's context", async () => {
    await runVirtual(async () => {
      const user = new ContextVar("user", { default: "nobody" });
      user.set("caller");
      const fn = async (n: number) => {
        const before = user.get();
        user.set(`call ${n}`);
        await sleep(1);
        return [before, user.get()];
      };
      const results = await mapConcurrent(range(5), fn, { concurrency: 2 }).toArray();
      assertEquals(results, range(5).map((n) => ["caller", `call ${n}`]));
      assertEquals(user.get(), "caller");
    });
  });

  it("starts nothing before it is asked for a result, and closes what it never started", async () => {
    await runVirtual(async () => {
      let [drawn, closed] = [0, 0];
      const source: Iterable<number> = {
        [Symbol.iterator]: () => ({
          next: () => ({ done: false, value: drawn++ }),
          return: () => {
            closed++;
            return { done: true, value: undefined };
          },
        }),
      };
      const results = mapConcurrent(source, (n) => sleep(1, n), { concurrency: 2 });
      await sleep(5);
      assertEquals(drawn, 0);
      await results.return();
      assertEquals([drawn, closed], [0, 1]);
      assertEquals(await results.next(), { done: true, value: undefined });
    });
  });

  inBothKinds("runs as many calls as allowed with eager tasks as well", async (coro) => {
    await runVirtual(coro(function* () {
      getRunningLoop().setTaskFactory(eagerTaskFactory);
      const load = new Load();
      const fn = coro(function* (n: number) {
        load.enter(n);
        yield sleep(1);
        load.leave(n);
        return n;
      });
      for (const concurrency of [3, 10_000]) {
        const count = concurrency * 2;
        const results = yield mapConcurrent(range(count), fn, { concurrency }).toArray();
        assertEquals(results, range(count));
        assertEquals(load.most, concurrency);
      }
      const queue = Queue.from(range(3));
      for (const n of range(3)) assertEquals(yield queue.get(), n);
    }));
  });

  it("has no limit with Infinity", async () => {
    await runVirtual(async () => {
      const load = new Load();
      const fn = async (n: number) => {
        load.enter(n);
        await sleep(100);
        load.leave(n);
      };
      await mapConcurrent(range(50), fn, { concurrency: Infinity }).toArray();
      assertEquals(load.most, 50);
    });
  });

  it("lets others run between calls that need no wait", async () => {
    await runVirtual(async () => {
      let turns = 0;
      const other = createTask(async () => {
        for (;;) {
          await sleep(0);
          turns++;
        }
      });
      const results = await mapConcurrent(range(1000), (n) => Promise.resolve(n), {
        concurrency: 4,
      }).toArray();
      assertEquals(results, range(1000));
      assert(turns >= 3, `there were ${turns} turns`);
      other.cancel();
    });
  });

  it("ends when its run ends", async () => {
    const load = new Load();
    await runVirtual(async () => {
      const fn = async (n: number) => {
        load.enter(n);
        try {
          await sleep(1000);
        } finally {
          load.leave(n);
        }
      };
      createTask(() => mapConcurrent(range(5), fn, { concurrency: 2 }).toArray());
      await sleep(10);
      // A worker that is made in the last turn, and never begins.
      createTask(() => mapConcurrent(range(5), fn, { concurrency: 2 }).toArray());
      await sleep(0);
    });
    assertEquals(load.now, 0);
  });

  it("refuses zero calls at a time, what is no function, and what can't be iterated", () => {
    const map = (source: unknown, fn: unknown, options: unknown) => () =>
      mapConcurrent(source as number[], fn as () => Promise<void>, options as { concurrency: 1 });
    const title = "Cannot map as 'concurrency' must be";
    const fn = () => sleep(1);
    for (const concurrency of [0, -1, NaN]) {
      assertThrows(
        map([], fn, { concurrency }),
        ValueError,
        `${title} >= 1: current value is ${concurrency}`,
      );
    }
    assertThrows(map([], fn, undefined), TypeError, `${title} a number: current value is undef`);
    assertThrows(
      map([], 5, { concurrency: 1 }),
      TypeError,
      "Cannot map as 'fn' must be a function: current value is 5",
    );
    assertThrows(
      map(sleep(1), fn, { concurrency: 1 }),
      TypeError,
      "Cannot map as 'source' must be an iterable, an async iterable or a ReadableStream",
    );
  });
});
