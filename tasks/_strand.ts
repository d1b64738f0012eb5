/**
 * Strands: how a task's code is resumed, and how it comes to wait.
 *
 * A task has one strand of its own, and one for each `await` of an operation of ours
 * in its native code. A strand is a stack of generators with, at its bottom, whoever
 * wants the result: the task, or the promise behind that `await`. It is in one of
 * these states:
 *
 * - queued: it is in the ready queue, after a bare yield or because what it waited
 *   for is done;
 * - waiting for a future;
 * - native: it waits for a promise of the task's own native code (the task's async
 *   function, or the async body of a block), so for other strands of the same task.
 *
 * Invariant: whatever user code throws ends in its strand. Who is active is restored in a `finally`.
 *
 * @module
 */

import { activate } from "../loop/context.ts";
import { adopt } from "./_adopt.ts";
import { CancelledError, RuntimeError } from "../errors.ts";
import { requestsFor } from "./_cancel.ts";
import { describeValue } from "../loop/describe.ts";
import { type Frame, GeneratorCoroutine, isGenerator } from "./coroutine.ts";
import { FAILED, Future, PENDING, RESULT } from "./future.ts";
import { type NativeCode, NativeWait, type Strand } from "./_native_code.ts";

/** Goes on with what the strand waited for: its turn has come. */
export function wake(strand: Strand): void {
  const future = strand._waiting;
  let threw = false;
  let value: unknown = undefined;
  if (future !== null) {
    strand._waiting = null;
    if (future._state === RESULT) {
      value = future._value;
    } else {
      threw = true;
      value = future._takeError();
    }
  }
  if (strand._mustCancel) {
    // Whatever was on its way is lost, unless it is a cancellation itself.
    strand._mustCancel = false;
    if (!threw || !(value instanceof CancelledError)) value = strand._task._makeCancelledError();
    threw = true;
  }
  drive(strand, threw, value);
}

/** Runs the strand's generators until it waits or ends. */
export function drive(strand: Strand, threw: boolean, value: unknown): void {
  for (let frame = strand._frame; frame !== null; frame = pop(strand)) {
    let done = true;
    try {
      const result = threw ? throwInto(frame, value) : frame.next(value);
      value = result.value;
      done = result.done === true;
      threw = false;
    } catch (error) {
      value = error;
      threw = true;
    }
    if (!done) {
      if (value !== undefined || strand._loop._baton.isMaker(strand._task)) {
        return suspend(strand, value);
      }
      strand._loop._push(strand);
      return strand._suspended();
    }
  }
  end(strand, threw, value);
}

function end(strand: Strand, threw: boolean, value: unknown): void {
  if (strand._loop._baton.isMaker(strand._task)) holdCall(strand, end, threw, value);
  else if (threw) strand._fail(value);
  else strand._succeed(value);
}

/**
 * Calls `fn` when the eager tasks that the strand's task made are through their first
 * steps. Its closure is here, as one in a hot function would cost each of its calls.
 */
function holdCall(
  strand: Strand,
  fn: (strand: Strand, threw: boolean, value: unknown) => void,
  threw: boolean,
  value: unknown,
): void {
  const task = strand._task;
  task._loop._baton.hold(task, () => {
    const previous = activate(strand);
    try {
      fn(strand, threw, value);
    } finally {
      activate(previous);
    }
  });
}

/** `yield` it to have the eager tasks that were just made run their first steps. */
export const FIRST_STEPS: unique symbol = Symbol("first steps");

function pop(strand: Strand): Frame | null {
  const below = strand._below;
  return strand._frame = below === null || below.length === 0 ? null : below.pop()!;
}

function throwInto(frame: Frame, error: unknown): IteratorResult<unknown, unknown> {
  if (frame.throw === undefined) throw error;
  return frame.throw(error);
}

