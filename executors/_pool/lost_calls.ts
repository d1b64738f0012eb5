/** What becomes of calls whose worker is gone. */

import type { WorkerEnd } from "../_wire/link.ts";
import type { AnswersOwner } from "./answers.ts";
import type { OpenStream } from "./open_stream.ts";
import { type PoolFuture, withOrigin } from "./pool_future.ts";
import type { SentCalls } from "./sent_calls.ts";

/** Who knows how such an end is told. */
export interface LossOwner extends AnswersOwner {
  /** The error for a call that its worker took with it, if it had started: that may be in doubt. */
  brokenBy(call: PoolFuture, end: WorkerEnd, inDoubt: boolean): unknown;
}

/**
 * Fails what a worker had.
 *
 * @param isUnknown Whether nobody knows which of its calls had started: of several, any may.
 * @returns How many calls that were.
 */
export function loseCalls(
  sent: SentCalls,
  stream: OpenStream,
  owner: LossOwner,
  end: WorkerEnd,
  isUnknown: boolean,
): number {
  const calls = sent.drain();
  const inDoubt = isUnknown && calls.length > 1;
  for (const call of calls) {
    clearTimeout(call.timer);
    call.holder = null;
    owner.finished(call, Infinity, true);
    if (call.done()) continue;
    if (call.stopped !== null) call.settleStopped(call.stopped.reason);
    else call.setException(withOrigin(owner.brokenBy(call, end, inDoubt), call));
  }
  const hadStream = stream.lose((call) => owner.brokenBy(call, end, false));
  return calls.length + (hadStream ? 1 : 0);
}
