import { assert, assertEquals, fail } from "@std/assert";
import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  CancelledError,
  Condition,
  type Coro,
  createTask,
  currentTask,
  Event,
  type EventLoop,
  getRunningLoop,
  type Hold,
  LifoQueue,
  Lock,
  mapConcurrent,
  PriorityQueue,
  Queue,
  QueueShutDown,
  Semaphore,
  sleep,
  type Task,
  timeout,
  TimeoutError,
  wait,
  waitFor,
} from "@aio/asyncio";
import { asyncKind, generatorKind, type Kind } from "../tasks/_kinds.ts";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { useAsyncLocalStorage, virtualTime } from "@aio/asyncio/testing";

/** To see a failed program again: `SEED=n PROGRAMS=1 deno task test sync/random`. */
const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1e9));
const PROGRAMS = Number(process.env["PROGRAMS"] ?? 150);

/** Chance, from a seed: xorshift. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2654435761 + 1) | 0 || 1;
    for (let i = 0; i < 8; i++) this.roll(1);
  }

  /** From 0 to below `sides`. */
  roll(sides: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % sides;
  }

  pick<T>(of: readonly T[]): T {
    return of[this.roll(of.length)]!;
  }
}

/** What ends a program's coroutine, apart from its own end. */
const EXPECTED = [CancelledError, TimeoutError, QueueShutDown, BrokenBarrierError, RangeError];

/** A program: its tasks, and who disturbs them. */
class Play {
  readonly dice: Dice;
  readonly coro: Kind;
  readonly tasks: Task<unknown>[] = [];
  #isOver = false;

  constructor(dice: Dice, coro: Kind) {
    this.dice = dice;
    this.coro = coro;
  }

  /** Starts a task; if it fails or is cancelled, it begins again, until the end. */
  start(script: () => Generator<unknown, unknown, unknown>): void {
    const isOver = () => this.#isOver;
    const again = function* (): Generator<unknown, void, unknown> {
      for (;;) {
        try {
          yield* script();
          return;
        } catch (error) {
          if (isOver() || !EXPECTED.some((Class) => error instanceof Class)) throw error;
          if (error instanceof CancelledError) currentTask()!.uncancel();
        }
        yield sleep(1);
      }
    };
    this.tasks.push(createTask(this.coro(() => again())));
  }

  /** Awaits an operation, with a time limit or without; fails by chance after it. */
  *disturbed<T>(operation: () => PromiseLike<T>, limit = 6): Generator<unknown, T, unknown> {
    const { dice } = this;
    const kind = dice.roll(6);
    const time = dice.roll(limit);
    const value = kind === 0
      ? yield timeout(time, operation as () => never)
      : kind === 1
      ? yield waitFor(operation() as never, time + 1)
      : yield operation();
    return value as T;
  }

  *pause(): Generator<unknown, void, unknown> {
    yield sleep(this.dice.roll(4));
  }

  mayFail(): void {
    if (this.dice.roll(10) === 0) throw new RangeError("a failure");
  }

  /**
   * Cancels tasks by chance, often in the same step in which `poke` woke them; then lets all
   * come to rest.
   */
  *disturb(poke: () => void = () => {}): Generator<unknown, void, unknown> {
    for (let i = 0; i < 20; i++) {
      yield* this.pause();
      if (this.dice.roll(2) === 0) poke();
      for (let n = this.dice.roll(3); n > 0; n--) this.dice.pick(this.tasks).cancel();
    }
    yield sleep(1000);
  }

  /** From here on, what fails doesn't begin again. */
  endSoon(): void {
    this.#isOver = true;
  }

  /** All tasks have ended, and none in an unexpected way. */
  *end(isCancelling: boolean): Generator<unknown, void, unknown> {
    this.endSoon();
    if (isCancelling) this.tasks.forEach((task) => task.cancel());
    if (this.tasks.length > 0) yield wait(this.tasks);
    for (const task of this.tasks) {
      const error = task.cancelled() ? null : task.exception();
      if (error === null || EXPECTED.some((Class) => error instanceof Class)) continue;
      throw error;
    }
  }
}

