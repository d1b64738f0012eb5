/** What travels arrives as it was, on its own, and what can't travel fails its own call. */

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CancelledError, RuntimeError, TimeoutError } from "../../errors.ts";
import {
  ProcessPoolExecutor,
  SerializationError,
  ThreadPoolExecutor,
  transfer,
} from "../../executors/mod.ts";
import { jobs } from "./_contract_jobs.ts";

// deno-lint-ignore no-explicit-any -- whatever a job may throw or return
type Any = any;

const thrownBy = async (call: PromiseLike<unknown>): Promise<Any> =>
  await call.then(() => assert(false, "it returned"), (error) => error);

for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  const one = (): ThreadPoolExecutor | ProcessPoolExecutor => new Pool({ maxWorkers: 1 });

  describe(`${Pool.name}: a call that can't be sent`, () => {
    it("leaves those behind it alone, and the shutdown", async () => {
      const pool = one();
      const slow = async (value: unknown): Promise<unknown> => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        return value;
      };
      const bad = () => 1;
      const calls = [1, bad, 3, bad, bad, 6].map((value) => pool.submit(slow, value));
      await Promise.allSettled(calls);
      assertEquals(
        calls.map((call) => call.exception() === null ? call.result() : "refused"),
        [1, "refused", 3, "refused", "refused", 6],
      );
      const last = pool.submit(slow, bad);
      await pool.shutdown();
      assertInstanceOf(last.exception(), SerializationError);
      assertEquals(pool.stats().failed, 4);
    });

    it("may be the first of a pool, or one of many", async () => {
      await using pool = one();
      // Known to be quick, so that they travel together.
      for (let i = 0; i < 40; i++) await pool.submit(jobs.identity, i);
      const calls = Array.from(
        { length: 100 },
        (_, i) => pool.submit(jobs.identity, i % 7 === 3 ? Symbol("s") : i),
      );
      await Promise.allSettled(calls);
      calls.forEach((call, i) => {
        if (i % 7 === 3) assertInstanceOf(call.exception(), SerializationError);
        else assertEquals(call.result(), i);
      });
      await using fresh = one();
      await assertRejects(async () => await fresh.submit(jobs.identity, bad), SerializationError);
      assertEquals(await fresh.submit(jobs.add, 1, 1), 2);
      function bad(): void {}
    });

    it("may have a proxy, whose traps aren't called", async () => {
      await using pool = one();
      for (let i = 0; i < 10; i++) await pool.submit(jobs.identity, {});
      let trapped = 0;
      const trap = (): never => {
        trapped += 1;
        throw new Error("trapped");
      };
      const proxy = new Proxy({}, {
        get: trap,
        has: trap,
        ownKeys: trap,
        getPrototypeOf: trap,
        getOwnPropertyDescriptor: trap,
      });
      const revoked = Proxy.revocable([], {});
      revoked.revoke();
      for (const value of [{ proxy }, [revoked.proxy], { a: [{ revoked: revoked.proxy }] }]) {
        const call = pool.submit(jobs.identity, value);
        await assertRejects(async () => await call, SerializationError, "a proxy");
      }
      assertEquals(trapped, 0);
      for (const value of [proxy, revoked.proxy]) {
        await assertRejects(
          async () => await pool.submit(jobs.identity, value),
          SerializationError,
        );
      }
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });

    it("is the one whose value is too deep, and is told so in any direction", async () => {
      await using pool = one();
      const make = (depth: number): unknown => {
        let value: unknown = null;
        for (let i = 0; i < depth; i++) value = { next: value };
        return value;
      };
      for (const depth of [2500, 20_000]) {
        const before = pool.submit(jobs.add, 1, 1);
        const calls = [pool.submit((_value: unknown) => 1, make(depth)), pool.submit(make, depth)];
        const after = pool.submit(jobs.add, 2, 2);
        await Promise.allSettled(calls);
        for (const call of calls) {
          if (call.exception() !== null) assertInstanceOf(call.exception(), SerializationError);
        }
        assertEquals([await before, await after], [2, 4]);
      }
      assertEquals(pool.stats().crashes, 0);
    });

    it("may be a stream's item or end, or a report", async () => {
      await using pool = one();
      const stream = await pool.submit(function* () {
        yield 1;
        yield () => 2;
      });
      assertEquals((await stream.next()).value, 1);
      await assertRejects(
        async () => await stream.next(),
        SerializationError,
        "item is a function",
      );
      const returning = await pool.submit(function* () {
        yield 1;
        return { f: () => 2 };
      });
      assertEquals((await returning.next()).value, 1);
      await assertRejects(async () => await returning.next(), SerializationError, "result.f");
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
    });

    it("may be the initializer", async () => {
      const pool = new Pool({ maxWorkers: 1, initializer: () => {}, initArgs: [() => 1] });
      await assertRejects(
        async () => await pool.submit(jobs.add, 1, 1),
        Error,
        "args[0] is a function",
      );
      await pool.shutdown();
    });
  });

  describe(`${Pool.name}: copies`, () => {
    it("of one argument for many calls are one for each", async () => {
      await using pool = one();
      const bump = (o: { n: number }): number => ++o.n;
      for (let i = 0; i < 40; i++) await pool.submit(bump, { n: 0 });
      const bumpIn = (o: Map<string, { n: number }>): number => ++o.get("a")!.n;
      for (let i = 0; i < 40; i++) await pool.submit(bumpIn, new Map([["a", { n: 0 }]]));
      const shared = { n: 0 };
      const deep = new Map([["a", shared]]);
      const calls = Array.from({ length: 20 }, () => pool.submit(bump, shared));
      const others = Array.from({ length: 20 }, () => pool.submit(bumpIn, deep));
      assertEquals(await Promise.all(calls), Array(20).fill(1));
      assertEquals(await Promise.all(others), Array(20).fill(1));
      assertEquals(shared, { n: 0 });
      const chunks = pool.map(bump, Array(6).fill(shared), { chunksize: 3 });
      assertEquals(await Array.fromAsync(chunks), Array(6).fill(1));
      const maps = pool.map(bumpIn, Array(6).fill(deep), { chunksize: 3 });
      assertEquals(await Array.fromAsync(maps), Array(6).fill(1));
    });

    it("of a result are made when a job returns it", async () => {
      const count = (asMap: boolean): unknown => {
        const state = (globalThis as Any).state ??= { count: 0, map: new Map([["count", 0]]) };
        state.count += 1;
        state.map.set("count", state.count);
        return asMap ? state.map : state.list ??= state;
      };
      await using pool = one();
      for (let i = 0; i < 40; i++) await pool.submit(count, i % 2 === 0);
      const start = (await pool.submit(count, true) as Map<string, number>).get("count")!;
      const maps = await Promise.all(Array.from({ length: 20 }, () => pool.submit(count, true)));
      assertEquals(
        maps.map((map) => (map as Map<string, number>).get("count")),
        maps.map((_, i) => start + i + 1),
      );
      const plain = (_n?: number): unknown => {
        const state = (globalThis as Any).plain ??= { n: 0, list: [0] };
        state.list[0] = ++state.n;
        return state;
      };
      for (let i = 0; i < 40; i++) await pool.submit(plain);
      const results = await Promise.all(
        Array.from({ length: 20 }, () => pool.submit(plain)),
      ) as { n: number; list: number[] }[];
      assertEquals(
        results.map(({ n, list }) => [n, list[0]]),
        results.map((_, i) => [41 + i, 41 + i]),
      );
      assertEquals(new Set(results).size, 20);
      const chunked = await Array.fromAsync(pool.map(plain, [1, 2, 3, 4], { chunksize: 4 }));
      assertEquals(chunked.map((each) => (each as { n: number }).n), [61, 62, 63, 64]);
    });

    it("of arguments are made when they are sent", async () => {
      await using pool = one();
      await pool.submit(jobs.add, 1, 1);
      const list = [1];
      const call = pool.submit(jobs.identity, list);
      list.push(2);
      await Promise.resolve();
      await Promise.resolve();
      list.push(3);
      assertEquals(await call, [1, 2]);
    });

    it("call a getter once, and nothing else of a value", async () => {
      await using pool = one();
      for (let i = 0; i < 10; i++) await pool.submit(jobs.identity, {});
      let reads = 0;
      let calls = 0;
      const called = (): never => {
        calls += 1;
        throw new Error("called");
      };
      const make = (more: object): object => ({
        ...more,
        get n() {
          return ++reads;
        },
        toJSON: 1,
      });
      const quiet = (value: object): object =>
        Object.defineProperties(value, {
          toString: { value: called },
          valueOf: { value: called },
          toJSON: { value: called },
          then: { value: called },
          constructor: { get: called },
          [Symbol.toPrimitive]: { value: called },
          [Symbol.iterator]: { value: called },
        });
      for (
        const more of [{ a: 1 }, { d: new Date(1) }, { m: new Map([[1, 2]]) }, { u: undefined }]
      ) {
        reads = 0;
        const value = quiet({ inner: make(more), list: quiet([make({})]) });
        const result = await pool.submit(jobs.identity, value) as Any;
        assertEquals([result.inner.n + result.list[0].n, reads], [3, 2], Object.keys(more)[0]);
      }
      assertEquals(calls, 0);
    });

    it("are exact where objects look like what they aren't", async () => {
      await using pool = one();
      for (let i = 0; i < 10; i++) await pool.submit(jobs.identity, {});
      const plainly = <T extends object>(value: T): T =>
        Object.setPrototypeOf(value, Object.prototype);
      const values = [
        plainly(new Date(5)),
        plainly(new Map([[1, 2]])),
        plainly(new Set([1])),
        plainly(new Uint8Array([1, 2])),
        plainly(new Boolean(false)),
        new Map([[Object.create(null), 1]]),
        Object.assign(Object.create(null), { a: 1 }),
        JSON.parse('{"__proto__": {"a": 1}, "b": {"__proto__": 1}}'),
        Object.assign([1, 2], { extra: true }),
        [1, , 3],
        { a: [undefined, -0, NaN] },
      ];
      for (const value of values) {
        const result = await pool.submit(jobs.identity, value) as object;
        const expected = structuredClone(value) as object;
        assertEquals(result, expected);
        assertEquals(Object.getPrototypeOf(result), Object.getPrototypeOf(expected));
        assertEquals(Object.keys(result), Object.keys(expected));
      }
    });

    it("of views have their windows and what they share, and no foreign bytes", async () => {
      await using pool = one();
      const { buffer } = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
      const value = {
        a: new Uint8Array(buffer, 2, 3),
        b: new DataView(buffer, 4),
        c: new Uint16Array(buffer, 2, 1),
      };
      const give = (): unknown => {
        const { buffer } = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
        return {
          a: new Uint8Array(buffer, 2, 3),
          b: new DataView(buffer, 4),
          c: new Uint16Array(buffer, 2, 1),
        };
      };
      for (const got of [await pool.submit(jobs.identity, value), await pool.submit(give)]) {
        const { a, b, c } = got as typeof value;
        assertEquals([a.byteOffset, a.length, b.byteOffset, b.byteLength, c.byteOffset], [
          2,
          3,
          4,
          4,
          2,
        ]);
        assertEquals([...new Uint8Array(a.buffer)], [1, 2, 3, 4, 5, 6, 7, 8]);
        assertEquals([a.buffer === b.buffer, a.buffer === c.buffer], [true, true]);
      }
      const lone = await pool.submit(jobs.identity, new Uint8Array([7, 8])) as Uint8Array;
      assertEquals([...new Uint8Array(lone.buffer)], [7, 8]);
    });
  });

  describe(`${Pool.name}: thenables`, () => {
    it("are taken as await takes them: by their first outcome", async () => {
      type Settle = (value: unknown) => void;
      const cases: [job: () => unknown, expected: unknown][] = [
        [() => ({
          then(resolve: Settle) {
            resolve(1);
            resolve(1001);
          },
        }), 1],
        [() => ({
          then(resolve: Settle, reject: Settle) {
            resolve(1);
            reject(new Error("both"));
          },
        }), 1],
        [() => ({
          then(resolve: Settle) {
            resolve(1);
            throw new Error("late");
          },
        }), 1],
        [() => ({
          then(resolve: Settle) {
            resolve(Promise.resolve({ then: (again: Settle) => again(1) }));
          },
        }), 1],
        [() => ({
          get then(): never {
            throw new RangeError("no then");
          },
        }), RangeError],
        [() => ({
          then() {
            throw new RangeError("at once");
          },
        }), RangeError],
        [() => {
          const promise = Promise.resolve(1);
          (promise as Any).then = (resolve: Settle) => {
            resolve(5);
            resolve(6);
          };
          return promise;
        }, 1],
        [() => ({
          then(resolve: Settle) {
            setTimeout(() => {
              resolve(1);
              resolve(2);
            }, 1);
            setTimeout(() => resolve(3), 2);
          },
        }), 1],
        [() => ({ then: 5 }), { then: 5 }],
      ];
      const pool = one();
      for (const [job, expected] of cases) {
        const call = pool.submit(job);
        const rest = [10, 20, 30].map((n) => pool.submit(jobs.add, n, 1));
        const outcome = await call.then((value) => value, (error) => error);
        if (expected === RangeError) assertInstanceOf(outcome, RangeError);
        else assertEquals(outcome, expected);
        assertEquals(await Promise.all(rest), [11, 21, 31]);
      }
      await pool.shutdown();
      assertEquals([pool.stats().failed, pool.stats().crashes], [2, 0]);
    });
  });

  describe(`${Pool.name}: transfer()`, () => {
    it("is unwrapped in chunks, and as what a generator returns", async () => {
      await using pool = one();
      const sizes = pool.map(
        jobs.sizeOf,
        [1, 2, 3, 4].map((n) => {
          const bytes = new Uint8Array(n);
          return transfer(bytes, [bytes.buffer]);
        }),
        { chunksize: 2 },
      );
      assertEquals(await Array.fromAsync(sizes), [1, 2, 3, 4]);
      const buffers = await Array.fromAsync(pool.map(jobs.giveBuffer, [5, 6, 7], { chunksize: 2 }));
      assertEquals(buffers.map((buffer) => buffer.byteLength), [5, 6, 7]);
      const stream = await pool.submit(jobs.giveBuffers, 2);
      const seen: unknown[] = [];
      let step = await stream.next();
      for (; !step.done; step = await stream.next()) seen.push(step.value.byteLength);
      assertEquals([...seen, step.value.byteLength], [1, 2, 3]);
    });
  });

  describe(`${Pool.name}: errors`, () => {
    it("are of a class by being of it, not by its name", async () => {
      await using pool = one();
      const timeout = await thrownBy(pool.submit(() => {
        class TimeoutError extends Error {}
        throw new TimeoutError("the user's own");
      }));
      assertEquals([timeout.name, timeout instanceof TimeoutError], ["TimeoutError", false]);
      const call = pool.submit(() => {
        class CancelledError extends RangeError {
          why = "user";
        }
        throw new CancelledError("the user's own");
      });
      const cancelled = await thrownBy(call);
      assertEquals([cancelled.name, cancelled.why], ["CancelledError", "user"]);
      assertEquals([cancelled instanceof CancelledError, call.cancelled()], [false, false]);
      assertInstanceOf(cancelled, RangeError);
      const wasm = await thrownBy(pool.submit(() => {
        throw new WebAssembly.RuntimeError("unreachable");
      }));
      assertInstanceOf(wasm, WebAssembly.RuntimeError);
      assertEquals(wasm instanceof RuntimeError, false);
      assertInstanceOf(await thrownBy(pool.submit(jobs.failAsOurs)), TimeoutError);
      const aborted = await thrownBy(pool.submit(() => {
        throw new DOMException("no", "DataCloneError");
      }));
      assertInstanceOf(aborted, DOMException);
      assertEquals([aborted.name, aborted.code], ["DataCloneError", 25]);
    });

    it("come as the graph that they are", async () => {
      await using pool = one();
      const cyclic = await thrownBy(pool.submit(() => {
        const error: Any = new Error("cyclic");
        error.self = error;
        error.cause = error;
        error.list = [error, { error, inner: new TypeError("inner") }];
        throw error;
      }));
      assertEquals(cyclic.message, "cyclic");
      assert(cyclic.self === cyclic && cyclic.cause === cyclic && cyclic.list[0] === cyclic);
      assert(cyclic.list[1].error === cyclic);
      assertInstanceOf(cyclic.list[1].inner, TypeError);
      const start = performance.now();
      const shared = await thrownBy(pool.submit(() => {
        let error: Any = new Error("leaf");
        for (let i = 0; i < 40; i++) {
          error = new AggregateError([error, error, error], `level ${i}`);
        }
        throw error;
      }));
      assert(shared.errors[0] === shared.errors[2]);
      assertEquals(shared.errors[1].message, "level 38");
      const deep = await thrownBy(pool.submit(() => {
        let error = new Error("first");
        for (let i = 0; i < 20_000; i++) error = new Error(`number ${i}`, { cause: error });
        throw error;
      }));
      assertEquals([deep.message, deep.cause.message], ["number 19999", "number 19998"]);
      assert(performance.now() - start < 5000);
    });

    it("are told of whatever hangs on them, and never end the worker", async () => {
      await using pool = one();
      const cases: [job: () => unknown, check: (error: Any) => boolean][] = [
        [() => {
          throw Object.defineProperty(new Error("getter"), "details", {
            enumerable: true,
            get: () => {
              throw new Error("boo");
            },
          });
        }, (error) => error.message === "getter"],
        [() => {
          throw Object.assign(Object.create(null), { code: 5, fn() {} });
        }, (error) => error.code === 5],
        [() => {
          throw Object.assign(new Error("details"), {
            details: Object.assign(Object.create(null), { fn() {}, ok: 1 }),
          });
        }, (error) => error.details.ok === 1 && error.message === "details"],
        [() => {
          const error: Any = new RangeError("x");
          error.message = Object.create(null);
          throw error;
        }, (error) => error instanceof RangeError],
        [() => {
          const { proxy, revoke } = Proxy.revocable({}, {});
          revoke();
          throw proxy;
        }, (error) => error === "a proxy"],
        [() => {
          throw Symbol("s");
        }, (error) => error === "Symbol(s)"],
        [() => {
          throw undefined;
        }, (error) => error === undefined],
        [() => {
          throw -0;
        }, (error) => Object.is(error, -0)],
        [() => {
          throw Object.assign(new Error("big"), { actual: 10n, expected: new Map([[1, 2n]]) });
        }, (error) => error.actual === 10n && error.expected.get(1) === 2n],
        [() => {
          const error = new Error("no stack");
          delete error.stack;
          throw error;
        }, (error) => error.stack.startsWith("Error: no stack\n    --- in a worker")],
        [() => {
          class HttpError extends Error {
            override get name() {
              return "HttpError!";
            }
          }
          throw new HttpError("503");
        }, (error) => error.name === "HttpError!"],
        [() => {
          throw new Error("outer", { cause: { list: [new TypeError("inner")], f() {} } });
        }, (error) => error.cause.list[0] instanceof TypeError],
        [() => {
          let next: unknown = 1;
          for (let i = 0; i < 30_000; i++) next = { next };
          throw Object.assign(new Error("deep"), { next, map: new Map([[1, next]]) });
        }, (error) => error.message === "deep"],
      ];
      for (const [job, check] of cases) {
        const error = await thrownBy(pool.submit(job));
        assert(
          check(error),
          `${job}: ${typeof error === "object" ? error?.message : String(error)}`,
        );
        assertEquals(await pool.submit(jobs.add, 1, 1), 2);
      }
      assertEquals(pool.stats().crashes, 0);
    });
  });

  describe(`${Pool.name}: a job's own messages`, () => {
    it("are told of and dropped; a module that listens for some does no harm", async () => {
      const warnings: string[] = [];
      await using pool = new Pool({
        maxWorkers: 1,
        onWarning: (warning) => void warnings.push(warning.message),
      });
      const leftover = (): number => {
        const scope = globalThis as Any;
        // As the script of a plain worker has it.
        scope.onmessage = () => {};
        if (scope.__aioLine === "process") scope.process.send("left over");
        else if (scope.__aioLine === "port") {
          scope.process.getBuiltinModule("node:worker_threads").parentPort.postMessage("left over");
        } else scope.postMessage("left over");
        return 1;
      };
      assertEquals(await pool.submit(leftover), 1);
      assertEquals(await pool.submit(jobs.add, 1, 1), 2);
      assertEquals(warnings.length, 1);
      assert(warnings[0]!.includes('sent "left over", which is no message of the pool\'s'));
    });
  });
}
