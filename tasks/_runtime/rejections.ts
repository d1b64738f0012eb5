/**
 * The platform's report of promises that were rejected and that nobody awaits.
 *
 * @module
 */

type Listener = (reason: unknown) => void;

interface Process {
  on?(event: "unhandledRejection", listener: Listener): void;
  off?(event: "unhandledRejection", listener: Listener): void;
  listenerCount?(event: "unhandledRejection"): number;
}

interface Globals {
  process?: Process;
  Deno?: unknown;
  setImmediate?: (callback: () => void) => void;
}

interface RejectionEvent extends Event {
  readonly reason: unknown;
}

const { process, Deno, setImmediate } = globalThis as Globals;

let users = 0;
let isExpected: (reason: unknown) => boolean = () => false;

/**
 * Keeps rejections for which `expected` holds from being reported: by one listener, however many
 * ask. Gives a function that undoes it: not before the rejections of this very moment have been
 * looked at.
 */
export function expectRejections(expected: (reason: unknown) => boolean): () => void {
  isExpected = expected;
  if (users++ === 0) listen();
  let isReleased = false;
  return () => {
    if (isReleased) return;
    isReleased = true;
    const release = () => {
      if (--users === 0) unlisten();
    };
    if (setImmediate === undefined) setTimeout(release, 0);
    else setImmediate(release);
  };
}

// Node and Bun have an event of the process, where Deno and browsers have the web's.
const isOfProcess = Deno === undefined && typeof process?.on === "function";

function listen(): void {
  if (isOfProcess) process!.on!("unhandledRejection", judge);
  else globalThis.addEventListener?.("unhandledrejection", prevent);
}

function unlisten(): void {
  if (isOfProcess) process!.off!("unhandledRejection", judge);
  else globalThis.removeEventListener?.("unhandledrejection", prevent);
}

function prevent(event: Event): void {
  if (isExpected((event as RejectionEvent).reason)) event.preventDefault();
}

/** With a listener, the process no longer ends by itself: what isn't expected is to end it still. */
function judge(reason: unknown): void {
  if (isExpected(reason) || process!.listenerCount!("unhandledRejection") > 1) return;
  throw reason;
}
