/** What goes to a worker at once. */

import type { Deque } from "../../deque.ts";
import type { PoolFuture } from "./pool_future.ts";
import { BATCH_TIME, MAX_BATCH } from "./profile.ts";

/** Whether a call is known to be quick, so that others may wait behind it. */
export function isQuick(call: PoolFuture | undefined): boolean {
  return call !== undefined && call.limits === null && call.profile.mean * 2 <= BATCH_TIME;
}

/** Drops calls from the front of the queue that were cancelled there. */
export function skipDone(queue: Deque<PoolFuture>): void {
  let call: PoolFuture | undefined;
  while ((call = queue.peek()) !== undefined && call.done()) queue.shift();
}

/**
 * Takes the next batch from the queue: one call, or several quick ones that together
 * take about a millisecond by what is known of them.
 *
 * @param queue What waits.
 * @param most How many calls it may have.
 */
export function takeBatch(queue: Deque<PoolFuture>, most: number): PoolFuture[] {
  const batch: PoolFuture[] = [];
  let time = 0;
  let cap = Math.max(1, Math.min(MAX_BATCH, most));
  while (batch.length < cap) {
    skipDone(queue);
    const call = queue.peek();
    if (call === undefined) break;
    const { mean, cap: allowed } = call.profile;
    const quick = isQuick(call);
    if (batch.length > 0 && (!quick || batch.length >= allowed || time + mean > BATCH_TIME)) break;
    queue.shift();
    batch.push(call);
    if (!quick) break;
    time += mean;
    cap = Math.min(cap, allowed);
  }
  return batch;
}
