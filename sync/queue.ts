/**
 * Queues.
 *
 * @module
 */

import { checkMaxsize, describeItems, type Store } from "./_stores/store.ts";
import { type Coroutine, fromGenerator } from "../tasks/coroutine.ts";
import { Deque } from "../deque.ts";
import { Event } from "./event.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { feed, type Feeder } from "./_streams/feed.ts";
import { inspectable } from "../loop/describe.ts";
import { describeLine, Line, type Waiter } from "./_line.ts";
import { type Kind, Operation } from "./_operation.ts";
import { openSource, type Source } from "./_streams/source.ts";
import { QueueEmpty, QueueFull, QueueShutDown, ValueError } from "../errors.ts";
import { readFrom } from "./_streams/readable.ts";

/** Options of `Queue.shutdown`. */
export interface ShutdownOptions {
  /** Drops the items that are left, so that `get` throws at once; false by default. */
  immediate?: boolean;
}

/** Options of `Queue.from`. */
export interface QueueFromOptions {
  /** How many items to read ahead; 1 by default. 0 and below mean no limit. */
  maxsize?: number;
}

/** Options of `Queue.asReadable`. */
export interface AsReadableOptions {
  /** Leaves the queue open when the stream is cancelled; false by default. */
  preventCancel?: boolean;
}

const DONE = { done: true, value: undefined } as const;

/** Is a queue being shown, with its items? */
let isDescribing = false;

const PUT: Kind<Queue<unknown>, unknown, void> = {
  name: "put",
  attempt(queue, item) {
    if (queue.full() && !queue._isShutdown) return null;
    queue.putNowait(item);
    return DONE;
  },
  line: (queue) => queue._putters,
  abandon: (queue, waiter) => queue._passRoomOn(waiter),
};

const GET: Kind<Queue<unknown>, undefined, unknown> = {
  name: "get",
  attempt(queue) {
    if (queue._store.length === 0 && !queue._isShutdown) return null;
    return { done: true, value: queue.getNowait() };
  },
  line: (queue) => queue._getters,
  abandon: (queue, waiter) => queue._passItemOn(waiter),
};

/** What `for await` calls. */
const NEXT: Kind<Queue<unknown>, undefined, IteratorResult<unknown, undefined>> = {
  name: "next",
  attempt(queue) {
    if (queue._store.length > 0) {
      return { done: true, value: { done: false, value: queue.getNowait() } };
    }
    if (!queue._isShutdown) return null;
    const failure = queue._failure();
    if (failure !== null) throw failure.error;
    return { done: true, value: DONE };
  },
  line: (queue) => queue._getters,
  abandon: (queue, waiter) => queue._passItemOn(waiter),
};

/**
 * A queue between tasks: what is put in first comes out first.
 *
 * With a `maxsize`, those who put wait while it is full. `for await (const item of
 * queue)` takes items until the queue is shut down and empty.
 *
 * An item that is itself a promise or an awaitable is awaited by JavaScript when `get` is
 * awaited: wrap it in an object, or use `yield*`, to get it as it is.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue | asyncio.Queue}.
 *
 * @typeParam T The items' type.
 *
 * @example Usage
 * ```ts
 * import { createTask, Queue, run } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const queue = new Queue<number>(2);
 *   createTask(async () => {
 *     for (let n = 1; n <= 5; n++) await queue.put(n);
 *     queue.shutdown();
 *   });
 *   const items: number[] = [];
 *   for await (const item of queue) items.push(item);
 *   assertEquals(items, [1, 2, 3, 4, 5]);
 * });
 * ```
 */
export class Queue<T> implements AsyncIterable<T, undefined> {
  // Plain fields: the operations above are on the hot path.

  /** @internal */
  _loop: EventLoop | null = null;
  /**
   * Set by subclasses.
   * @internal
   */
  _store: Store<T> = new Deque<T>();
  /** @internal */
  readonly _getters: Line = new Line(this);
  /** @internal */
  readonly _putters: Line = new Line(this);
  /** @internal */
  _isShutdown = false;
  /**
   * What fills it, if it was made by `Queue.from`.
   * @internal
   */
  _feeder: Feeder | null = null;
  readonly #maxsize: number;
  readonly #finished = new Event();
  #unfinished = 0;

