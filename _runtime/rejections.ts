/**
 * Rejections that nobody handles.
 *
 * @module
 */

interface Process {
  on(event: string, listener: (reason: unknown) => void): void;
  off(event: string, listener: (reason: unknown) => void): void;
  listenerCount(event: string): number;
}

interface RejectionEvent {
  readonly reason: unknown;
  preventDefault(): void;
}

const { process, Deno } = globalThis as { process?: Process; Deno?: unknown };
const events = globalThis as {
  addEventListener?(type: string, listener: (event: RejectionEvent) => void): void;
  removeEventListener?(type: string, listener: (event: RejectionEvent) => void): void;
};

/** Those who look at them, by one listener. */
const takers = new Set<(reason: unknown) => boolean>();
let stopListening = () => {};

/**
 * Has `take` look at rejections that nobody handles, before the platform ends the process for
 * them: if it gives true, that is all. Gives a function that undoes it.
 */
export function takeRejections(take: (reason: unknown) => boolean): () => void {
  if (takers.size === 0) stopListening = listen();
  takers.add(take);
  return () => {
    if (takers.delete(take) && takers.size === 0) stopListening();
  };
}

function isTaken(reason: unknown): boolean {
  return [...takers].some((take) => take(reason));
}

function listen(): () => void {
  if (Deno === undefined && typeof process?.on === "function") {
    const listener = (reason: unknown) => {
      if (isTaken(reason) || process.listenerCount("unhandledRejection") > 1) return;
      // With a listener, the platform leaves all of them to it: this one is none of ours.
      process.off("unhandledRejection", listener);
      Promise.reject(reason);
      // Bun goes on after it.
      setTimeout(() => isOver || process.on("unhandledRejection", listener), 0);
    };
    let isOver = false;
    process.on("unhandledRejection", listener);
    return () => {
      isOver = true;
      process.off("unhandledRejection", listener);
    };
  }
  const listener = (event: RejectionEvent) => {
    if (isTaken(event.reason)) event.preventDefault();
  };
  events.addEventListener?.("unhandledrejection", listener);
  return () => events.removeEventListener?.("unhandledrejection", listener);
}
