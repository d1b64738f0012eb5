/** How a worker is started and set up. */

import { serializationError } from "../_wire/clone.ts";
import type { WorkerEvents, WorkerHost, WorkerLink } from "../_wire/link.ts";
import type { Post } from "../_wire/parcel.ts";
import * as protocol from "../_wire/protocol.ts";

/** Starts a worker. Whatever keeps it from starting is how it ends. */
export function startLink(host: WorkerHost, name: string, events: WorkerEvents): WorkerLink {
  try {
    return host.start(name, events);
  } catch (error) {
    queueMicrotask(() => events.ended({ how: "it couldn't be started", error }));
    const nothing = (): void => {};
    return { post: nothing, kill: nothing, close: nothing, hold: nothing, release: nothing };
  }
}

/**
 * Sends a worker what it has to know first.
 *
 * @throws {SerializationError} If the arguments of its initializer can't be sent.
 */
export function sendSetup(post: Post, setup: protocol.WorkerSetup, args: unknown[]): void {
  try {
    if (args.length > 0) post([protocol.HOLD, args], []);
  } catch (error) {
    const what = "arguments of the initializer";
    throw serializationError(args, what, "args", error, post.sharesMemory);
  }
  post([protocol.INIT, setup], []);
}

/** Words to share with a worker, where they can be. */
export function sharedWords(host: WorkerHost): SharedArrayBuffer | null {
  return host.sharesMemory && typeof SharedArrayBuffer === "function"
    ? new SharedArrayBuffer(protocol.CONTROL_WORDS * 4)
    : null;
}