type Scenario = (play: Play) => Generator<unknown, void, unknown>;

const scenarios: Record<string, Scenario> = {
  *"locks and semaphores are held by as many as allowed, and given back"(play) {
    const { dice } = play;
    const permits = dice.roll(4);
    const semaphore = dice.pick([
      () => new Semaphore(permits),
      () => new BoundedSemaphore(permits),
      () => new Lock(),
    ])();
    const limit = semaphore instanceof Lock ? 1 : permits;
    let held = 0;
    const worker = function* () {
      for (let i = 0; i < 3; i++) {
        if (dice.roll(2) === 0) {
          yield semaphore.withLock(play.coro(function* () {
            assert(++held <= limit);
            try {
              yield* play.pause();
              play.mayFail();
            } finally {
              held--;
            }
          }));
        } else {
          const hold = yield* play.disturbed(() => semaphore.acquire());
          try {
            assert(++held <= limit);
            yield* play.pause();
          } finally {
            held--;
            hold.release();
          }
        }
      }
    };
    for (let i = 0; i < 12; i++) play.start(worker);
    yield* play.disturb();
    yield* play.end(limit === 0);
    assertEquals(held, 0);
    const name = semaphore.constructor.name;
    const state = limit === 0
      ? "locked"
      : name === "Lock"
      ? "unlocked"
      : `unlocked value=${permits}`;
    assertEquals(String(semaphore), `<${name} ${state}>`);
  },

  *"queues lose no item, double none, and leave nobody waiting for one"(play) {
    const { dice } = play;
    const maxsize = dice.roll(4);
    const Class = dice.pick([Queue, Queue, LifoQueue, PriorityQueue] as const);
    const queue = new Class<number>(maxsize);
    const put = new Set<number>();
    const got: number[] = [];
    let made = 0;
    const producer = function* () {
      for (let i = 0; i < 6; i++) {
        const item = made++;
        yield* play.disturbed(() => queue.put(item));
        put.add(item);
        if (maxsize > 0) assert(queue.qsize() <= maxsize);
        if (dice.roll(2) === 0) yield* play.pause();
      }
    };
    const consumer = function* () {
      for (let i = 0; i < 6; i++) {
        got.push(yield* play.disturbed(() => queue.get()));
        if (dice.roll(2) === 0) yield* play.pause();
      }
    };
    for (let i = 0; i < 10; i++) play.start(dice.roll(2) === 0 ? producer : consumer);
    yield* play.disturb(() => {
      if (!queue.full() && dice.roll(2) === 0) {
        put.add(made);
        queue.putNowait(made++);
      } else if (!queue.empty()) {
        got.push(queue.getNowait());
      }
    });
    const text = String(queue);
    if (!queue.empty()) assert(!text.includes("getters"), text);
    if (!queue.full()) assert(!text.includes("putters"), text);
    if (dice.roll(2) === 0) queue.shutdown();
    yield* play.end(true);
    while (!queue.empty()) got.push(queue.getNowait());
    assertEquals(got.toSorted((a, b) => a - b), [...put].sort((a, b) => a - b));
    for (let i = 0; i < put.size; i++) queue.taskDone();
    yield queue.join();
  },

  *"a queue between two keeps its order"(play) {
    const { dice } = play;
    const queue = new Queue<number>(1 + dice.roll(3));
    const got: number[] = [];
    play.start(function* () {
      for (let n = 0; n < 40; n++) {
        yield queue.put(n);
        if (dice.roll(3) === 0) yield* play.pause();
      }
      queue.shutdown();
    });
    // One consumer after the other, each cancelled or timed out.
    for (let alive = true; alive;) {
      const consumer = createTask(play.coro(function* () {
        for (;;) {
          got.push(yield* play.disturbed(() => queue.get()));
          if (dice.roll(3) === 0) yield* play.pause();
        }
      }));
      yield* play.pause();
      if (dice.roll(2) === 0) consumer.cancel();
      yield wait([consumer]);
      alive = consumer.cancelled() || !(consumer.exception() instanceof QueueShutDown);
    }
    assertEquals(got, Array.from({ length: 40 }, (_, n) => n));
    yield* play.end(false);
  },

  *"conditions lose no notification"(play) {
    const { dice } = play;
    const condition = new Condition();
    let stock = 0;
    let made = 0;
    let taken = 0;
    let waiting = 0;
    const consumer = function* () {
      const hold = yield* play.disturbed(() => condition.acquire());
      try {
        waiting++;
        try {
          yield* play.disturbed(() => condition.waitFor(() => stock > 0));
        } finally {
          waiting--;
          assert(condition.locked());
        }
        stock--;
        taken++;
      } finally {
        hold.release();
      }
    };
    const producer = function* () {
      for (let i = 0; i < 4; i++) {
        const hold = yield* play.disturbed(() => condition.acquire());
        const count = 1 + dice.roll(2);
        stock += count;
        made += count;
        if (dice.roll(3) === 0) yield* settled(play.pause());
        if (dice.roll(4) === 0) condition.notifyAll();
        else condition.notify(count);
        if (dice.roll(2) === 0) dice.pick(play.tasks).cancel();
        hold.release();
        yield* play.pause();
      }
    };
    for (let i = 0; i < 20; i++) play.start(i % 4 === 0 ? producer : consumer);
    yield* play.disturb();
    assert(stock === 0 || waiting === 0, `${waiting} wait although there are ${stock}`);
    yield* play.end(true);
    assertEquals(made, taken + stock);
    assert(!condition.locked());
  },

  *"who is cancelled as it is woken hands on what woke it"(play) {
    const { dice } = play;
    const count = 2 + dice.roll(4);
    const woken = 1 + dice.roll(count);
    const items = Array.from({ length: count }, (_, n) => n);
    const start = (fn: () => PromiseLike<unknown>) => items.map(() => createTask(() => fn()));
    const cancelSome = (tasks: Task<unknown>[]) =>
      tasks.filter((task) => dice.roll(2) === 0 && task.cancel()).length;

    const supply = new Queue<number>();
    const getters = start(() => supply.get());
    const room = new Queue<number>(count);
    for (const item of items) room.putNowait(item);
    const putters = start(() => room.put(0));
    const permits = new Semaphore(0);
    const acquirers = start(() => permits.acquire());
    const news = new Condition();
    const readers = start(() => news.withLock(() => news.wait()));
    yield sleep(1);

    const hold = (yield news.acquire()) as Hold;
    for (const item of items.slice(0, woken)) {
      supply.putNowait(item);
      room.getNowait();
      permits.release();
    }
    news.notify(woken);
    const cancelled = [getters, putters, acquirers, readers].map(cancelSome);
    yield sleep(1);
    hold.release();
    yield sleep(1);
    const served = [getters, putters, acquirers, readers].map((tasks) =>
      tasks.filter((task) => task.done() && !task.cancelled()).length
    );
    const expected = cancelled.map((gone) => Math.min(woken, count - gone));
    // A condition may wake more: whoever is cancelled there wakes another, notified or not.
    assert(served[3]! >= expected[3]!);
    assertEquals(served.slice(0, 3), expected.slice(0, 3));
    assertEquals(supply.qsize(), woken - served[0]!);
    assertEquals(room.qsize(), count - woken + served[1]!);
    for (const task of [...getters, ...putters, ...acquirers, ...readers]) task.cancel();
    yield sleep(1);
  },

  *"events wake all who waited"(play) {
    const { dice } = play;
    const event = new Event();
    for (let i = 0; i < 12; i++) {
      play.start(function* () {
        for (;;) {
          yield* play.disturbed(() => event.wait());
          yield* play.pause();
          if (dice.roll(2) === 0) event.clear();
          if (dice.roll(2) === 0) event.set();
          yield sleep(1);
        }
      });
    }
    play.start(function* () {
      for (;;) {
        yield sleep(3);
        event.set();
        event.clear();
      }
    });
    for (let i = 0; i < 10; i++) {
      yield* play.pause();
      play.dice.pick(play.tasks).cancel();
    }
    yield* play.end(true);
    assertEquals(String(event).replace("unset", "set"), "<Event set>");
  },

  *"barriers never hold as many as they are for"(play) {
    const { dice } = play;
    const barrier = new Barrier(1 + dice.roll(4));
    for (let i = 0; i < 16; i++) {
      play.start(function* () {
        for (let round = 0; round < 3; round++) {
          yield* play.pause();
          const place = yield* play.disturbed(() => barrier.wait());
          assert(place >= 0 && place < barrier.parties);
          if (dice.roll(20) === 0) yield barrier.reset();
        }
      });
    }
    yield* play.disturb();
    assert(barrier.nWaiting < barrier.parties);
    const waiting = play.tasks.filter((task) => !task.done()).length;
    assertEquals(waiting, barrier.nWaiting);
    yield* play.end(true);
    assertEquals(String(barrier), `<Barrier filling waiters=0/${barrier.parties}>`);
  },

  *"mapConcurrent leaves no call behind and closes its source once"(play) {
    const { dice } = play;
    getRunningLoop().setExceptionHandler(() => {}); // errors of calls that are being cancelled
    let running = 0;
    let begun = 0;
    let closed = 0;
    const source = function* () {
      try {
        for (let n = 0; n < 30; n++) yield n;
      } finally {
        closed++;
      }
    };
    const concurrency = 1 + dice.roll(5);
    const ordered = dice.roll(2) === 0;
    const call = play.coro(function* (n: number) {
      begun++;
      assert(++running <= concurrency);
      try {
        yield* play.pause();
        if (dice.roll(60) === 0) throw new RangeError("a failure");
        return n;
      } finally {
        if (dice.roll(3) === 0) yield* settled(play.pause());
        running--;
      }
    });
    const taken: number[] = [];
    const results = mapConcurrent(source(), call, { concurrency, ordered });
    const leaveAt = dice.roll(60);
    const consumer = function* () {
      while (taken.length < leaveAt) {
        let next: IteratorResult<number>;
        try {
          next = yield results.next();
        } catch (error) {
          // `for await` calls nothing any more when this fails: all is over.
          assertEquals(running, 0);
          throw error;
        }
        if (next.done) return;
        taken.push(next.value);
        try {
          if (dice.roll(2) === 0) yield* play.pause();
        } catch (error) {
          yield results.return();
          throw error;
        }
      }
      yield results.return();
      assertEquals(running, 0);
    };
    for (let i = dice.pick([1, 1, 1, 2, 3]); i > 0; i--) play.start(consumer);
    play.endSoon();
    if (dice.roll(2) === 0) {
      yield sleep(dice.roll(60));
      dice.pick(play.tasks).cancel();
    }
    yield* play.end(false);
    assertEquals(running, 0);
    assertEquals(closed, begun > 0 ? 1 : 0);
    if (ordered) assertEquals(taken, taken.map((_, n) => n));
    assertEquals(new Set(taken).size, taken.length);
  },
};

