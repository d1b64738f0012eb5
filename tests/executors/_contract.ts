/** What every executor does, whichever kind and runtime. */

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CancelledError, InvalidStateError, RuntimeError, TimeoutError } from "../../errors.ts";
import {
  asCompleted,
  type ConcurrentFuture,
  type Executor,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  registerError,
  SerializationError,
  transfer,
  wait,
  workerModule,
} from "../../executors/mod.ts";
import { jobs } from "./_contract_jobs.ts";
import { QuotaError } from "./jobs.ts";

registerError(QuotaError);

/** What an executor can. */
export interface Capabilities {
  /** Runs several calls at once. */
  parallel: boolean;
  /** Shares memory with its workers. */
  shared: boolean;
  /** Detaches what is transferred. */
  transfers: boolean;
  /** Can end a job that doesn't heed its signal. */
  kills: boolean;
}

const outer = 1;

/** Runs the suite. */
export function contract(
  name: string,
  make: (options?: { maxWorkers?: number }) => Executor,
  can: Capabilities,
): void {
  const one = (): Executor => make({ maxWorkers: 1 });

  describe(`${name}: submit()`, () => {
    it("calls a function of a module", async () => {
      await using pool = make();
      assertEquals(await pool.submit(jobs.add, 1, 2), 3);
    });

    it("calls a function that closes over nothing", async () => {
      await using pool = make();
      assertEquals(await pool.submit((a: number, b: string) => [a, b], 1, "x"), [1, "x"]);
      assertEquals(
        await pool.submit(async function fact(n: number): Promise<number> {
          return n < 2 ? 1 : n * (await fact(n - 1));
        }, 5),
        120,
      );
    });

    it("passes any number of arguments", async () => {
      await using pool = one();
      const count = (...args: unknown[]): number => args.length;
      const counts = await Promise.all([
        pool.submit(count),
        pool.submit(count, 1),
        pool.submit(count, 1, 2),
        pool.submit(count, 1, 2, 3),
        pool.submit(count, 1, 2, 3, 4),
      ]);
      assertEquals(counts, [0, 1, 2, 3, 4]);
    });

    it("copies arguments and results of every kind", async () => {
      await using pool = one();
      const values = [
        undefined,
        null,
        true,
        -0,
        NaN,
        Infinity,
        12n,
        "text",
        "\u0000u",
        "\ud800",
        new Date(5),
        /x/gi,
        [1, [2, { a: [] }]],
        { nested: { deep: [undefined, null] } },
        new Map<unknown, unknown>([[1, { a: new Set([2n]) }]]),
        new Uint8Array([1, 2, 3]),
        new Float64Array([0.5, -0]),
        new Uint8Array([9, 8]).buffer,
      ];
      const copies = await Promise.all(values.map((value) => pool.submit(jobs.identity, value)));
      assertEquals(copies, values);
      assert(Object.is(copies[3], -0));
      const list = [1];
      assertEquals(await pool.submit(jobs.mutate, list), [1, 0]);
      assertEquals(list, [1]);
    });

    it("keeps the results of many calls with their calls", async () => {
      await using pool = make({ maxWorkers: 2 });
      const futures = Array.from(
        { length: 3000 },
        (_, i) => i % 3 === 0 ? pool.submit(jobs.add, i, 1) : pool.submit(jobs.identity, i),
      );
      const results = await Promise.all<unknown>(futures);
      results.forEach((result, i) => assertEquals(result, i % 3 === 0 ? i + 1 : i));
    });

    it("keeps a module's state in its worker", async () => {
      await using pool = one();
      await pool.submit(jobs.setCalls, 40);
      assertEquals(await pool.submit(jobs.countCalls), 41);
      assertEquals(await pool.submit(jobs.countCalls), 42);
    });

    it("throws after shutdown", async () => {
      const pool = make();
      await pool.shutdown();
      assertThrows(() => pool.submit(jobs.add, 1, 2), RuntimeError, "it takes no more work");
    });

    it("refuses what isn't a function, methods, classes and built-ins", async () => {
      await using pool = make();
      const object = {
        method(): number {
          return 1;
        },
      };
      const submit = (fn: unknown) => () => pool.submit(fn as () => void);
      assertThrows(submit(undefined), TypeError, "Cannot submit a value of type undefined");
      assertThrows(submit(object.method), TypeError, "Cannot submit 'method': it is a method");
      assertThrows(submit(class Thing {}), TypeError, "Cannot submit 'Thing': it is a class");
      assertThrows(submit(Math.max), TypeError, "it is built in or bound");
      assertThrows(submit((() => 1).bind(null)), TypeError, "it is built in or bound");
    });

    it("refuses a function that closes over something, and names it", async () => {
      await using pool = make();
      const closing = (n: number): number => n + outer;
      assertThrows(
        () => pool.submit(closing, 1),
        TypeError,
        "Cannot submit 'closing': it closes over 'outer'",
      );
    });

    it("rejects for a function that the module doesn't export", async () => {
      await using pool = one();
      const wrong = workerModule<{ nothing(): void; notAFunction(): void }>(
        new URL("./jobs.ts", import.meta.url),
      );
      await assertRejects(
        async () => await pool.submit(wrong.nothing),
        TypeError,
        "exports no such",
      );
      await assertRejects(async () => await pool.submit(wrong.notAFunction), TypeError, "add");
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });

    it("rejects for a module that doesn't exist, throws, or rejects at its top level", async () => {
      await using pool = one();
      const load = (path: string) => workerModule<{ f(): void }>(new URL(path, import.meta.url)).f;
      await assertRejects(async () => await pool.submit(load("./modules/missing.ts")), Error);
      await assertRejects(
        async () => await pool.submit(load("./modules/throws.ts")),
        RangeError,
        "no start today",
      );
      await assertRejects(
        async () => await pool.submit(load("./modules/rejects.ts")),
        TypeError,
        "top level",
      );
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });
  });

  describe(`${name}: errors`, () => {
    it("come back with class, message, own properties, cause and stack", async () => {
      await using pool = one();
      const error = await assertRejects(
        async () => await pool.submit(jobs.failWith, "too much"),
        QuotaError,
        "too much",
      ) as QuotaError;
      assertEquals([error.name, error.limit, error.where.user], ["QuotaError", 5, "ann"]);
      assertInstanceOf(error.cause, TypeError);
      assert(error.stack!.includes("failWith"), error.stack);
      if (can.parallel) assert(error.stack!.includes("_contract"), error.stack);
    });

    it("lead to who submitted a quick function, once it was seen to throw", async () => {
      await using pool = one();
      for (let i = 0; i < 50; i++) await pool.submit(jobs.failAbove, 1, 9);
      await assertRejects(async () => await pool.submit(jobs.failAbove, 10, 9), RangeError);
      const error = await assertRejects(async () => await pool.submit(jobs.failAbove, 10, 9));
      if (can.parallel) assert((error as Error).stack!.includes("_contract"));
    });

    it("come back as their nearest known class, under their own name", async () => {
      await using pool = one();
      const error = await assertRejects(
        async () => await pool.submit(jobs.failUnknown),
        RangeError,
        "nobody knows me",
      );
      assert(String(error.stack).includes("nobody knows me"));
    });

    it("come back from async functions, with the errors inside them, and as any value", async () => {
      await using pool = one();
      await assertRejects(
        async () => await pool.submit(jobs.rejectWith, "late"),
        RangeError,
        "late",
      );
      const both = await pool.submit(jobs.failMany).then(() => null, (error) => error);
      assertInstanceOf(both, AggregateError);
      assertInstanceOf(both.errors[0], RangeError);
      assertInstanceOf(both.errors[1], TypeError);
      const thrown = await pool.submit(jobs.throwValue, { code: 7 }).then(() => null, (e) => e);
      assertEquals(thrown, { code: 7 });
      const aborted = new DOMException("no", "AbortError");
      const error = await pool.submit(() => {
        throw new DOMException("no", "AbortError");
      }).then(() => null, (error) => error) as DOMException;
      assertEquals([error.name, error.message], [aborted.name, aborted.message]);
    });

    it("name the path of what can't be sent", async () => {
      await using pool = one();
      const good = pool.submit(jobs.add, 1, 2);
      const bad = pool.submit(jobs.identity, { deep: [1, { onDone() {} }] });
      const good2 = pool.submit(jobs.add, 2, 2);
      await assertRejects(
        async () => await bad,
        SerializationError,
        "Cannot send the arguments of 'identity': args[0].deep[1].onDone is a function",
      );
      await assertRejects(
        async () => await pool.submit(jobs.returnFunction),
        SerializationError,
        "result.list[1].onDone is a function",
      );
      await assertRejects(
        async () => await pool.submit(jobs.identity, Symbol("s")),
        SerializationError,
        "args[0] is a symbol",
      );
      assertEquals([await good, await good2], [3, 4]);
    });
  });

  describe(`${name}: futures`, () => {
    it("tell their state", async () => {
      await using pool = one();
      const first = pool.submit(jobs.sleep, 30, "a");
      const second = pool.submit(jobs.sleep, 1, "b");
      assertThrows(() => first.result(), InvalidStateError, "await it");
      assertThrows(() => first.exception(), InvalidStateError);
      assertEquals(second.done(), false);
      assertEquals(await first, "a");
      assertEquals([first.done(), first.running(), first.cancelled()], [true, false, false]);
      assertEquals([first.result(), first.exception()], ["a", null]);
      assertEquals(await second, "b");
      const failed = pool.submit(jobs.failWith, "x");
      await wait([failed]);
      assertInstanceOf(failed.exception(), QuotaError);
      assertThrows(() => failed.result(), QuotaError);
    });

    it("can be cancelled until they run", async () => {
      await using pool = one();
      const running = pool.submit(jobs.sleep, 50, 1);
      const waiting = pool.submit(jobs.sleep, 1, 2);
      while (!running.running()) await new Promise((resolve) => setTimeout(resolve, 1));
      assertEquals(running.cancel(), false);
      assertEquals(waiting.cancel(), true);
      assertEquals([waiting.cancelled(), waiting.done()], [true, true]);
      assertThrows(() => waiting.result(), CancelledError);
      await assertRejects(async () => await waiting, CancelledError);
      assertEquals(await running, 1);
      assertEquals(running.cancel(), false);
    });

    it("call back when they are done, or at once", async () => {
      await using pool = one();
      const seen: unknown[] = [];
      const future = pool.submit(jobs.add, 1, 2);
      const removed = (): void => void seen.push("removed");
      future.addDoneCallback((f) => seen.push(f.result()));
      future.addDoneCallback(removed);
      future.addDoneCallback((f) => seen.push(f === (future as ConcurrentFuture<unknown>)));
      future.removeDoneCallback(removed);
      await future;
      future.addDoneCallback(() => seen.push("at once"));
      assertEquals(seen, [3, true, "at once"]);
    });

    it("hand on what jobs report", async () => {
      await using pool = one();
      const seen: unknown[] = [];
      const future = pool.submit(jobs.progress);
      future.onProgress((value) => seen.push(value));
      assertEquals(await future, "end");
      assertEquals(seen, ["half", { done: true }]);
    });

    it("can be waited for together", async () => {
      await using pool = one();
      const quick = pool.submit(jobs.sleep, 1, 1);
      const failing = pool.submit(jobs.rejectWith, "x");
      const slow = pool.submit(jobs.sleep, 60, 1);
      const futures = [quick, failing, slow];
      const [first] = await wait(futures, { returnWhen: FIRST_COMPLETED });
      assertEquals([...first], [quick]);
      const [untilError, rest] = await wait(futures, { returnWhen: FIRST_EXCEPTION });
      assertEquals([untilError.size, rest.size], [2, 1]);
      const [, late] = await wait(futures, { timeout: 1 });
      assertEquals([...late], [slow]);
      const [all, none] = await wait(futures);
      assertEquals([all.size, none.size], [3, 0]);
      assertEquals((await wait([])).map((set) => set.size), [0, 0]);
    });

    it("come as they are completed", async () => {
      await using pool = one();
      const futures = [1, 2, 3].map((n) => pool.submit(jobs.sleep, 5, n));
      const last = futures[2]!;
      last.cancel();
      const order: unknown[] = [];
      for await (const future of asCompleted(futures)) {
        order.push(future.cancelled() ? "cancelled" : future.result());
      }
      assertEquals(order, ["cancelled", 1, 2]);
      const slow = pool.submit(jobs.sleep, 60, 1);
      await assertRejects(
        async () => {
          for await (const _ of asCompleted([slow], { timeout: 5 }));
        },
        TimeoutError,
        "1 (of 1) futures unfinished",
      );
      await slow;
    });
  });

  describe(`${name}: map()`, () => {
    it("gives results in order, in chunks too", async () => {
      await using pool = make({ maxWorkers: 2 });
      const expected = [1, 1, 2, 3, 5, 8, 13];
      const numbers = [1, 2, 3, 4, 5, 6, 7];
      assertEquals(await Array.fromAsync(pool.map(jobs.fib, numbers)), expected);
      for (const chunksize of [2, 3, 100]) {
        assertEquals(await Array.fromAsync(pool.map(jobs.fib, numbers, { chunksize })), expected);
      }
      assertEquals(await Array.fromAsync(pool.map(jobs.fib, [], { chunksize: 2 })), []);
    });

    it("ends with the shortest of its iterables", async () => {
      await using pool = make({ maxWorkers: 2 });
      const results = pool.map(jobs.add, [1, 2, 3], new Set([10, 20]));
      assertEquals(await Array.fromAsync(results), [11, 22]);
    });

    it("takes async iterables, and keeps to its buffer", async () => {
      await using pool = make({ maxWorkers: 2 });
      let taken = 0;
      async function* source(): AsyncGenerator<number> {
        while (true) {
          await null;
          yield taken++;
        }
      }
      const seen: number[] = [];
      for await (const n of pool.map(jobs.add, source(), source(), { buffersize: 3 })) {
        seen.push(n);
        assert(taken <= 2 * (seen.length + 4), `${taken} taken for ${seen.length}`);
        if (seen.length === 20) break;
      }
      assertEquals(seen.length, 20);
      let pulled = 0;
      function* numbers(): Generator<number> {
        while (true) yield pulled++;
      }
      const results = pool.map(jobs.fib, numbers(), { buffersize: 4 });
      assertEquals(pulled, 4);
      assertEquals((await results.next()).value, 0);
      assertEquals(pulled, 5);
      await results.return!();
    });

    it("throws a call's error where its result would be, and cancels the rest", async () => {
      await using pool = one();
      const results = pool.map((n: number) => {
        if (n === 2) throw new RangeError("two");
        return n;
      }, [1, 2, 3]);
      assertEquals((await results.next()).value, 1);
      await assertRejects(async () => await results.next(), RangeError, "two");
      assertEquals((await results.next()).done, true);
    });

    it("throws when its time is up, and for bad options", async () => {
      await using pool = one();
      const nap = async (ms: number): Promise<void> =>
        await new Promise((resolve) => setTimeout(resolve, ms));
      const results = pool.map(nap, [60, 60], { timeout: 10 });
      await assertRejects(async () => await results.next(), TimeoutError);
      assertThrows(() => pool.map(jobs.fib, [1], { chunksize: 0 }), RangeError, "chunksize");
      assertThrows(() => pool.map(jobs.fib, [1], { buffersize: 1.5 }), RangeError, "buffersize");
      assertThrows(() => pool.map(jobs.fib, 5 as unknown as number[]), TypeError, "isn't iterable");
    });

    it("throws the error of its source after the results before it", async () => {
      await using pool = one();
      function* source(): Generator<number> {
        yield 1;
        throw new RangeError("dry");
      }
      const results = pool.map(jobs.fib, source());
      assertEquals((await results.next()).value, 1);
      await assertRejects(async () => await results.next(), RangeError, "dry");
    });
  });

  describe(`${name}: generators`, () => {
    it("are iterated over from here", async () => {
      await using pool = one();
      const stream = await pool.submit(jobs.count, 100);
      const seen: number[] = [];
      let step = await stream.next();
      for (; !step.done; step = await stream.next()) seen.push(step.value);
      assertEquals([seen.length, seen[99], step.value], [100, 99, "counted"]);
      assertEquals((await stream.next()).done, true);
    });

    it("run ahead only so far, and end when they are left", async () => {
      await using pool = one();
      for await (const n of await pool.submit(jobs.produce)) {
        if (n === 3) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          break;
        }
        assert(n < 40);
      }
      assertEquals(await pool.submit(jobs.howMany), -1);
    });

    it("throw what they throw", async () => {
      await using pool = one();
      const seen: number[] = [];
      await assertRejects(
        async () => {
          for await (const n of await pool.submit(jobs.failAt, 2)) seen.push(n);
        },
        QuotaError,
        "enough",
      );
      assertEquals(seen, [0, 1]);
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });
  });

  describe(`${name}: stopping`, () => {
    it("abort() sets the signal of a job that runs, with its reason", async () => {
      await using pool = one();
      const future = pool.submit(jobs.untilAborted);
      while (!future.running()) await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, can.parallel ? 150 : 10));
      const reason = new RangeError("stop it");
      assertEquals(future.abort({ reason }), true);
      const error = await future.then(() => null, (error) => error);
      assert(error === reason, String(error));
      assertEquals(future.abort(), false);
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });

    it("abort() without a reason cancels, and lets a job end well", async () => {
      await using pool = one();
      const future = pool.submit(jobs.untilAborted);
      await pool.with({}).submit(jobs.add, 1, 1).abort();
      while (!future.running()) await new Promise((resolve) => setTimeout(resolve, 1));
      future.abort();
      await assertRejects(async () => await future, CancelledError);
      assertEquals(future.cancelled(), true);
      const tidy = pool.submit(jobs.tidyUp);
      while (!tidy.running()) await new Promise((resolve) => setTimeout(resolve, 1));
      tidy.abort({ killAfter: { seconds: 20 } });
      assertEquals(await tidy, "tidy");
      const waiting = pool.submit(jobs.add, 1, 1);
      assertEquals(waiting.abort(), true);
      assertEquals(waiting.cancelled(), true);
    });

    it("a signal aborts calls that wait and calls that run", async () => {
      await using pool = one();
      const controller = new AbortController();
      const view = pool.with({ signal: controller.signal });
      const running = view.submit(jobs.untilAborted);
      const waiting = view.submit(jobs.add, 1, 2);
      while (!running.running()) await new Promise((resolve) => setTimeout(resolve, 1));
      controller.abort(new RangeError("all of you"));
      await assertRejects(async () => await running, RangeError, "all of you");
      await assertRejects(async () => await waiting, RangeError, "all of you");
      await assertRejects(async () => await view.submit(jobs.add, 1, 2), RangeError, "all of you");
    });

    it("a timeout counts from when the call starts to run", async () => {
      await using pool = one();
      const before = pool.submit(jobs.sleep, 120, 0);
      const view = pool.with({ timeout: 100 });
      const good = view.submit(jobs.sleep, 1, "in time");
      const late = view.submit(jobs.untilAborted);
      assertEquals(await good, "in time");
      await assertRejects(async () => await late, TimeoutError, "it ran for 100 ms");
      await before;
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });
  });

  describe(`${name}: shutdown()`, () => {
    it("waits until all work is done", async () => {
      const pool = one();
      const futures = [10, 5, 1].map((ms) => pool.submit(jobs.sleep, ms, ms));
      await pool.shutdown();
      assertEquals(futures.map((future) => future.result()), [10, 5, 1]);
      await pool.shutdown();
    });

    it("without wait returns at once, and the work is done all the same", async () => {
      const pool = one();
      const future = pool.submit(jobs.sleep, 20, "done");
      await pool.shutdown({ wait: false });
      assertEquals(future.done(), false);
      assertEquals(await future, "done");
      await pool.shutdown();
    });

    it("can cancel what hasn't started", async () => {
      const pool = one();
      const running = pool.submit(jobs.sleep, 30, 1);
      while (!running.running()) await new Promise((resolve) => setTimeout(resolve, 1));
      const waiting = [pool.submit(jobs.add, 1, 1), pool.submit(jobs.add, 1, 1)];
      await pool.shutdown({ cancelFutures: true });
      assertEquals(running.result(), 1);
      assertEquals(waiting.map((future) => future.cancelled()), [true, true]);
    });

    it("ends a pool that never worked, or is only starting", async () => {
      await make().shutdown();
      const pool = one();
      const future = pool.submit(jobs.add, 1, 1);
      await pool.shutdown({ cancelFutures: true });
      assertEquals(future.cancelled(), true);
    });
  });

  describe(`${name}: transfer()`, () => {
    it("hands buffers over, both ways", async () => {
      await using pool = one();
      const bytes = new Uint8Array(1 << 16);
      assertEquals(await pool.submit(jobs.sizeOf, transfer(bytes, [bytes.buffer])), 1 << 16);
      if (can.transfers) assertEquals(bytes.byteLength, 0);
      const buffer = await pool.submit(jobs.giveBuffer, 4096);
      assertEquals(buffer.byteLength, 4096);
    });

    it("fails the call alone for a buffer that was handed over before", async () => {
      if (!can.transfers) return;
      await using pool = one();
      const bytes = new Uint8Array(8);
      const send = () => pool.submit(jobs.sizeOf, transfer(bytes, [bytes.buffer]));
      assertEquals(await send(), 8);
      await assertRejects(async () => await send(), SerializationError);
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });

    it("shares shared memory, or says that it can't", async () => {
      await using pool = one();
      const shared = new SharedArrayBuffer(4);
      if (can.shared) {
        await pool.submit(jobs.addShared, shared);
        assertEquals(new Int32Array(shared)[0], 1);
      } else {
        await assertRejects(
          async () => await pool.submit(jobs.addShared, shared),
          SerializationError,
          "args[0] is a SharedArrayBuffer",
        );
      }
    });
  });
}
