/**
 * The process that runs this code: Ctrl-C, and the exit.
 *
 * Everything here does nothing where there is no process, as in browsers and at the
 * edge.
 *
 * @module
 */

interface Process {
  readonly pid: number;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
  kill(pid: number, signal: string): void;
  exit(code: number): never;
}

interface DenoInternals {
  internal?: symbol;
  [core: symbol]: { core?: { eventLoopHasMoreWork?: () => boolean } } | undefined;
}

/** The exit code of a process that SIGINT ended. */
const INTERRUPTED = 130;
/** How often Deno is asked whether it is about to exit, in milliseconds. */
const ASK_EVERY = 100;

const { process, Deno } = globalThis as { process?: Process; Deno?: DenoInternals };

/** Calls `listener` at each Ctrl-C, instead of ending the process. Gives a function that undoes it. */
export function onInterrupt(listener: () => void): () => void {
  if (typeof process?.on !== "function") return () => {};
  try {
    process.on("SIGINT", listener);
  } catch {
    return () => {}; // such as in a worker thread
  }
  return () => process.off("SIGINT", listener);
}

/** Ends the process as SIGINT does. */
export function endByInterrupt(): void {
  try {
    process!.kill(process!.pid, "SIGINT");
    // A runtime that still listens for the signal gets it a little later: wait for that here.
    setTimeout(() => process!.exit(INTERRUPTED), ASK_EVERY);
  } catch {
    process!.exit(INTERRUPTED); // Deno without the permission to send signals
  }
}

/**
 * Calls `listener` when the process is about to exit for lack of anything to do. Gives
 * a function that undoes it.
 *
 * Node and Bun say so by an event, Deno only if no top-level await is pending: so
 * there its event loop is asked now and then, by a timer that keeps nothing alive. Bun
 * never exits while a top-level await is pending.
 */
export function onAboutToExit(listener: () => void): () => void {
  if (typeof process?.on !== "function") return () => {};
  process.on("beforeExit", listener);
  const stopAsking = askDeno(listener);
  return () => {
    process.off("beforeExit", listener);
    stopAsking();
  };
}

function askDeno(listener: () => void): () => void {
  const core = Deno?.internal === undefined ? undefined : Deno[Deno.internal]?.core;
  if (core?.eventLoopHasMoreWork === undefined) return () => {};
  const timer = setInterval(() => {
    if (!core.eventLoopHasMoreWork!()) listener();
  }, ASK_EVERY);
  (globalThis as unknown as { Deno: { unrefTimer(id: unknown): void } }).Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}
