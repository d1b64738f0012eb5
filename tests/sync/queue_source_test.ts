import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import {
  CancelledError,
  createTask,
  Queue,
  QueueShutDown,
  sleep,
  until,
  ValueError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { reportsOf, runVirtual } from "../tasks/_kinds.ts";

/** All items of a queue. */
async function drain<T>(queue: Queue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

describe("Queue.from()", () => {
  it("takes iterables, async iterables and streams", async () => {
    await runVirtual(async () => {
      async function* count() {
        for (let n = 1; n <= 3; n++) {
          await sleep(1);
          yield n;
        }
      }
      assertEquals(await drain(Queue.from(new Set([1, 2, 3]))), [1, 2, 3]);
      assertEquals(await drain(Queue.from(count())), [1, 2, 3]);
      assertEquals(await drain(Queue.from(ReadableStream.from([1, 2, 3]))), [1, 2, 3]);
      assertEquals(await drain(Queue.from(Queue.from([1, 2, 3]))), [1, 2, 3]);
      assertEquals(await drain(Queue.from([])), []);
    });
  });

  it("draws nothing before there is room for it", async () => {
    await runVirtual(async () => {
      let drawn = 0;
      function* count() {
        for (;;) yield drawn++;
      }
      const queue = Queue.from(count(), { maxsize: 3 });
      await sleep(10);
      assertEquals([drawn, queue.qsize()], [3, 3]);
      assertEquals(await queue.get(), 0);
      await sleep(10);
      assertEquals([drawn, queue.qsize()], [4, 3]);
      queue.shutdown();
    });
  });

  it("closes its source when it is shut down", async () => {
    await runVirtual(async () => {
      const closed: string[] = [];
      async function* slow() {
        try {
          for (;;) {
            yield 1;
            await sleep(1000);
          }
        } finally {
          await sleep(1);
          closed.push("async");
        }
      }
      function* endless() {
        try {
          for (;;) yield 1;
        } finally {
          closed.push("sync");
        }
      }
      const stream = new ReadableStream<number>({ cancel: () => void closed.push("stream") });
      const unread = new ReadableStream<number>({ cancel: () => void closed.push("unread") });
      const queues = [slow(), endless(), stream].map((source) => Queue.from<number>(source));
      await sleep(5);
      const late = Queue.from(unread);
      for (const queue of [...queues, late]) queue.shutdown();
      await sleep(5);
      assertEquals(closed.toSorted(), ["async", "stream", "sync", "unread"]);
      assertEquals(await drain(queues[0]!), [1]);
    });
  });

  it("throws the source's error to those who get, after the items before it", async () => {
    const reports = await reportsOf(async () => {
      const broken = new TypeError("broken");
      function* source() {
        yield 1;
        throw broken;
      }
      const queue = Queue.from(source());
      assertEquals(await queue.get(), 1);
      const error = await assertRejects(async () => await queue.get(), TypeError, "broken");
      assert(error === broken);
      await assertRejects(() => drain(queue), TypeError, "broken");
      assertThrows(() => queue.putNowait(2), TypeError, "broken");
    });
    assertEquals(reports, []);
  });

  it("throws the source's error whatever it is", async () => {
    for (const thrown of [undefined, null, 0, new QueueShutDown("another's")]) {
      // deno-lint-ignore require-yield
      const source = function* (): Generator<number> {
        throw thrown;
      };
      const ways = [
        (queue: Queue<number>) => queue.get(),
        (queue: Queue<number>) => queue[Symbol.asyncIterator]().next(),
        (queue: Queue<number>) => until(queue.asReadable().getReader().read()),
      ];
      for (const way of ways) {
        const caught = await runVirtual(async () => {
          try {
            return await way(Queue.from(source()));
          } catch (error) {
            return [error];
          }
        });
        assertEquals(caught, [thrown]);
      }
    }
  });

  it("reports the source's error if nobody gets it", async () => {
    const reports = await reportsOf(async () => {
      // deno-lint-ignore require-yield
      function* source() {
        throw new TypeError("broken");
      }
      Queue.from(source());
      await sleep(1);
    });
    assertEquals(reports.map(({ exception }) => String(exception)), ["TypeError: broken"]);
  });

  it("gives up a foreign iterator that waits", async () => {
    await runVirtual(async () => {
      let end: (() => void) | undefined;
      const foreign: AsyncIterable<number> = {
        [Symbol.asyncIterator]: () => ({
          next: () =>
            new Promise((resolve) => {
              end = () => resolve({ done: true, value: undefined });
            }),
          return: () => {
            end?.();
            return Promise.resolve({ done: true, value: undefined });
          },
        }),
      };
      const queue = Queue.from(foreign);
      const getter = createTask(() => queue.get());
      await until(new Promise((resolve) => setTimeout(resolve, 1)));
      queue.shutdown();
      await assertRejects(async () => await getter, QueueShutDown);
    });
  });

  it("refuses what can't be iterated", async () => {
    await runVirtual(() => {
      for (const source of [1, null, undefined, {}, sleep(1), Promise.resolve()]) {
        assertThrows(
          () => Queue.from(source as unknown as number[]),
          TypeError,
          "Cannot fill a Queue as 'source' must be an iterable, an async iterable or a",
        );
      }
      assertThrows(() => Queue.from([1], { maxsize: NaN }), ValueError);
      return Promise.resolve();
    });
  });
});

describe("Queue.asReadable()", () => {
  it("gives the items, and ends with the queue", async () => {
    await runVirtual(async () => {
      const queue = new Queue<number>(2);
      createTask(async () => {
        for (let n = 0; n < 5; n++) await queue.put(n);
        queue.shutdown();
      });
      assertEquals(await Array.fromAsync(queue.asReadable()), [0, 1, 2, 3, 4]);
    });
  });

  it("takes an item out only when its reader wants one", async () => {
    await runVirtual(async () => {
      const queue = new Queue<number>(2);
      const put: number[] = [];
      const producer = createTask(async () => {
        for (let n = 0; n < 5; n++) {
          await queue.put(n);
          put.push(n);
        }
      });
      const reader = queue.asReadable().getReader();
      await sleep(5);
      assertEquals(put, [0, 1]);
      assertEquals((await reader.read()).value, 0);
      await sleep(5);
      assertEquals(put, [0, 1, 2]);
      await reader.cancel();
      await assertRejects(async () => await producer, QueueShutDown);
    });
  });

  it("tells those who put when it is cancelled", async () => {
    await runVirtual(async () => {
      const queue = new Queue<number>(1);
      const producer = createTask(async () => {
        for (let n = 0;; n++) await queue.put(n);
      });
      const stream = queue.asReadable();
      for await (const item of stream) {
        if (item === 3) break;
      }
      await assertRejects(async () => await producer, QueueShutDown);
    });
  });

  it("leaves the queue open if asked, and loses no item when it is cancelled", async () => {
    await runVirtual(async () => {
      const queue = new Queue<number>();
      const reader = queue.asReadable({ preventCancel: true }).getReader();
      const reading = reader.read();
      await sleep(1);
      await reader.cancel();
      assertEquals(await reading, { done: true, value: undefined });
      queue.putNowait(1);
      await sleep(1);
      assertEquals(await queue.get(), 1);
    });
  });

  it("fails with the error of the queue's source", async () => {
    await runVirtual(async () => {
      function* source() {
        yield 1;
        throw new TypeError("broken");
      }
      const reader = Queue.from(source()).asReadable().getReader();
      assertEquals((await reader.read()).value, 1);
      await assertRejects(() => reader.read(), TypeError, "broken");
    });
  });

  it("fails if its run ends before it", async () => {
    const { promise, resolve } = Promise.withResolvers<Promise<unknown>>();
    await runVirtual(async () => {
      const reading = new Queue<number>().asReadable().getReader().read();
      reading.catch(() => {});
      resolve(Promise.allSettled([reading]));
      await sleep(1);
    });
    const [outcome] = await (await promise) as [PromiseRejectedResult];
    assertInstanceOf(outcome.reason, CancelledError);
  });

  it("passes items through a pipeline with back-pressure both ways", async () => {
    await runVirtual(async () => {
      let drawn = 0;
      function* count() {
        for (let n = 0; n < 100; n++) {
          drawn++;
          yield n;
        }
      }
      const double = new TransformStream<number, number>(
        {
          transform: (n, controller) => controller.enqueue(2 * n),
        },
        { highWaterMark: 1 },
        { highWaterMark: 0 },
      );
      const doubled = Queue.from(Queue.from(count()).asReadable().pipeThrough(double));
      await sleep(20);
      assert(drawn < 10, `${drawn} were drawn`);
      let sum = 0;
      for await (const n of doubled) sum += n;
      assertEquals([sum, drawn], [9900, 100]);
    });
  });
});