/** Has the strand wait for what its innermost generator yielded. */
function suspend(strand: Strand, yielded: unknown): void {
  // A coroutine that waits: its generator goes on top, and what that yielded counts.
  while (yielded instanceof GeneratorCoroutine) {
    strand._climbed();
    if (strand._frame !== yielded) (strand._below ??= []).push(strand._frame!);
    strand._frame = yielded._frame as Frame;
    const inner: unknown = yielded._yielded;
    yielded._frame = null;
    yielded._yielded = undefined;
    yielded = inner;
  }
  // This is no pause: native code of the task runs on.
  if (yielded instanceof NativeWait) return goNative(strand, yielded.promise, yielded.code);
  if (strand._loop._baton.isMaker(strand._task)) {
    return holdCall(strand, suspendHeld, false, yielded);
  }
  if (yielded instanceof Future) {
    // It was pending when it was yielded, but this may have been held meanwhile.
    if (yielded._state === RESULT) return drive(strand, false, yielded._value);
    if (yielded._state !== PENDING) return drive(strand, true, yielded._takeError());
    waitFor(strand, yielded);
  } else if (yielded === undefined) {
    strand._loop._push(strand);
  } else if (yielded === FIRST_STEPS) {
    return drive(strand, false, undefined);
  } else {
    throwNext(strand, badYield(strand, yielded));
  }
  strand._suspended();
}

function suspendHeld(strand: Strand, _threw: boolean, yielded: unknown): void {
  suspend(strand, yielded);
}

/** Has the strand wait for `future`, which is pending. */
export function waitFor(strand: Strand, future: Future<unknown>): void {
  if (future === strand._task) {
    throwNext(strand, new RuntimeError(`Task cannot await on itself: ${future}`));
  } else if (future._loop !== strand._loop) {
    throwNext(
      strand,
      new RuntimeError(`Task ${strand._task} got Future ${future} attached to a different loop`),
    );
  } else {
    future._addWaiter(strand);
    strand._waiting = future;
  }
}

/** Has `error` thrown in the next turn. */
function throwNext(strand: Strand, error: Error): void {
  const failed = new Future<never>({ loop: strand._loop });
  failed._state = FAILED;
  failed._value = error;
  strand._waiting = failed;
  strand._loop._push(strand);
}

function badYield(strand: Strand, yielded: unknown): RuntimeError {
  const remedy = isGenerator(yielded) || yielded instanceof Future
    ? "say 'yield*' instead of 'yield'"
    : typeof (yielded as PromiseLike<unknown> | null)?.then === "function"
    ? "say 'yield* until(promise)' to wait for a promise"
    : "'yield*' an awaitable, or 'yield' nothing to let others run";
  return new RuntimeError(
    `Task got bad yield: ${describeValue(yielded)} in ${strand._task}; ${remedy}`,
  );
}

/** Has the strand wait for a promise of the task's own native code. */
export function goNative(strand: Strand, promise: Promise<unknown>, code: NativeCode): void {
  code.isRunning = true;
  strand._wentNative(true);
  adopt(
    promise,
    (value) => comeBack(strand, false, value),
    (error) => comeBack(strand, true, error),
  );
  strand._loop._baton.handOver(code);
}

function comeBack(strand: Strand, threw: boolean, value: unknown): void {
  if (strand._loop._baton.isMaker(strand._task)) return holdCall(strand, comeBack, threw, value);
  const previous = activate(strand);
  try {
    if (threw) value = asCancellation(strand, value);
    strand._wentNative(false);
    drive(strand, threw, value);
  } finally {
    activate(previous);
  }
}

/**
 * An AbortError with which foreign code obeyed the signal is the cancellation, if there is one that
 * wasn't taken back.
 */
export function asCancellation(strand: Strand, error: unknown): unknown {
  const body = strand._body;
  if (body === null || !body.hasAborted || !isAbortError(error)) return error;
  if (requestsFor(strand) === 0) return error;
  strand._mustCancel = false;
  return new CancelledError(strand._task._cancelMessage, { cause: error });
}

/** Is it what the platform's own functions throw when their signal aborts? */
export function isAbortError(error: unknown): boolean {
  try {
    return (error as Error | null)?.name === "AbortError";
  } catch {
    return false; // a getter, or a proxy
  }
}
