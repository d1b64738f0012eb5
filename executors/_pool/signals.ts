/** Signals that abort calls. */

import type { PoolFuture } from "./pool_future.ts";

const listeners: WeakMap<PoolFuture, () => void> = new WeakMap();

/** Has the call aborted when its signal is. */
export function listen(call: PoolFuture, signal: AbortSignal): void {
  const abort = (): void => {
    const killAfter = call.limits?.killAfter;
    call.abort({ reason: signal.reason, ...killAfter !== undefined && { killAfter } });
  };
  if (signal.aborted) return abort();
  signal.addEventListener("abort", abort, { once: true });
  listeners.set(call, abort);
}

/** Leaves the signal alone: the call has ended. */
export function unlisten(call: PoolFuture): void {
  const abort = listeners.get(call);
  if (abort !== undefined) call.limits!.signal!.removeEventListener("abort", abort);
}
