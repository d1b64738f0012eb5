/**
 * How a cancellation finds its way.
 *
 * Invariants:
 * - It goes to the innermost things that wait: from a strand to the future that it waits for, if
 *   that is a task or a gathering on to theirs; from native code to all of its strands, the oldest
 *   first. What refuses, or is queued, gets the error thrown when it is resumed.
 * - It is a loop, not a recursion: a chain of tasks that wait for each other may be of any length.
 * - Signals abort when all that is inside is asked: their listeners are other people's code.
 *
 * @module
 */

import type { Abort, InnerStrand, NativeCode, Strand } from "./_native_code.ts";
import { CancelledError } from "../errors.ts";

/** What is yet to be done, the next last. What a step adds comes before the rest, in its order. */
export type CancelWork = (() => void)[];

/** Cancels a strand, with all that is inside of it, and counts the request. */
export function requestCancel(strand: Strand, message: string | undefined): void {
  const work: CancelWork = [];
  request(strand, message, work);
  finishCancel(work);
}

/** Cancels what goes on in native code of a task that has ended. */
export function cancelBody(task: Strand, message: string): void {
  const work: CancelWork = [];
  if (task._body !== null) cancelCode(task._body, message, work);
  finishCancel(work);
}

/** Does what there is to do, and all that it leads to. */
export function finishCancel(work: CancelWork): void {
  reverseFrom(work, 0);
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const first = work.length;
    next();
    reverseFrom(work, first);
  }
}

/** Requests to cancel a strand, now that its turn has come. */
export function request(strand: Strand, message: string | undefined, work: CancelWork): void {
  strand._cancelRequests++;
  const aborts = takeAborts(strand);
  cancelStrand(strand, message, work);
  for (const { controller } of aborts.reverse()) { // the innermost first
    work.push(() => controller.abort(new CancelledError(message)));
  }
}

function cancelStrand(strand: Strand, message: string | undefined, work: CancelWork): void {
  const body = strand._body;
  if (body !== null && body.isRunning) return cancelCode(body, message, work);
  if (strand._waiting !== null && strand._waiting._cancelWith(message, work)) return;
  strand._mustCancel = true;
  strand._task._cancelMessage = message;
}

function cancelCode(code: NativeCode, message: string | undefined, work: CancelWork): void {
  const strands = code.strands();
  if (strands.length === 1) return cancelStrand(strands[0]!, message, work);
  for (const strand of strands) work.push(() => cancelStrand(strand, message, work));
  if (strands.length > 0) return;
  // It runs, or awaits something foreign. If that was given the signal, the abort is the
  // cancellation, and there must not be a second one.
  const { strand, _task: task } = code;
  const isElsewhere = task._loop._baton.holder?._task !== task;
  task._cancelMessage = message;
  if (!isElsewhere || code.toldAt === 0) strand._mustCancel = true;
}

/** Within what time foreign code that obeys a signal has ended: Bun's `fetch` takes milliseconds. */
const OBEYS_WITHIN = 10;

/**
 * Code that was told of a cancellation by its signal waits for something of ours. If it does so at
 * once, this is its clean-up. If it went on as if nothing had happened, what took the signal had
 * settled before: then the abort was no delivery, and the error is to be thrown here.
 */
export function noteWait(code: NativeCode): void {
  const ignored = performance.now() - code.toldAt > OBEYS_WITHIN;
  code.toldAt = 0;
  if (ignored && requestsFor(code.strand) > 0) code.strand._mustCancel = true;
}

/** Takes the signals inside of a strand, to be aborted after it. The next read gives a fresh one. */
function takeAborts(strand: Strand): Abort[] {
  const aborts: Abort[] = [];
  takeInner(strand._body, aborts);
  return aborts;
}

function takeInner(code: NativeCode | null, aborts: Abort[]): void {
  if (code === null) return;
  const abort = code.abort;
  code.toldAt = abort !== null && abort.isTaken ? performance.now() : 0;
  if (abort !== null) {
    code.abort = null;
    code.hasAborted = true;
    aborts.push(abort);
  }
  for (let strand = code.inner; strand !== null; strand = strand._older) {
    takeInner(strand._body, aborts);
  }
}

function reverseFrom(work: CancelWork, first: number): void {
  for (let low = first, high = work.length - 1; low < high; low++, high--) {
    [work[low], work[high]] = [work[high]!, work[low]!];
  }
}

/** Delivers a cancellation that came while the strand's code was running. */
export function deliverPendingCancel(strand: Strand): void {
  if (strand._waiting?.cancel(strand._task._cancelMessage)) strand._mustCancel = false;
}

/** How many requests to cancel it, or what it is in, were made and not taken back. */
export function requestsFor(strand: Strand): number {
  let count = strand._cancelRequests;
  while (strand !== strand._task) {
    strand = (strand as InnerStrand)._code.strand;
    count += strand._cancelRequests;
  }
  return count;
}

/**
 * Takes back a request to cancel it, or what is around it.
 *
 * @param asked Who did: whether any are left is what concerns it.
 * @returns How many are left. With the last one, a cancellation that is not delivered yet is dropped.
 */
export function takeBackCancel(strand: Strand, asked: Strand = strand): number {
  if (strand._cancelRequests > 0) strand._cancelRequests--;
  const left = requestsFor(asked);
  if (left === 0) dropCancel(strand);
  return left;
}

/** Drops what is not delivered yet, but for what a block in it asked for itself. */
function dropCancel(strand: Strand): void {
  strand._mustCancel = false;
  for (let inner = strand._body?.inner ?? null; inner !== null; inner = inner._older) {
    if (inner._cancelRequests === 0) dropCancel(inner);
  }
}

/** Has a cancellation that was asked for, and gave way to an error, thrown at the next await. */
export function cancelAgain(strand: Strand): void {
  strand._mustCancel = true;
  strand._task._cancelMessage = undefined;
}
