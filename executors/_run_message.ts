/** Calls as a message to a worker. */

import { findUncloneable, isCloneable, serializationError } from "./_clone.ts";
import type { PoolFuture } from "./_pool_future.ts";
import { type Definition, RUN } from "./_protocol.ts";
import type { SerializationError } from "./errors.ts";
import { isTransferred, unwrapTransferred } from "./transfer.ts";

/** The message for a batch; what the arguments hand over is added to `transfer`. */
export function encodeRun(
  calls: PoolFuture[],
  first: number,
  announce: boolean,
  definitions: Definition[],
  transfer: Transferable[],
): unknown[] {
  const message: unknown[] = [RUN, first, announce, definitions.length > 0 ? definitions : null];
  let id = 0;
  let argc = -1;
  let countAt = 0;
  for (const call of calls) {
    const { args, profile: { definition } } = call;
    if (definition[0] === id && args.length === argc) {
      message[countAt] = (message[countAt] as number) + 1;
    } else {
      id = definition[0];
      argc = args.length;
      countAt = message.push(id, argc, 1) - 1;
    }
    for (let i = 0; i < argc; i++) {
      const arg = args[i];
      const moved = typeof arg === "object" && arg !== null && isTransferred(arg);
      message.push(moved ? unwrapTransferred(arg, transfer) : arg);
    }
  }
  return message;
}

/** Whether arguments can be sent at all. */
export function canClone(args: unknown[], shared: boolean): boolean {
  try {
    const transfer: Transferable[] = [];
    const sent = args.map((arg) => isTransferred(arg) ? unwrapTransferred(arg, transfer) : arg);
    if (transfer.length === 0) return isCloneable(sent, shared);
    // What is handed over is looked at by path only: a trial would detach it.
    return new Set(transfer).size === transfer.length &&
      findUncloneable(sent, "args", shared) === null;
  } catch {
    return false;
  }
}

/** The error of a call whose arguments can't be sent. */
export function uncloneableArguments(
  call: PoolFuture,
  shared: boolean,
  cause: unknown,
): SerializationError {
  const args = call.args.map((arg) => isTransferred(arg) ? unwrapTransferred(arg, []) : arg);
  const what = `arguments of '${call.profile.definition[3]}'`;
  return serializationError(args, what, "args", cause, shared);
}
