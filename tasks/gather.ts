/**
 * Waiting for all of several awaitables.
 *
 * Invariant: once the gathering is done, or none was made, nothing of it is left at those that
 * are not; what they fail with later counts as known, as in Python.
 *
 * @module
 */

import type { Awaitable, ResultOf, ResultsOf } from "./awaitable.ts";
import { CANCELLED, FAILED, Future, RESULT } from "./future.ts";
import { CancelledError } from "../errors.ts";
import { type CancelWork, finishCancel } from "./_cancel.ts";
import { ensureFuture } from "./create_task.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { mute } from "./_unretrieved.ts";

/** Options of `gather`. */
export interface GatherOptions {
  /** Puts errors into the list of results instead of throwing the first; false by default. */
  returnExceptions?: boolean;
}

/** The future that `gather` gives: cancelling it cancels the children. */
class Gathering extends Future<unknown[]> {
  readonly #children: Future<unknown>[];
  readonly #childDone: ChildDone;
  readonly #returnExceptions: boolean;
  #left: number;
  #cancelRequested = false;

  constructor(
    loop: EventLoop,
    children: Future<unknown>[],
    count: number,
    childDone: ChildDone,
    returnExceptions: boolean,
  ) {
    super({ loop });
    this.#children = children;
    this.#childDone = childDone;
    this.#left = count;
    this.#returnExceptions = returnExceptions;
  }

  /** Cancels the children; this ends when they have. */
  override cancel(message?: string): boolean {
    const work: CancelWork = [];
    const any = this._cancelWith(message, work);
    finishCancel(work);
    return any;
  }

  override _cancelWith(message: string | undefined, work: CancelWork): boolean {
    if (!this._isCancellable()) return false;
    for (const child of this.#children) work.push(() => void child._cancelWith(message, work));
    // Were they cancelled, the cancellation is told whatever `returnExceptions` says.
    return this.#cancelRequested = true;
  }

  override _isCancellable(): boolean {
    return !this.done() && this.#children.some((child) => child._isCancellable());
  }

  childDone(child: Future<unknown>): void {
    this.#left--;
    if (this.done()) {
      if (child._state === FAILED) child._retrieved();
    } else if (!this.#returnExceptions && child._state !== RESULT) {
      this._finish(FAILED, child._takeError());
    } else if (this.#left === 0) {
      this.#allDone();
    }
  }

  override _finish(state: number, value: unknown): void {
    super._finish(state, value);
    if (this.#left > 0) { for (const child of this.#children) letGo(child, this.#childDone); }
  }

  #allDone(): void {
    const results = this.#children.map((child) =>
      child._state === CANCELLED ? new CancelledError(child._cancelMessage) : outcome(child)
    );
    if (this.#cancelRequested) {
      this._finish(FAILED, this.#children.at(-1)!._makeCancelledError());
    } else {
      this._finish(RESULT, results);
    }
  }
}

type ChildDone = (child: Future<unknown>) => void;

/** Takes back what was left at a child that is not done. */
function letGo(child: Future<unknown>, childDone: ChildDone): void {
  if (child.done()) return;
  child.removeDoneCallback(childDone);
  mute(child);
}

function outcome(child: Future<unknown>): unknown {
  return child._state === RESULT ? child._value : child._takeError();
}

/**
 * Runs awaitables concurrently and waits for all of them: the results, in the order
 * of the arguments.
 *
 * The first error is thrown at once, and the others go on. For a group in which an
 * error cancels the rest, see `taskGroup()`.
 *
 * Cancellation: cancels all that are not done. If one of them is cancelled alone, that
 * counts as its error.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-task.html#asyncio.gather | asyncio.gather}.
 *
 * @typeParam A The awaitables' types, as a tuple.
 * @param awaitables Futures, coroutines, functions that make one, promises. One that is in it twice counts once.
 * @param options See {@link GatherOptions}.
 * @returns A future of the list of results.
 * @throws {TypeError} At once, if one of them can't be awaited.
 *
 * @example Usage
 * ```ts
 * import { gather, run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const results = await run(() => gather([sleep(2, 1), sleep(1, "b")]));
 * assertEquals(results satisfies [number, string], [1, "b"]);
 * ```
 */
export function gather<const A extends readonly Awaitable<unknown>[]>(
  awaitables: A,
  options?: GatherOptions & { returnExceptions?: false },
): Future<ResultsOf<A>>;
/** With `returnExceptions`, there may be an error in each place. */
export function gather<const A extends readonly Awaitable<unknown>[]>(
  awaitables: A,
  options: GatherOptions,
): Future<{ -readonly [K in keyof A]: ResultOf<A[K]> | Error }>;
/** Of any iterable: an array of results. */
export function gather<A extends Awaitable<unknown>>(
  awaitables: Iterable<A>,
  options?: GatherOptions,
): Future<ResultOf<A>[]>;
export function gather(
  awaitables: Iterable<Awaitable<unknown>>,
  options: GatherOptions = {},
): Future<unknown[]> {
  const all = toArray(awaitables, "gather");
  if (all.length === 0) {
    const outer = new Future<unknown[]>();
    outer.setResult([]);
    return outer;
  }
  const futures = new Map<unknown, Future<unknown>>();
  let outer: Gathering | null = null;
  let wasRefused = false;
  const childDone = (child: Future<unknown>) => outer?.childDone(child);
  const doneAlready: Future<unknown>[] = [];
  let loop: EventLoop | undefined;
  const toChild = (awaitable: Awaitable<unknown>) => {
    const known = futures.get(awaitable);
    if (known !== undefined) return known;
    const future = ensureFuture(awaitable, loop === undefined ? {} : { loop });
    loop ??= future._loop;
    // A function is called anew each time; anything else that is there twice counts once.
    futures.set(typeof awaitable === "function" ? future : awaitable, future);
    const settle = () => {
      if (wasRefused || outer?.done()) return letGo(future, childDone);
      if (!future.done()) future._whenDone(childDone);
      else if (outer === null) doneAlready.push(future);
      else outer.childDone(future);
    };
    if (!loop._baton.afterFirstStep(future, settle)) settle();
    return future;
  };
  let children: Future<unknown>[];
  try {
    children = all.map(toChild);
  } catch (error) {
    // Those before it were taken on, and go on by themselves.
    wasRefused = true;
    for (const future of futures.values()) letGo(future, childDone);
    throw error;
  }
  outer = new Gathering(
    loop!,
    children,
    futures.size,
    childDone,
    options.returnExceptions === true,
  );
  // Those that are done count at once: if all are, so is the gathering.
  for (const future of doneAlready) outer.childDone(future);
  return outer;
}

/** The awaitables, as an array; with a clear error for a lone one. */
export function toArray<A>(awaitables: Iterable<A>, caller: string): A[] {
  if (Array.isArray(awaitables)) return awaitables;
  const iterable = typeof (awaitables as Iterable<A> | null)?.[Symbol.iterator] === "function";
  if (iterable && typeof (awaitables as { then?: unknown }).then !== "function") {
    return [...awaitables];
  }
  throw new TypeError(
    `Cannot ${caller} ${String(awaitables)}: an array of awaitables is required, as in ` +
      `${caller}([a, b])`,
  );
}
