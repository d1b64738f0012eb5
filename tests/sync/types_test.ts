import { assertType, type IsExact } from "@std/testing/types";
import {
  Barrier,
  Condition,
  type Coroutine,
  Event,
  type Hold,
  LifoQueue,
  Lock,
  mapConcurrent,
  type MappedResults,
  PriorityQueue,
  Queue,
  Semaphore,
  sleep,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { runVirtual } from "../tasks/_kinds.ts";

describe("Types of sync", () => {
  it("acquire() gives a hold, for 'using' and for 'yield*'", async () => {
    await runVirtual(async () => {
      const lock = new Lock();
      using hold = await lock.acquire();
      assertType<IsExact<typeof hold, Hold>>(true);
      assertType<IsExact<ReturnType<Semaphore["acquire"]>, Coroutine<Hold>>>(true);
    });
    await runVirtual(function* () {
      const hold = yield* new Condition().acquire();
      assertType<IsExact<typeof hold, Hold>>(true);
    });
  });

  it("blocks give what their body returns", async () => {
    await runVirtual(async () => {
      const lock = new Lock();
      const text = await lock.withLock(() => sleep(1, "text"));
      assertType<IsExact<typeof text, string>>(true);
      const count = await new Semaphore().withLock(function* () {
        yield* sleep(0);
        return 1;
      });
      assertType<IsExact<typeof count, number>>(true);
      const place = await new Barrier(1).withLock(async (place) => {
        assertType<IsExact<typeof place, number>>(true);
        await sleep(0);
        return place;
      });
      assertType<IsExact<typeof place, number>>(true);
    });
  });

  it("waiting gives what was waited for", async () => {
    await runVirtual(async () => {
      const event = new Event();
      event.set();
      const isSet = await event.wait();
      assertType<IsExact<typeof isSet, true>>(true);
      const condition = new Condition();
      const word = await condition.waitFor(() => "word");
      assertType<IsExact<typeof word, string>>(true);
    });
  });

  it("queues give the items that were put in", async () => {
    await runVirtual(async () => {
      const queue = new Queue<string>();
      await queue.put("item");
      // @ts-expect-error: not an item of this queue
      queue.putNowait(1);
      const item = await queue.get();
      assertType<IsExact<typeof item, string>>(true);
      queue.shutdown();
      for await (const rest of queue) assertType<IsExact<typeof rest, string | number>>(false);
      assertType<IsExact<ReturnType<typeof queue.asReadable>, ReadableStream<string>>>(true);

      const numbers = Queue.from(new Set([1]));
      assertType<IsExact<typeof numbers, Queue<number>>>(true);
      const bytes = Queue.from(new Blob(["a"]).stream());
      assertType<IsExact<typeof bytes, Queue<Uint8Array<ArrayBuffer>>>>(true);
      bytes.shutdown();
      numbers.shutdown();
    });
    const stack: Queue<number> = new LifoQueue<number>();
    const heap: Queue<[number, string]> = new PriorityQueue<[number, string]>(0, {
      compare: (a, b) => a[0] - b[0],
    });
    // @ts-expect-error: no item of this queue
    void (() => heap.putNowait(stack));
  });

  it("mapConcurrent() gives what its function's coroutines return", async () => {
    await runVirtual(async () => {
      const options = { concurrency: 2 };
      const lengths = mapConcurrent(["a", "bc"], (word, index) => {
        assertType<IsExact<typeof word, string>>(true);
        assertType<IsExact<typeof index, number>>(true);
        return sleep(1, word.length);
      }, options);
      assertType<IsExact<typeof lengths, MappedResults<number>>>(true);
      for await (const length of lengths) assertType<IsExact<typeof length, number>>(true);
      const flags = await mapConcurrent(
        Queue.from([1, 2]),
        function* (n) {
          yield* sleep(n);
          return n > 1;
        },
        options,
      ).toArray();
      assertType<IsExact<typeof flags, boolean[]>>(true);
      const texts = await mapConcurrent(new Set([1]), (n) => Promise.resolve(`${n}`), options)
        .toArray();
      assertType<IsExact<typeof texts, string[]>>(true);
      // @ts-expect-error: how many at a time must be said
      void (() => mapConcurrent([1], (n: number) => sleep(n), {}));
    });
  });
});
