/** `map`: results in order, calls ahead of them as far as the buffer allows. */

import { toMilliseconds } from "../../duration.ts";
import { TimeoutError, ValueError } from "../../errors.ts";
import { Deque } from "../../deque.ts";
import type { ConcurrentFuture } from "../concurrent_future.ts";
import type { MapOptions } from "../executor.ts";

type Source = Iterable<unknown> | AsyncIterable<unknown>;

/** How `map` hands out work. */
export interface MapTarget {
  /** Submits one call, or a chunk of calls whose result is a list. */
  submit(argLists: unknown[][]): ConcurrentFuture<unknown>;
  /** Resolves when there is room for another; `null` if there is. */
  room(): Promise<void> | null;
}

/** Parts the options from the iterables. */
export function splitMapArguments(rest: unknown[]): [Source[], MapOptions] {
  const last = rest.at(-1);
  const isOptions = typeof last === "object" && last !== null && !isSource(last);
  const sources = (isOptions ? rest.slice(0, -1) : rest) as Source[];
  sources.forEach((source, i) => {
    if (!isSource(source)) {
      throw new TypeError(`Cannot map over argument ${i + 1}: it isn't iterable`);
    }
  });
  if (sources.length === 0) throw new TypeError("Cannot map over nothing: no iterable given");
  return [sources, isOptions ? last as MapOptions : {}];
}

function isSource(value: unknown): value is Source {
  return typeof value === "string" ||
    (typeof value === "object" && value !== null &&
      (Symbol.iterator in value || Symbol.asyncIterator in value));
}

/** Checks a count that an option gives. */
export function positiveInteger(value: number, name: string, verb = "map"): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new ValueError(
      `Cannot ${verb} as '${name}' must be an integer >= 1: current value is ${value}`,
    );
  }
  return value;
}

/** The iterator that `map` returns. */
export class MapResults implements AsyncIterableIterator<unknown> {
  readonly #target: MapTarget;
  readonly #sources: (Iterator<unknown> | AsyncIterator<unknown>)[];
  readonly #isAsync: boolean;
  readonly #chunk: number;
  readonly #chunksAhead: number;
  readonly #deadline: number;
  /** What was submitted and not yet taken. */
  readonly #futures: Deque<ConcurrentFuture<unknown>> = new Deque();
  /** Results of the chunk that was taken last. */
  readonly #ready: Deque<unknown> = new Deque();
  /** Wakes a `next()` that waits for a first submission. */
  #wake: (() => void) | null = null;
  #filling: Promise<void> | null = null;
  #ended = false;
  #sourceError: { error: unknown } | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(target: MapTarget, sources: Source[], options: MapOptions) {
    this.#target = target;
    this.#chunk = positiveInteger(options.chunksize ?? 1, "chunksize");
    const ahead = options.buffersize ?? null;
    if (ahead !== null) positiveInteger(ahead, "buffersize");
    this.#chunksAhead = ahead === null ? Infinity : Math.max(1, Math.floor(ahead / this.#chunk));
    if (ahead !== null && ahead < this.#chunk) this.#chunk = ahead;
    const { timeout = null } = options;
    this.#deadline = timeout === null
      ? Infinity
      : performance.now() + toMilliseconds(timeout, "timeout");
    this.#isAsync = sources.some((source) =>
      typeof source === "object" && !(Symbol.iterator in source)
    );
    this.#sources = sources.map((source) =>
      typeof source === "object" && !(Symbol.iterator in source)
        ? (source as AsyncIterable<unknown>)[Symbol.asyncIterator]()
        : (source as Iterable<unknown>)[Symbol.iterator]()
    );
    this.#fill();
  }

  /** The next result; calls queue up behind each other. */
  next(): Promise<IteratorResult<unknown>> {
    const result = this.#turn.then(() => this.#next());
    this.#turn = result.catch(() => {});
    return result;
  }

  return(): Promise<IteratorResult<unknown>> {
    this.#stop();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #next(): Promise<IteratorResult<unknown>> {
    while (true) {
      if (this.#ready.length > 0) {
        const value = this.#ready.shift();
        return { done: false, value };
      }
      this.#fill();
      const future = this.#futures.shift();
      if (future !== undefined) {
        try {
          const result = await this.#inTime(future);
          if (this.#chunk === 1) {
            this.#fill();
            return { done: false, value: result };
          }
          for (const each of result as unknown[]) this.#ready.push(each);
        } catch (error) {
          future.cancel();
          this.#stop();
          throw error;
        }
        this.#fill();
      } else if (this.#filling !== null) {
        await this.#inTime(new Promise<void>((resolve) => this.#wake = resolve));
      } else if (this.#sourceError !== null) {
        const { error } = this.#sourceError;
        this.#sourceError = null;
        throw error;
      } else if (this.#ended) return { done: true, value: undefined };
    }
  }

  /** Submits as far ahead as is allowed; goes on in the background where it must wait. */
  #fill(): void {
    if (this.#filling !== null || this.#ended) return;
    try {
      while (!this.#ended && this.#futures.length < this.#chunksAhead) {
        if (this.#isAsync || this.#target.room() !== null) {
          this.#filling = this.#fillSlowly().finally(() => {
            this.#filling = null;
            this.#wake?.();
          });
          return;
        }
        this.#submit(this.#takeChunk());
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  async #fillSlowly(): Promise<void> {
    try {
      while (!this.#ended && this.#futures.length < this.#chunksAhead) {
        await this.#target.room();
        if (this.#ended) return;
        this.#submit(this.#isAsync ? await this.#takeChunkSlowly() : this.#takeChunk());
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #submit(chunk: unknown[][]): void {
    if (chunk.length === 0) return;
    const future = this.#target.submit(chunk);
    this.#futures.push(future);
    this.#wake?.();
  }

  #takeChunk(): unknown[][] {
    const chunk: unknown[][] = [];
    while (chunk.length < this.#chunk) {
      const args: unknown[] = [];
      for (const source of this.#sources as Iterator<unknown>[]) {
        const step = source.next();
        if (step.done) return this.#ended = true, chunk;
        args.push(step.value);
      }
      chunk.push(args);
    }
    return chunk;
  }

  async #takeChunkSlowly(): Promise<unknown[][]> {
    const chunk: unknown[][] = [];
    while (chunk.length < this.#chunk) {
      const args: unknown[] = [];
      for (const source of this.#sources) {
        const step = await source.next();
        if (this.#ended) return [];
        if (step.done) return this.#ended = true, chunk;
        args.push(step.value);
      }
      chunk.push(args);
    }
    return chunk;
  }

  #fail(error: unknown): void {
    this.#ended = true;
    this.#sourceError = { error };
  }

  #stop(): void {
    this.#ended = true;
    this.#ready.drain();
    for (const source of this.#sources) source.return?.();
    for (const future of this.#futures.drain()) future.cancel();
  }

  #inTime<T>(awaitable: PromiseLike<T>): PromiseLike<T> {
    if (this.#deadline === Infinity) return awaitable;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#stop();
        reject(new TimeoutError("Cannot give the next result of map(): its time is up"));
      }, Math.max(0, this.#deadline - performance.now()));
      awaitable.then((value) => (clearTimeout(timer), resolve(value)), (error) => {
        clearTimeout(timer);
        reject(error);
      });
    });
  }
}
