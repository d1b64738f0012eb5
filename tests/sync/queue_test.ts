import { assert, assertEquals, assertFalse, assertRejects, assertThrows } from "@std/assert";
import {
  CancelledError,
  createTask,
  gather,
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  RuntimeError,
  sleep,
  timeout,
  ValueError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "../tasks/_kinds.ts";

describe("Queue", () => {
  inBothKinds("gives items in the order in which they were put in", async (coro) => {
    await runVirtual(coro(function* () {
      const queue = new Queue<number>(3);
      const producer = createTask(coro(function* () {
        for (let n = 0; n < 100; n++) yield queue.put(n);
      }));
      for (let n = 0; n < 100; n++) assertEquals(yield queue.get(), n);
      yield producer;
      assert(queue.empty());
    }));
  });

  inBothKinds("serves those who wait in the order in which they came", async (coro) => {
    await runVirtual(coro(function* () {
      const queue = new Queue<string>(1);
      const getters = [1, 2, 3].map(() => createTask(() => queue.get()));
      yield sleep(0);
      assertEquals(String(queue), "<Queue maxsize=1 qsize=0 getters=3>");
      yield gather(["a", "b", "c"].map((item) => queue.put(item)));
      assertEquals(yield gather(getters), ["a", "b", "c"]);

      const putters = ["a", "b", "c"].map((item) => createTask(() => queue.put(item)));
      yield sleep(0);
      assertEquals(String(queue), "<Queue maxsize=1 items=['a'] putters=2 tasks=4>");
      for (const item of ["a", "b", "c"]) assertEquals(yield queue.get(), item);
      yield gather(putters);
    }));
  });

  inBothKinds("hands an item on if its getter is cancelled as it is woken", async (coro) => {
    await runVirtual(coro(function* () {
      const queue = new Queue<string>();
      const first = createTask(() => queue.get());
      const second = createTask(() => queue.get());
      yield sleep(0);
      queue.putNowait("item");
      first.cancel();
      assertEquals(yield second, "item");
      assert(first.cancelled());
    }));
  });

  inBothKinds("hands room on if its putter is cancelled as it is woken", async (coro) => {
    await runVirtual(coro(function* () {
      const queue = new Queue<string>(1);
      queue.putNowait("a");
      const first = createTask(() => queue.put("b"));
      const second = createTask(() => queue.put("c"));
      yield sleep(0);
      assertEquals(queue.getNowait(), "a");
      first.cancel();
      yield second;
      assertEquals(queue.getNowait(), "c");
    }));
  });

  inBothKinds("takes no item if the time runs out", async (coro) => {
    await runVirtual(coro(function* () {
      const queue = new Queue<string>();
      try {
        yield timeout(5, () => queue.get());
      } catch { /* it is over */ }
      queue.putNowait("item");
      assertEquals(yield queue.get(), "item");
      assertEquals(String(queue), "<Queue maxsize=0 qsize=0 tasks=1>");
    }));
  });

  it("tells at once that it is full, or empty", async () => {
    await runVirtual(async () => {
      const queue = new Queue<string>(1);
      assertThrows(
        () => queue.getNowait(),
        QueueEmpty,
        "Cannot get an item from <Queue maxsize=1 qsize=0>: it is empty",
      );
      queue.putNowait("item");
      assert(queue.full());
      assertThrows(
        () => queue.putNowait("more"),
        QueueFull,
        "Cannot put an item into <Queue maxsize=1 qsize=1 tasks=1>: it is full",
      );
      assertEquals([queue.qsize(), queue.maxsize, queue.getNowait()], [1, 1, "item"]);
      await sleep(0);
    });
  });

  inBothKinds("is joined when every item is done", async (coro) => {
    await runVirtual(coro(function* () {
      const queue = new Queue<number>();
      yield queue.join();
      for (let n = 0; n < 3; n++) queue.putNowait(n);
      const joined = createTask(() => queue.join());
      for (let n = 0; n < 3; n++) {
        yield queue.get();
        yield sleep(1);
        assertFalse(joined.done());
        queue.taskDone();
      }
      yield joined;
      assertThrows(
        () => queue.taskDone(),
        ValueError,
        "Cannot take a task of <Queue maxsize=0 qsize=0> as done: all of them are",
      );
    }));
  });

  inBothKinds("gives what is left after a shutdown, then an error", async (coro) => {
    await runVirtual(coro(function* () {
      const queue = new Queue<string>(1);
      queue.putNowait("a");
      const putter = createTask(() => queue.put("b"));
      yield sleep(0);
      queue.shutdown();
      const [error] = yield gather([putter], { returnExceptions: true });
      assert(error instanceof QueueShutDown);
      assertThrows(() => queue.putNowait("c"), QueueShutDown, "it is shut down");
      assertEquals(yield queue.get(), "a");
      try {
        yield queue.get();
        assert(false);
      } catch (error) {
        assert(error instanceof QueueShutDown);
        assertEquals(
          error.message,
          "Cannot get an item from <Queue maxsize=1 qsize=0 tasks=1 shutdown>: it is shut down",
        );
      }
    }));
  });

  inBothKinds("drops what is left if shut down at once", async (coro) => {
    await runVirtual(coro(function* () {
      const queue = new Queue<string>();
      const getter = createTask(() => queue.get());
      yield sleep(0);
      queue.putNowait("a");
      queue.putNowait("b");
      const joined = createTask(() => queue.join());
      yield sleep(0);
      assertEquals(getter.result(), "a");
      queue.shutdown({ immediate: true });
      assertThrows(() => queue.getNowait(), QueueShutDown);
      queue.taskDone();
      yield joined;
    }));
  });

  it("refuses a size that is no number; zero and below mean no limit", () => {
    assertThrows(
      () => new Queue(NaN),
      ValueError,
      "Cannot make a Queue as 'maxsize' must be a number: current value is NaN",
    );
    assertThrows(
      () => new PriorityQueue("3" as unknown as number),
      TypeError,
      "Cannot make a PriorityQueue as 'maxsize' must be a number: current value is '3'",
    );
    for (const size of [0, -1, -Infinity, Infinity]) {
      const queue = new Queue<number>(size);
      for (let n = 0; n < 100; n++) queue.putNowait(n);
      assertEquals([queue.full(), queue.qsize(), queue.maxsize], [false, 100, size]);
    }
  });

  it("tells that it is bound to a different loop", async () => {
    const queue = new Queue<number>();
    const wait = async () => {
      const getter = createTask(() => queue.get());
      await sleep(0);
      queue.putNowait(1);
      await getter;
    };
    await runVirtual(wait);
    await assertRejects(
      () => runVirtual(wait),
      RuntimeError,
      "Cannot wait for <Queue maxsize=0 qsize=0 tasks=1>: it is bound to a different event loop",
    );
  });

  it("keeps its order through many sizes", async () => {
    await runVirtual(() => {
      const queue = new Queue<number>();
      let [put, got] = [0, 0];
      for (let size = 1; size < 200; size += 7) {
        while (queue.qsize() < size) queue.putNowait(put++);
        while (queue.qsize() > size / 3) assertEquals(queue.getNowait(), got++);
      }
      return Promise.resolve();
    });
  });
});

describe("for await over a Queue", () => {
  it("takes items until it is shut down and empty", async () => {
    await runVirtual(async () => {
      const queue = new Queue<number>(2);
      const producer = createTask(async () => {
        for (let n = 0; n < 10; n++) {
          await queue.put(n);
          if (n % 3 === 0) await sleep(1);
        }
        queue.shutdown();
      });
      const items: number[] = [];
      for await (const item of queue) items.push(item);
      assertEquals(items, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      await producer;
    });
  });

  it("shares the items with others who iterate", async () => {
    await runVirtual(async () => {
      const queue = new Queue<number>();
      const all: number[] = [];
      const consumers = [1, 2, 3].map(() =>
        createTask(async () => {
          for await (const item of queue) {
            all.push(item);
            await sleep(1);
          }
        })
      );
      for (let n = 0; n < 10; n++) queue.putNowait(n);
      await sleep(2);
      queue.shutdown();
      await gather(consumers);
      assertEquals(all, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });
  });

  it("leaves the queue as it is when the loop is left", async () => {
    await runVirtual(async () => {
      const queue = new Queue<number>();
      for (let n = 0; n < 3; n++) queue.putNowait(n);
      for await (const item of queue) {
        if (item === 1) break;
      }
      assertEquals(await queue.get(), 2);
      queue.putNowait(4);
    });
  });

  it("can be cancelled", async () => {
    await runVirtual(async () => {
      const queue = new Queue<number>();
      const consumer = createTask(async () => {
        for await (const item of queue) await sleep(item);
      });
      await sleep(1);
      consumer.cancel();
      await assertRejects(async () => await consumer, CancelledError);
      queue.putNowait(1);
      assertEquals(String(queue), "<Queue maxsize=0 items=[1] tasks=1>");
    });
  });
});

describe("The text of a queue", () => {
  it("shows its items as they lie there, as Python does", () => {
    const queues = [new Queue<unknown>(), new LifoQueue<unknown>(), new PriorityQueue<number>()];
    for (const queue of queues) for (const n of [3, 1, 2]) (queue as Queue<unknown>).putNowait(n);
    assertEquals(queues.map(String), [
      "<Queue maxsize=0 items=[3, 1, 2] tasks=3>",
      "<LifoQueue maxsize=0 items=[3, 1, 2] tasks=3>",
      "<PriorityQueue maxsize=0 items=[1, 3, 2] tasks=3>",
    ]);
  });

  it("is short however many there are, and whatever they are", () => {
    const queue = new Queue<unknown>();
    for (let n = 0; n < 100_000; n++) queue.putNowait(n);
    assertEquals(
      String(queue),
      "<Queue maxsize=0 items=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 99990 more] tasks=100000>",
    );
    const odd = new Queue<unknown>();
    const items = [odd, "it's", Symbol("s"), undefined, [null], "x".repeat(10_000), {
      get constructor() {
        throw new TypeError("no");
      },
    }];
    for (const item of items) odd.putNowait(item);
    assertEquals(
      String(odd),
      `<Queue maxsize=0 items=[<Queue maxsize=0 qsize=7 tasks=7>, "it's", Symbol(s), undefined, ` +
        `[null], '${"x".repeat(99)}…, [object Object]] tasks=7>`,
    );
  });
});

describe("LifoQueue", () => {
  inBothKinds("gives the latest item first", async (coro) => {
    await runVirtual(coro(function* () {
      const queue = new LifoQueue<number>(3);
      for (const n of [1, 2, 3]) yield queue.put(n);
      assert(queue.full());
      for (const n of [3, 2, 1]) assertEquals(yield queue.get(), n);
      queue.shutdown({ immediate: true });
    }));
  });
});

describe("PriorityQueue", () => {
  inBothKinds("gives the least item first", async (coro) => {
    await runVirtual(coro(function* () {
      const queue = new PriorityQueue<number>();
      for (const n of [5, 1, 4, 1, 5, 9, 2, 6]) yield queue.put(n);
      const items: number[] = [];
      while (!queue.empty()) items.push(yield queue.get());
      assertEquals(items, [1, 1, 2, 4, 5, 5, 6, 9]);
    }));
  });

  it("compares arrays item by item, numbers as numbers", () => {
    const queue = new PriorityQueue<unknown[]>();
    const pairs = [[10, "a"], [9, "z"], [9, "b"], [-1], [9], [9n, "c", 1], [[2, 1]], [[2]]];
    for (const pair of pairs.slice(0, 6)) queue.putNowait(pair);
    const out = Array.from({ length: 6 }, () => queue.getNowait());
    assertEquals(out.map(String), ["-1", "9", "9,b", "9,c,1", "9,z", "10,a"]);
    for (const pair of pairs.slice(6)) queue.putNowait(pair);
    assertEquals(String(queue.getNowait()), "2");
  });

  it("compares dates, strings and what a function compares", () => {
    const dates = new PriorityQueue<[Date, string]>();
    dates.putNowait([new Date(2), "b"]);
    dates.putNowait([new Date(1), "c"]);
    dates.putNowait([new Date(2), "a"]);
    assertEquals([1, 2, 3].map(() => dates.getNowait()[1]), ["c", "a", "b"]);
    const jobs = new PriorityQueue<{ at: number }>(0, { compare: (a, b) => b.at - a.at });
    for (const at of [1, 3, 2]) jobs.putNowait({ at });
    assertEquals([1, 2, 3].map(() => jobs.getNowait().at), [3, 2, 1]);
  });

  it("gives equal items in heapq's order", () => {
    // As CPython 3.13 gives them for the same pushes.
    const queue = new PriorityQueue<[number, number]>(0, { compare: ([a], [b]) => a - b });
    for (let n = 0; n < 12; n++) queue.putNowait([n % 2, n]);
    const out = Array.from({ length: 12 }, () => queue.getNowait()[1]);
    assertEquals(out, [0, 2, 6, 4, 10, 8, 11, 5, 1, 3, 9, 7]);
  });

  it("refuses items that have no order, and keeps the others", () => {
    const queue = new PriorityQueue<unknown>();
    queue.putNowait(2);
    for (const item of [{}, "text", null, undefined, () => {}, [1], Symbol("s")]) {
      assertThrows(() => queue.putNowait(item), TypeError, "Cannot compare");
    }
    queue.putNowait(1);
    assertEquals([queue.getNowait(), queue.getNowait(), queue.qsize()], [1, 2, 0]);
    assertThrows(
      () => new PriorityQueue(0, { compare: 1 as unknown as () => number }),
      TypeError,
      "Cannot make a PriorityQueue as 'compare' must be a function: current value is 1",
    );
  });
});
