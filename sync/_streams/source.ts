/**
 * Where items come from: an iterable, an async iterable, or a stream, drawn one by one.
 *
 * Invariants:
 * - Who draws can always be cancelled. If the source waits for something of this module's, it gets
 *   the cancellation itself, and its end is waited for. If it waits for something foreign, it is
 *   left to itself, as `until()` leaves a promise; what fails in it later is reported.
 * - A source that was left is asked to close. An async generator can't be before that draw is over;
 *   any other has {@link PATIENCE} for it.
 *
 * @module
 */

import { CancelledError } from "../../errors.ts";
import { Coroutine, fromGenerator } from "../../tasks/coroutine.ts";
import { currentTask } from "../../tasks/current.ts";
import { describeValue } from "../../loop/describe.ts";
import { Future } from "../../tasks/future.ts";
import type { Task } from "../../tasks/task.ts";
import { until } from "../../tasks/until.ts";
import { wait } from "../../tasks/wait.ts";

/** How long a source that was left in the middle of a draw may take to close, in milliseconds. */
const PATIENCE = 1000;

/** Whatever items can be drawn from. */
export type Source<T> = Iterable<T> | AsyncIterable<T> | ReadableStream<T>;

/** A source that is being drawn from. */
export interface Opened<T> {
  /** Does `pull` give its result at once? */
  readonly isSync: boolean;
  /** Draws the next item. */
  pull(): IteratorResult<T> | PromiseLike<IteratorResult<T>>;
  /** To be told when it has ended by itself, or failed: then it isn't closed any more. */
  end(): void;
  /** Has a foreign source give up what it waits for; what is ours is reached by a cancellation. */
  interrupt(): void;
  /** Closes it, unless it has ended; once only. To be waited for by the task that calls it. */
  close(): PromiseLike<unknown> | undefined;
}

/** Gets ready to draw from a source; nothing is drawn yet. */
export function openSource<T>(source: Source<T>, what: string): Opened<T> {
  const isAwaitable = source instanceof Coroutine || source instanceof Future;
  const candidate = source as Partial<ReadableStream<T> & AsyncIterable<T> & Iterable<T>> | null;
  if (!isAwaitable && candidate !== null && candidate !== undefined) {
    if (typeof candidate.getReader === "function") {
      return new AsyncSource(readStream(source as ReadableStream<T>));
    }
    if (typeof candidate[Symbol.asyncIterator] === "function") {
      return new AsyncSource((source as AsyncIterable<T>)[Symbol.asyncIterator]());
    }
    if (typeof candidate[Symbol.iterator] === "function") {
      return new SyncSource((source as Iterable<T>)[Symbol.iterator]());
    }
  }
  throw new TypeError(
    `Cannot ${what} as 'source' must be an iterable, an async iterable or a ReadableStream: ` +
      `current value is ${describeValue(source)}`,
  );
}

class SyncSource<T> implements Opened<T> {
  readonly isSync = true;
  readonly #iterator: Iterator<T>;
  #hasEnded = false;

  constructor(iterator: Iterator<T>) {
    this.#iterator = iterator;
  }

  pull(): IteratorResult<T> {
    return this.#iterator.next();
  }

  end(): void {
    this.#hasEnded = true;
  }

  interrupt(): void {}

  close(): undefined {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#iterator.return?.();
  }
}

/** A draw that waits for a foreign promise. */
class Draw<T> {
  readonly promise: Promise<IteratorResult<T>>;
  /** Whose draw it is. */
  readonly task: Task<unknown>;
  isOver = false;
  wasLeft = false;
  #leave!: (error: unknown) => void;

  constructor(result: PromiseLike<IteratorResult<T>>, task: Task<unknown>) {
    this.task = task;
    this.promise = new Promise((resolve, reject) => {
      this.#leave = reject;
      // Whatever it is, it is adopted: its `then` may be anyone's.
      Promise.resolve(result).then((value) => {
        this.isOver = true;
        resolve(value);
      }, (error) => {
        this.isOver = true;
        if (this.wasLeft) this.report(error);
        reject(error);
      });
    });
  }

