/**
 * The errors that this module raises and that a caller may want to catch.
 *
 * `TypeError` and `RangeError` are raised for wrong arguments, as everywhere in
 * JavaScript; the classes here are Python's, under Python's names.
 *
 * @example Usage
 * ```ts
 * import { CancelledError, RuntimeError, TimeoutError } from "@aio/asyncio";
 * import { assert } from "@std/assert";
 *
 * assert(new TimeoutError() instanceof Error);
 * assert(new RuntimeError("x").name === "RuntimeError");
 * assert(new CancelledError("stop").message === "stop");
 * ```
 *
 * @module
 */

/**
 * Thrown at the await of a task that was cancelled, and by whoever asks a
 * cancelled future for its outcome.
 *
 * Let it pass, or catch it to clean up and throw it again: swallowing it makes a
 * task that can't be stopped. In Python it isn't an `Exception`; here, where
 * there is one root class, test for it before a general `catch`.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError | asyncio.CancelledError}.
 *
 * @example Usage
 * ```ts
 * import { CancelledError, run, sleep } from "@aio/asyncio";
 * import { assertRejects } from "@std/assert";
 *
 * const stop = AbortSignal.abort();
 * await assertRejects(() => run(() => sleep(1000), { signal: stop }), CancelledError);
 * ```
 */
export class CancelledError extends Error {
  /** Always `"CancelledError"`. */
  override name = "CancelledError";
}

/**
 * Thrown when a time limit passed: by `timeout()`, `waitFor()`, `asCompleted()`.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.TimeoutError | TimeoutError}.
 */
export class TimeoutError extends Error {
  /** Always `"TimeoutError"`. */
  override name = "TimeoutError";
}

/**
 * Thrown when a future isn't in the state that the call needs: a result asked
 * for too early, or set twice.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.InvalidStateError | asyncio.InvalidStateError}.
 */
export class InvalidStateError extends Error {
  /** Always `"InvalidStateError"`. */
  override name = "InvalidStateError";
}

/** Thrown when a call doesn't fit the state of its object, as Python's `RuntimeError`. */
export class RuntimeError extends Error {
  /** The class's name. */
  override name = "RuntimeError";
}

/** Thrown for a value outside of what is allowed, as Python's `ValueError`. */
export class ValueError extends RangeError {
  /** Always `"ValueError"`. */
  override name = "ValueError";
}

/**
 * Thrown by `run()` when Ctrl-C was pressed and the main task let the
 * cancellation pass. The process then ends as one ended by SIGINT.
 */
export class KeyboardInterrupt extends Error {
  /** Always `"KeyboardInterrupt"`. */
  override name = "KeyboardInterrupt";
}

/**
 * Thrown when no task can ever go on: nothing is ready, no timer is set, and
 * nothing outside can wake anyone. Its message lists who waits for what.
 */
export class DeadlockError extends RuntimeError {
  /** Always `"DeadlockError"`. */
  override name = "DeadlockError";
}

/**
 * Thrown to those who wait at a barrier that is aborted or reset, and to those who
 * come to one that is broken.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-sync.html#asyncio.BrokenBarrierError | asyncio.BrokenBarrierError}.
 *
 * @example Usage
 * ```ts
 * import { Barrier, BrokenBarrierError, run } from "@aio/asyncio";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() =>
 *   run(async () => {
 *     const barrier = new Barrier(2);
 *     await barrier.abort();
 *     await barrier.wait();
 *   }), BrokenBarrierError);
 * ```
 */
export class BrokenBarrierError extends RuntimeError {
  /** Always `"BrokenBarrierError"`. */
  override name = "BrokenBarrierError";
}

/**
 * Thrown by `getNowait()` of a queue without items.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-queue.html#asyncio.QueueEmpty | asyncio.QueueEmpty}.
 *
 * @example Usage
 * ```ts
 * import { Queue, QueueEmpty } from "@aio/asyncio";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => new Queue().getNowait(), QueueEmpty);
 * ```
 */
export class QueueEmpty extends Error {
  /** Always `"QueueEmpty"`. */
  override name = "QueueEmpty";
}

/**
 * Thrown by `putNowait()` of a queue that holds as many items as it may.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-queue.html#asyncio.QueueFull | asyncio.QueueFull}.
 *
 * @example Usage
 * ```ts
 * import { Queue, QueueFull } from "@aio/asyncio";
 * import { assertThrows } from "@std/assert";
 *
 * const queue = new Queue<string>(1);
 * queue.putNowait("item");
 * assertThrows(() => queue.putNowait("another"), QueueFull);
 * ```
 */
export class QueueFull extends Error {
  /** Always `"QueueFull"`. */
  override name = "QueueFull";
}

/**
 * Thrown to those who put into a queue that was shut down, or get from one that is
 * empty besides.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-queue.html#asyncio.QueueShutDown | asyncio.QueueShutDown}.
 *
 * @example Usage
 * ```ts
 * import { Queue, QueueShutDown } from "@aio/asyncio";
 * import { assertThrows } from "@std/assert";
 *
 * const queue = new Queue<string>();
 * queue.shutdown();
 * assertThrows(() => queue.putNowait("item"), QueueShutDown);
 * ```
 */
export class QueueShutDown extends Error {
  /** Always `"QueueShutDown"`. */
  override name = "QueueShutDown";
}

// By this pools know the classes, whichever copy of this module an error was made with.
for (
  const [value, { prototype }] of Object.entries({
    CancelledError,
    TimeoutError,
    InvalidStateError,
    RuntimeError,
    ValueError,
    KeyboardInterrupt,
    DeadlockError,
    BrokenBarrierError,
    QueueEmpty,
    QueueFull,
    QueueShutDown,
  })
) {
  Object.defineProperty(prototype, Symbol.for("@aio/asyncio.error"), { value });
}
