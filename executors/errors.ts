/**
 * The errors of the pools.
 *
 * @module
 */

import { RuntimeError } from "../errors.ts";

/**
 * Thrown by `submit` on a pool that has given up, and by the futures of work
 * that a worker took with it when it ended.
 *
 * Its `cause` is what ended the worker, where that is known.
 *
 * Port of {@link https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.BrokenExecutor | concurrent.futures.BrokenExecutor}.
 */
export class BrokenExecutorError extends RuntimeError {
  /** The class's name. */
  override name = "BrokenExecutorError";
}

/**
 * The {@linkcode BrokenExecutorError} of a `ThreadPoolExecutor`.
 *
 * Port of {@link https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.thread.BrokenThreadPool | concurrent.futures.thread.BrokenThreadPool}.
 */
export class BrokenThreadPool extends BrokenExecutorError {
  /** Always `"BrokenThreadPool"`. */
  override name = "BrokenThreadPool";
}

/**
 * The {@linkcode BrokenExecutorError} of a `ProcessPoolExecutor`.
 *
 * Port of {@link https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.process.BrokenProcessPool | concurrent.futures.process.BrokenProcessPool}.
 */
export class BrokenProcessPool extends BrokenExecutorError {
  /** Always `"BrokenProcessPool"`. */
  override name = "BrokenProcessPool";
}

/**
 * Thrown when a value can't be sent to a worker or back. The message names the
 * path inside the value: `args[1].onDone is a function`.
 *
 * Here it stands for Python's `pickle.PicklingError`.
 */
export class SerializationError extends TypeError {
  /** Always `"SerializationError"`. */
  override name = "SerializationError";
}

/**
 * Thrown by `submit` on a pool whose queue is full: one with `maxQueue`. Await the
 * pool's `ready()` first.
 */
export class ExecutorFullError extends RuntimeError {
  /** Always `"ExecutorFullError"`. */
  override name = "ExecutorFullError";
}

/**
 * What a pool says when something went on that nobody asked for and that no
 * future can carry: a worker that can't be stopped, for one.
 */
export class PoolWarning extends Error {
  /** Always `"PoolWarning"`. */
  override name = "PoolWarning";
}

// By this pools know the classes, whichever copy of this module an error was made with.
for (
  const [value, { prototype }] of Object.entries({
    BrokenExecutorError,
    BrokenThreadPool,
    BrokenProcessPool,
    SerializationError,
    ExecutorFullError,
    PoolWarning,
  })
) {
  Object.defineProperty(prototype, Symbol.for("@aio/asyncio.error"), { value });
}