  /** Ends the wait, but not if the source waits for what is ours, and so was cancelled with the task. */
  leave(reason: unknown): void {
    const { task } = this;
    if (this.isOver || task._body?.inner) return;
    // It isn't away yet if its code is in the middle of a step.
    if (!task._isAway()) return task._loop._driver.later(() => this.leave(reason), false);
    this.wasLeft = true;
    this.#leave(reason);
  }

  /** Tells of an error that nobody waits for any more. */
  report(exception: unknown): void {
    if (exception instanceof CancelledError || (exception as Error)?.name === "AbortError") return;
    this.task._loop.callExceptionHandler({
      message: "A source failed after it had been left",
      exception,
    });
  }
}

class AsyncSource<T> implements Opened<T> {
  readonly isSync = false;
  readonly #iterator: AsyncIterator<T>;
  #hasEnded = false;
  #obeysCancel = false;
  #closing: PromiseLike<unknown> | undefined = undefined;
  /** The last draw of a foreign promise; there is one at a time. */
  #draw: Draw<T> | null = null;
  /** The signals of those who draw. */
  readonly #followed = new WeakSet<AbortSignal>();

  constructor(iterator: AsyncIterator<T>) {
    this.#iterator = iterator;
  }

  pull(): PromiseLike<IteratorResult<T>> {
    const result: PromiseLike<IteratorResult<T>> = this.#iterator.next();
    const isOurs = result instanceof Coroutine || result instanceof Future;
    this.#obeysCancel = isOurs || isAsyncGenerator(this.#iterator);
    const task = currentTask();
    if (isOurs || task === null) return result;
    const draw = this.#draw = new Draw(result, task);
    this.#follow(task);
    return draw.promise;
  }

  /** Has a cancellation of `task` end its draw. */
  #follow(task: Task<unknown>): void {
    const { signal } = task;
    const leave = () => {
      if (this.#draw?.task === task) this.#draw.leave(signal.reason);
    };
    if (signal.aborted) return leave();
    if (this.#followed.has(signal)) return;
    this.#followed.add(signal);
    signal.addEventListener("abort", leave, { once: true });
  }

  end(): void {
    this.#hasEnded = true;
  }

  interrupt(): void {
    if (this.#obeysCancel) return;
    // Whoever waits for the closing gets its error.
    Promise.resolve(this.#startClosing()).catch(() => {});
  }

  close(): PromiseLike<unknown> | undefined {
    const closing = this.#startClosing();
    const draw = this.#draw;
    if (closing === undefined || draw === null || !draw.wasLeft || draw.isOver) return closing;
    const task = currentTask();
    if (isAsyncGenerator(this.#iterator) || task === null) {
      // It is told once the draw is over.
      Promise.resolve(closing).catch((error) => draw.report(error));
      return undefined;
    }
    return fromGenerator("close", () => closeSoon(until(closing)));
  }

  #startClosing(): PromiseLike<unknown> | undefined {
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#closing = this.#iterator.return?.();
    }
    return this.#closing;
  }
}

/** Waits for the closing of a source, but not for ever. */
function* closeSoon(closing: Future<unknown>): Generator<unknown, unknown, unknown> {
  const [done] = yield* wait([closing], { timeout: PATIENCE });
  return done.size > 0 ? closing.result() : closing.cancel();
}

function isAsyncGenerator(iterator: object): boolean {
  return (iterator as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === "AsyncGenerator";
}

/** Streams aren't async iterable everywhere. Cancelling one ends a read that is pending. */
function readStream<T>(stream: ReadableStream<T>): AsyncIterator<T> {
  const reader = stream.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<T>>,
    return: async () => {
      await reader.cancel();
      reader.releaseLock();
      return { done: true, value: undefined };
    },
  };
}