  /**
   * Makes a queue.
   *
   * @param maxsize How many items it holds at most; 0 and below mean no limit.
   * @throws {ValueError} If `maxsize` is NaN.
   */
  constructor(maxsize = 0) {
    this.#maxsize = checkMaxsize(maxsize, this.constructor.name);
    this.#finished.set();
  }

  /**
   * Makes a queue that is filled from an iterable, an async iterable, or a stream.
   *
   * It reads on only while there is room, and shuts the queue down at the end. An error
   * of the source is thrown to those who get, after the items before it. Shutting the
   * queue down closes the source; one that stalls is left, as by `mapConcurrent`.
   *
   * @typeParam T The items' type.
   * @param source Where the items come from.
   * @param options See {@link QueueFromOptions}.
   * @returns The queue.
   * @throws {TypeError} If the source can't be iterated.
   *
   * @example Usage
   * ```ts
   * import { Queue, run } from "@aio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const queue = Queue.from(new Blob(["hello"]).stream());
   *   assertEquals((await queue.get()).length, 5);
   * });
   * ```
   */
  static from<T>(source: Source<T>, options: QueueFromOptions = {}): Queue<T> {
    const queue = new Queue<T>(options.maxsize ?? 1);
    queue._feeder = feed(queue, openSource(source, "fill a Queue"));
    return queue;
  }

  /** How many items it holds at most; 0 and below mean no limit. */
  get maxsize(): number {
    return this.#maxsize;
  }

  /** How many items are in it. */
  qsize(): number {
    return this._store.length;
  }

  /** Is it empty? */
  empty(): boolean {
    return this._store.length === 0;
  }

  /** Does it hold `maxsize` items? Never, if there is no limit. */
  full(): boolean {
    return this.#maxsize > 0 && this._store.length >= this.#maxsize;
  }

  /**
   * Puts an item in; waits while the queue is full.
   *
   * Cancellation: the item isn't put in.
   *
   * @param item The item.
   * @throws {QueueShutDown} If the queue is or gets shut down.
   * @throws {RuntimeError} If it has to wait, and others wait on a different loop.
   */
  put(item: T): Coroutine<void> {
    return new Operation(PUT as Kind<Queue<T>, T, void>, this, item);
  }

  /**
   * Puts an item in, at once.
   *
   * @param item The item.
   * @throws {QueueFull} If there is no room.
   * @throws {QueueShutDown} If the queue is shut down.
   */
  putNowait(item: T): void {
    if (this._isShutdown) throw this._endError("put an item into");
    if (this.full()) {
      throw new QueueFull(`Cannot put an item into ${this.#describe(false)}: it is full`);
    }
    this._store.push(item);
    this.#unfinished++;
    this.#finished.clear();
    this._getters.wakeNext();
  }

  /**
   * Takes the next item out; waits while the queue is empty.
   *
   * Cancellation: no item is taken, none is lost.
   *
   * @returns The item.
   * @throws {QueueShutDown} If the queue is or gets shut down, and is empty.
   * @throws {RuntimeError} If it has to wait, and others wait on a different loop.
   */
  get(): Coroutine<T> {
    return new Operation(GET as Kind<Queue<T>, undefined, T>, this, undefined);
  }

  /**
   * Takes the next item out, at once.
   *
   * @returns The item.
   * @throws {QueueEmpty} If there is none.
   * @throws {QueueShutDown} If there is none and the queue is shut down.
   */
  getNowait(): T {
    if (this._store.length === 0) {
      if (this._isShutdown) throw this._endError("get an item from");
      throw new QueueEmpty(`Cannot get an item from ${this}: it is empty`);
    }
    const item = this._store.take();
    this._putters.wakeNext();
    return item;
  }

