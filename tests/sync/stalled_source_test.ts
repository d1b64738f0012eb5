import { assertEquals, assertLess, assertRejects } from "@std/assert";
import {
  createTask,
  type ExceptionContext,
  mapConcurrent,
  Queue,
  run,
  sleep,
  timeout,
  TimeoutError,
  until,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, reportsOf, runVirtual } from "../tasks/_kinds.ts";

const never = new Promise<never>(() => {});

/** An async iterator that gives one item and stalls. */
function stalling(
  more: object = {},
  stall: () => PromiseLike<never> = () => never,
): AsyncIterable<number> {
  let n = 0;
  const next = () => n++ === 0 ? Promise.resolve({ done: false, value: n }) : stall();
  return { [Symbol.asyncIterator]: () => ({ next: next as () => Promise<never>, ...more }) };
}

/** Sources of every kind that give one item and then nothing, not even the end. */
const SOURCES: Record<string, () => AsyncIterable<number> | ReadableStream<number>> = {
  "an async generator": async function* () {
    yield 1;
    await never;
  },
  "an async generator in a wrapper": () => {
    async function* inner() {
      yield 1;
      await never;
    }
    const generator = inner();
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => generator.next(),
        return: () => generator.return(undefined),
      }),
    };
  },
  "an iterator without return()": () => stalling(),
  "an iterator whose return() ends": () =>
    stalling({ return: () => Promise.resolve({ done: true }) }),
  "an iterator whose return() never ends": () => stalling({ return: () => never }),
  "an iterator whose return() fails": () =>
    stalling({ return: () => Promise.reject(new RangeError("can't")) }),
  "an iterator of thenables": () => stalling({}, () => ({ then: () => never })),
  "a stream": () => new ReadableStream({ start: (controller) => controller.enqueue(1) }),
};

/** Asserts that nothing was reported, but what a source said that failed as it was closed. */
function assertOnly(reports: ExceptionContext[], mayFail: boolean): void {
  const errors = reports.map(({ exception }) => String(exception));
  assertEquals(errors.filter((error) => !mayFail || error !== "RangeError: can't"), []);
}

describe("A source that stalls", () => {
  for (const [name, source] of Object.entries(SOURCES)) {
    const mayFail = name.includes("fails");

    inBothKinds(`is left when the time is over: ${name}`, async (coro) => {
      const fn = coro(function* (n: number) {
        yield sleep(0);
        return n;
      });
      const reports = await reportsOf(coro(function* () {
        const body = () => mapConcurrent(source(), fn, { concurrency: 2 }).toArray();
        let error: unknown = null;
        try {
          yield timeout(50, body);
        } catch (thrown) {
          error = thrown;
        }
        assertEquals((error as Error)?.name, "TimeoutError");
      }));
      assertOnly(reports, mayFail);
    });

    it(`is left at the end of run(), by mapConcurrent() and Queue.from(): ${name}`, async () => {
      const reports = await reportsOf(async () => {
        const results = mapConcurrent(source(), (n) => sleep(0, n), { concurrency: 2 });
        assertEquals(await results.next(), { done: false, value: 1 });
        const queue = Queue.from(source());
        assertEquals(await queue.get(), 1);
      });
      assertEquals(
        reports.every(({ exception }) => mayFail && exception instanceof RangeError),
        true,
      );
    });

    it(`is left when the queue is shut down: ${name}`, async () => {
      const reports = await reportsOf(async () => {
        const queue = Queue.from(source());
        assertEquals(await queue.get(), 1);
        await sleep(1);
        queue.shutdown();
        await sleep(0);
      });
      assertOnly(reports, mayFail);
    });
  }

  it("gives the time back at once, unless it is closing", async () => {
    const started = performance.now();
    const work = () =>
      mapConcurrent(SOURCES["an async generator"]!(), (n) => sleep(0, n), {
        concurrency: 2,
      }).toArray();
    await assertRejects(() => run(() => timeout(20, work)), TimeoutError);
    assertLess(performance.now() - started, 800);
  });

  it("cleans up by itself if it waits for this module's, and that is waited for", async () => {
    const log: string[] = [];
    async function* source() {
      try {
        yield 1;
        await sleep(1000);
      } finally {
        await sleep(5);
        await new Promise((resolve) => setTimeout(resolve, 5));
        log.push("clean");
      }
    }
    await runVirtual(async () => {
      const work = () => mapConcurrent(source(), (n) => sleep(0, n), { concurrency: 2 }).toArray();
      await assertRejects(async () => await timeout(50, work), TimeoutError);
      log.push("over");
    });
    assertEquals(log, ["clean", "over"]);
  });

  it("has an iterator close before anything goes on", async () => {
    const log: string[] = [];
    const closing = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      log.push("closed");
      return { done: true, value: undefined };
    };
    await run(async () => {
      const work = () =>
        mapConcurrent(stalling({ return: closing }), (n) => sleep(0, n), { concurrency: 2 })
          .toArray();
      await assertRejects(async () => await timeout(5, work), TimeoutError);
      log.push("over");
    });
    assertEquals(log, ["closed", "over"]);
  });

  it("is left by a worker that was cancelled in the middle of its step", async () => {
    await runVirtual(async () => {
      const task = createTask(async () => {
        const source = stalling({}, () => {
          queueMicrotask(() => task.cancel());
          return never;
        });
        await mapConcurrent(source, (n) => sleep(0, n), { concurrency: 1 }).toArray();
      });
      await until(Promise.allSettled([task]));
      assertEquals(task.cancelled(), true);
    });
  });

  it("is told of if it fails after it was left", async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const reports = await reportsOf(async () => {
      const work = () =>
        mapConcurrent(stalling({}, () => promise), (n) => sleep(0, n), { concurrency: 1 })
          .toArray();
      await assertRejects(async () => await timeout(5, work), TimeoutError);
      reject(new RangeError("late"));
      await sleep(1);
    });
    assertEquals(reports.map(({ message, exception }) => [message, String(exception)]), [
      ["A source failed after it had been left", "RangeError: late"],
    ]);
  });
});
