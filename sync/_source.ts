/**
 * Where items come from: an iterable, an async iterable, or a stream, drawn one by one.
 *
 * @module
 */

import { Coroutine } from "../tasks/coroutine.ts";
import { describeValue } from "../loop/describe.ts";
import { Future } from "../tasks/future.ts";

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

class AsyncSource<T> implements Opened<T> {
  readonly isSync = false;
  readonly #iterator: AsyncIterator<T>;
  #hasEnded = false;
  #obeysCancel = false;
  #closing: PromiseLike<unknown> | undefined = undefined;

  constructor(iterator: AsyncIterator<T>) {
    this.#iterator = iterator;
  }

  pull(): PromiseLike<IteratorResult<T>> {
    const result = this.#iterator.next();
    this.#obeysCancel = result instanceof Coroutine || isAsyncGenerator(this.#iterator);
    return result;
  }

  end(): void {
    this.#hasEnded = true;
  }

  interrupt(): void {
    if (this.#obeysCancel) return;
    // Whoever waits for the closing gets its error.
    Promise.resolve(this.close()).catch(() => {});
  }

  close(): PromiseLike<unknown> | undefined {
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#closing = this.#iterator.return?.();
    }
    return this.#closing;
  }
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