  /**
   * Tells that the work on an item that was taken out is done: for `join`.
   *
   * @throws {ValueError} If it is called more often than items were put in.
   */
  taskDone(): void {
    if (this.#unfinished <= 0) {
      throw new ValueError(
        `Cannot take a task of ${this.#describe(false)} as done: all of them are`,
      );
    }
    if (--this.#unfinished === 0) this.#finished.set();
  }

  /**
   * Waits until `taskDone` was called for each item that was put in.
   *
   * Cancellation: nothing is left behind.
   *
   * @example Usage
   * ```ts
   * import { createTask, Queue, run } from "@aio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const queue = new Queue<string>();
   *   const done: string[] = [];
   *   createTask(async () => {
   *     for await (const item of queue) {
   *       done.push(item);
   *       queue.taskDone();
   *     }
   *   });
   *   queue.putNowait("a");
   *   queue.putNowait("b");
   *   await queue.join();
   *   assertEquals(done, ["a", "b"]);
   * });
   * ```
   */
  join(): Coroutine<void> {
    return fromGenerator("join", () => this.#join());
  }

  *#join(): Generator<unknown, void, unknown> {
    if (this.#unfinished > 0) yield* this.#finished.wait();
  }

  /**
   * Shuts the queue down: nothing can be put in any more, and what is left can still be
   * taken out. All who wait to put get an error, and all who wait to get as well.
   *
   * @param options See {@link ShutdownOptions}.
   */
  shutdown(options: ShutdownOptions = {}): void {
    this._isShutdown = true;
    if (options.immediate === true) {
      this.#unfinished = Math.max(0, this.#unfinished - this._store.length);
      this._store.clear();
      if (this.#unfinished === 0) this.#finished.set();
    }
    this._getters.wake();
    this._putters.wake();
    this._feeder?.stop();
  }

  /** Takes items until the queue is shut down and empty. Leaving the loop leaves the queue as it is. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.#next() as Promise<IteratorResult<T, undefined>> };
  }

  /** For an item that is there, a native promise is awaited faster than a coroutine. */
  #next(): PromiseLike<IteratorResult<T, undefined>> {
    if (this._store.length > 0) {
      return Promise.resolve({ done: false, value: this.getNowait() });
    }
    const kind = NEXT as Kind<Queue<T>, undefined, IteratorResult<T, undefined>>;
    return new Operation(kind, this, undefined);
  }

  /**
   * Makes a stream of the items. It takes one out whenever its reader wants one, no
   * sooner, and ends when the queue is shut down and empty.
   *
   * Cancelling the stream shuts the queue down at once, so that those who put in learn
   * that nobody wants it; unless `preventCancel` is set.
   *
   * @param options See {@link AsReadableOptions}.
   * @returns The stream, for the running loop.
   *
   * @example Usage
   * ```ts
   * import { Queue, run } from "@aio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const queue = new Queue<string>();
   *   queue.putNowait("hello");
   *   queue.shutdown();
   *   const response = new Response(queue.asReadable().pipeThrough(new TextEncoderStream()));
   *   assertEquals(await response.text(), "hello");
   * });
   * ```
   */
  asReadable(options: AsReadableOptions = {}): ReadableStream<T> {
    return readFrom(this, options.preventCancel === true);
  }

  /** `<Queue maxsize=2 items=['a', 'b'] putters=1 tasks=3 shutdown>`; many items are abridged. */
  toString(): string {
    if (isDescribing) return this.#describe(false); // a queue of queues, of which it may be one
    isDescribing = true;
    try {
      return this.#describe(true);
    } finally {
      isDescribing = false;
    }
  }

  /** For a message that may be made often, the number of the items will do. */
  #describe(withItems: boolean): string {
    const tasks = this.#unfinished > 0 ? ` tasks=${this.#unfinished}` : "";
    const items = withItems && !this.empty()
      ? `items=${describeItems(this._store)}`
      : `qsize=${this.qsize()}`;
    return `<${this.constructor.name} maxsize=${this.#maxsize} ${items}` +
      describeLine(this._getters, "getters") + describeLine(this._putters, "putters") +
      `${tasks}${this._isShutdown ? " shutdown" : ""}>`;
  }

  /**
   * One who was to put gives up; if it was woken for room in this turn, that is the next one's.
   * @internal
   */
  _passRoomOn(waiter: Waiter): void {
    if (!this.full() && !waiter.cancelled()) this._putters.wakeNext();
  }

  /**
   * One who was to get gives up; if it was woken for an item in this turn, that is the next one's.
   * @internal
   */
  _passItemOn(waiter: Waiter): void {
    if (!this.empty() && !waiter.cancelled()) this._getters.wakeNext();
  }

  /**
   * The error of what fills it, if that has failed.
   * @internal
   */
  _failure(): { error: unknown } | null {
    return this._feeder?.takeFailure() ?? null;
  }

  /**
   * Why nothing can be done with a queue that is shut down.
   * @internal
   */
  _endError(verb: string): unknown {
    const failure = this._failure();
    if (failure !== null) return failure.error;
    return new QueueShutDown(`Cannot ${verb} ${this.#describe(false)}: it is shut down`);
  }
}

inspectable(Queue);
