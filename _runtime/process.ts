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
  listenerCount(event: string): number;
  kill(pid: number, signal: string): void;
  exit(code: number): never;
}

/** The exit code of a process that SIGINT ended. */
const INTERRUPTED = 130;
/** How long a signal may take to get here, in milliseconds. */
const DELIVERY = 100;

const { process } = globalThis as { process?: Process };

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

/** Does what SIGINT does where this module doesn't listen: ends the process, unless others listen. */
export function endByDefault(): void {
  if (process!.listenerCount("SIGINT") === 0) endByInterrupt();
}

/** Ends the process as SIGINT does. */
export function endByInterrupt(): void {
  try {
    process!.kill(process!.pid, "SIGINT");
    // A runtime that still listens for the signal gets it a little later: wait for that here.
    setTimeout(() => process!.exit(INTERRUPTED), DELIVERY);
  } catch {
    process!.exit(INTERRUPTED); // Deno without the permission to send signals
  }
}

/**
 * Calls `listener` when the process exits unless that gives it something to do. Gives a
 * function that undoes it.
 *
 * The runtime itself says so, so it is certain. Nothing else is: there is no list of all that
 * may still call back (reads of stdin, messages of workers, WebCrypto, `Atomics.waitAsync`, …).
 * Deno and Bun say nothing while a top-level await is pending, and stay alive.
 */
export function onAboutToExit(listener: () => void): () => void {
  if (typeof process?.on !== "function") return () => {};
  process.on("beforeExit", listener);
  return () => process.off("beforeExit", listener);
}
