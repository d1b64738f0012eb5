/** How long a call may take. */

import { TimeoutError } from "../../errors.ts";
import type { CallHolder, PoolFuture } from "./pool_future.ts";

/** A call whose time is limited mustn't wait for ever for its module either. */
export function limitLoading(call: PoolFuture, holder: CallHolder, startTimeout: number): void {
  const { timeout } = call.limits!;
  if (timeout === null || timeout === Infinity || startTimeout === Infinity) return;
  call.timer = setTimeout(() => {
    const name = call.profile.definition[3];
    const time = `${startTimeout} ms`;
    holder.stop(
      call,
      new TimeoutError(`Cannot run '${name}': its module didn't load in ${time}`),
      0,
    );
  }, startTimeout);
}

/** Has a call's time begin, if it is limited. */
export function startClock(call: PoolFuture, holder: CallHolder): void {
  if (call.limits === null) return;
  const { timeout, killAfter } = call.limits;
  if (timeout === null || timeout === Infinity) return;
  clearTimeout(call.timer);
  call.timer = setTimeout(() => {
    call.timer = undefined;
    const name = call.profile.definition[3];
    const reason = new TimeoutError(`Cannot finish '${name}' in time: it ran for ${timeout} ms`);
    holder.stop(call, reason, killAfter ?? 0);
  }, Math.max(0, timeout));
}