/** Goes on to the end, however often it is cancelled; then gives way to that. */
function* settled(steps: Generator<unknown, void, unknown>): Generator<unknown, void, unknown> {
  try {
    yield* steps;
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  }
}

/** As `run()`, without what that does for the process. */
async function runOn(loop: EventLoop, main: Coro<unknown>): Promise<void> {
  try {
    await loop.runUntilComplete(main);
    assertEquals(loop.describeWaiting(), []);
  } finally {
    loop.close();
  }
}

const KINDS: [string, Kind, boolean][] = [
  ["generators", generatorKind, true],
  ["async functions", asyncKind, true],
  ["async functions, no AsyncLocalStorage", asyncKind, false],
];

describe(`Random programs (SEED=${SEED})`, () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    it(name, async () => {
      for (let seed = SEED; seed < SEED + PROGRAMS; seed++) {
        for (const [kind, coro, isStored] of KINDS) {
          const before = useAsyncLocalStorage(isStored);
          try {
            const main = coro(() => scenario(new Play(new Dice(seed), coro)));
            await runOn(virtualTime(), main);
          } catch (error) {
            fail(`SEED=${seed}, ${kind}: ${(error as Error).stack}`);
          } finally {
            useAsyncLocalStorage(before);
          }
        }
      }
    });
  }
});
