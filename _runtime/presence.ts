/**
 * The runs of this process, as Ctrl-C and the exit of the process see them.
 *
 * Invariants:
 * - However many runs there are, the process has one listener for each event, and none when no run
 *   is left. Listening to SIGINT costs several times what a run does, though: so if runs follow each
 *   other within a macrotask, the listeners stay until it is over. Between runs they do what is done
 *   by default.
 * - The first Ctrl-C is told to every run, once. Another one, while a run that was told is
 *   still there, ends the process at once.
 * - A run that was ended by Ctrl-C has the process end, but not before every other run has
 *   left: be it in the middle of its `finally`, or going on in spite of it.
 * - A run is given up only if the process would exit otherwise.
 *
 * @module
 */

import { endByDefault, endByInterrupt, onAboutToExit, onInterrupt } from "./process.ts";
import { platformDriver } from "../loop/platform_driver.ts";

/** A run, as it is told of what happens to the process. */
export interface Run {
  /** Ctrl-C was pressed: it is to end. */
  interrupt(): void;
  /** Would nothing but the world outside of its loop let it go on? */
  waitsOutside(): boolean;
  /** Does it wait for what it can't bring about by itself? */
  isStuck(): boolean;
  /** Nothing can bring it any more: the process is about to exit. */
  giveUp(): void;
}

/** How often those are looked at for whom others wait, in milliseconds, */
const LOOK_EVERY = 100;
/** and how many times they must all have been waiting for something outside. */
const LOOK_TIMES = 20;

const present = new Set<Presence>();
let isToEnd = false;
/** Ends the listening; null while nobody listens. */
let stops: (() => void)[] | null = null;
/** Has a run left in this macrotask? */
let hasOneLeft = false;
/** Those that are over and have the process end. */
let waiting: (() => void)[] = [];

/** A run that is there, until it leaves. */
export class Presence {
  /** Was it told of a Ctrl-C? */
  wasInterrupted = false;
  readonly #run: Run;

  /** From here on the run is there. */
  constructor(run: Run) {
    this.#run = run;
    present.add(this);
    if (stops === null) startListening();
  }

  /** If the process is about to end by Ctrl-C, then so is whatever begins now. */
  begin(): void {
    if (isToEnd) this.#interrupt();
  }

  /** The process is to end by Ctrl-C once all have left. */
  demandEnd(): void {
    isToEnd = true;
  }

  /** The run is over. */
  leave(): void {
    if (!present.delete(this) || present.size > 0) return;
    if (!isToEnd) return stopListeningInTime();
    isToEnd = false;
    stopListening();
    endByInterrupt();
  }

  #interrupt(): void {
    if (this.wasInterrupted) return;
    this.wasInterrupted = true;
    this.#run.interrupt();
  }

  /** Ctrl-C was pressed. */
  static pressed(): void {
    const all = [...present];
    if (all.length === 0) {
      stopListening();
      return endByDefault();
    }
    if (all.some((presence) => presence.wasInterrupted)) {
      stopListening(); // or else the signal would come here again
      return endByInterrupt();
    }
    for (const presence of all) presence.#interrupt();
  }

  /** Gives up those that are stuck; at first those that don't wait for what another might bring. */
  static aboutToExit(): void {
    const stuck = [...present].map((presence) => presence.#run).filter((run) => run.isStuck());
    const alone = stuck.filter((run) => !run.waitsOutside());
    for (const run of alone.length > 0 ? alone : stuck) run.giveUp();
  }

  /** Do all wait for something outside? */
  static allWaitOutside(): boolean {
    return [...present].every((presence) => presence.#run.waitsOutside());
  }
}

function startListening(): void {
  stops = [onInterrupt(Presence.pressed), onAboutToExit(Presence.aboutToExit)];
}

function stopListening(): void {
  const all = stops ?? [];
  stops = null;
  for (const stop of all) stop();
}

/** At once after the first run: what follows may compute for long, and Ctrl-C is to end it. */
function stopListeningInTime(): void {
  if (hasOneLeft) return; // more may follow
  hasOneLeft = true;
  stopListening();
  platformDriver().later(() => {
    hasOneLeft = false;
    if (present.size === 0) stopListening();
  }, false);
}

/**
 * For a run that has left, and has the process end: never resolves, for when all others have
 * left, so has the process. Unless these seem to wait for what this run's caller does next, as
 * a server does that shuts down and waits for its handlers.
 */
export function untilOthersWaitForUs(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1 && present.size > 0) watchOthers();
  });
}

function watchOthers(): void {
  let times = 0;
  const timer = setInterval(() => {
    times = Presence.allWaitOutside() ? times + 1 : 0;
    if (present.size > 0 && times < LOOK_TIMES) return;
    clearInterval(timer);
    const resolves = waiting;
    waiting = [];
    if (present.size > 0) { for (const resolve of resolves) resolve(); }
  }, LOOK_EVERY);
}
