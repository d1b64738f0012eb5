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
  getActiveResourcesInfo(): string[];
}

/** The part of Deno that is used, internals included: read with care, they may go away. */
interface DenoWithInternals {
  internal?: symbol;
  [internals: symbol]: { core?: { resources?: () => Record<number, string> } } | undefined;
  unrefTimer(id: unknown): void;
}

/** The exit code of a process that SIGINT ended. */
const INTERRUPTED = 130;
/** How often Deno is asked whether anything is left to do, in milliseconds, */
const ASK_EVERY = 100;
/** and how many times it must have been nothing. */
const ASK_TIMES = 5;

const { process, Deno } = globalThis as { process?: Process; Deno?: DenoWithInternals };

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

/** What is told of the end of the process. */
export interface ExitListener {
  /** Could anything that is known here still go on? */
  isStuck(): boolean;
  /** The process exits unless this gives it something to do. */
  aboutToExit(): void;
  /** It looks as if nothing were left to do, but the runtime doesn't say for sure. */
  seemsStuck(): void;
}

/**
 * Tells `listener` when the process is about to exit for lack of anything to do. Gives
 * a function that undoes it.
 *
 * Node and Bun say so by an event, and so does Deno unless a top-level await is pending.
 * For that case its open resources are looked at now and then, by a timer that keeps
 * nothing alive. They don't show everything that may still call back, so that is
 * "seems". Bun never exits while a top-level await is pending.
 */
export function onAboutToExit(listener: ExitListener): () => void {
  if (typeof process?.on !== "function") return () => {};
  const aboutToExit = () => {
    if (listener.isStuck()) listener.aboutToExit();
  };
  process.on("beforeExit", aboutToExit);
  const stopAsking = askDeno(listener);
  return () => {
    process.off("beforeExit", aboutToExit);
    stopAsking();
  };
}

function askDeno(listener: ExitListener): () => void {
  const resources = Deno?.internal && Deno[Deno.internal]?.core?.resources;
  if (typeof resources !== "function") return () => {};
  let times = 0;
  const timer = setInterval(() => {
    times = listener.isStuck() && isNothingOpen(resources()) ? times + 1 : 0;
    if (times < ASK_TIMES) return;
    clearInterval(timer);
    listener.seemsStuck();
  }, ASK_EVERY);
  Deno!.unrefTimer(timer);
  return () => clearInterval(timer);
}

function isNothingOpen(resources: Record<number, string>): boolean {
  return process!.getActiveResourcesInfo().length === 0 &&
    Object.values(resources).every((name) => /^(stdin|stdout|stderr|signal)$/.test(name));
}
