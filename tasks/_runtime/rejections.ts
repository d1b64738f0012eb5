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
const globals = globalThis as {
  addEventListener?(type: string, listener: (event: RejectionEvent) => void): void;
  removeEventListener?(type: string, listener: (event: RejectionEvent) => void): void;
  setImmediate?(callback: () => void): unknown;
};

/** Node and Bun have an event of the process, where Deno and browsers have the web's. */
const isOfProcess = Deno === undefined && typeof process?.on === "function";

/** Does the platform go on as it does without a listener? Then there may be one for ever. */
export const mayListenForEver: boolean = !isOfProcess;

/** Those who look at them, by one listener. */
const takers = new Set<(reason: unknown) => boolean>();
let stopListening = () => {};

/**
 * Has `take` look at rejections that nobody handles, before the platform ends the process for
 * them: if it gives true, that is all. Gives a function that undoes it; that of the process not before
 * the rejections of that very moment have been looked at.
 */
export function takeRejections(take: (reason: unknown) => boolean): () => void {
  if (takers.size === 0) stopListening = listen();
  takers.add(take);
  const stop = () => {
    if (takers.delete(take) && takers.size === 0) stopListening();
  };
  return () => isOfProcess ? void (globals.setImmediate ?? setTimeout)(stop) : stop();
}

function isTaken(reason: unknown): boolean {
  return [...takers].some((take) => take(reason));
}

function listen(): () => void {
  if (isOfProcess) return listenTo(process!);
  const listener = (event: RejectionEvent) => {
    if (isTaken(event.reason)) event.preventDefault();
  };
  globals.addEventListener?.("unhandledrejection", listener);
  return () => globals.removeEventListener?.("unhandledrejection", listener);
}

/** With a listener, the platform leaves all to it: what is none of ours is rejected once more, without. */
function listenTo(process: Process): () => void {
  let isOver = false;
  const listener = (reason: unknown) => {
    if (isTaken(reason) || process.listenerCount("unhandledRejection") > 1) return;
    process.off("unhandledRejection", listener);
    Promise.reject(reason);
    // Bun goes on after it.
    setTimeout(() => isOver || process.on("unhandledRejection", listener), 0);
  };
  process.on("unhandledRejection", listener);
  return () => {
    isOver = true;
    process.off("unhandledRejection", listener);
  };
}
