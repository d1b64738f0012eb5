/** In debug mode: coroutines that were made and never awaited. @module */

import { whenCollected } from "./_collected.ts";
import type { EventLoop } from "../loop/event_loop.ts";
import { runningLoop } from "../loop/running.ts";

/** A coroutine that is reported when it is collected or its loop closes, unless it starts before. */
class Tracked {
  readonly #loop: EventLoop;
  readonly #name: string;
  readonly #source: string;

  constructor(loop: EventLoop, name: string) {
    this.#loop = loop;
    this.#name = name;
    this.#source = callSite();
    loop._reports.add(this);
  }

  /** Tells the loop's exception handler, once. */
  report(): void {
    if (!this.#loop._reports.delete(this)) return;
    this.#loop.callExceptionHandler({
      message: `coroutine '${this.#name}' was never awaited`,
      name: this.#name,
      source: this.#source,
    });
  }

  withdraw(): void {
    this.#loop._reports.delete(this);
  }
}

const tracked = new WeakMap<object, Tracked>();
const collected = whenCollected<Tracked>((forgotten) => forgotten.report());

/** Notes a new coroutine, if its loop is in debug mode. */
export function trackAwaiting(coroutine: object, name: string): void {
  const loop = runningLoop();
  if (!loop?.getDebug()) return;
  const forgotten = new Tracked(loop, name);
  tracked.set(coroutine, forgotten);
  collected.register(coroutine, forgotten, coroutine);
}

/** A coroutine was started: there is nothing to report. */
export function stopTracking(coroutine: object): void {
  tracked.get(coroutine)?.withdraw();
  collected.unregister(coroutine);
}

/** What the lines of this module's own frames contain; in a bundle nothing is left out. */
const HOUSE = /\/tasks\/[^/]*$/.test(import.meta.url)
  ? import.meta.url.replace(/^file:\/\//, "").replace(/tasks\/[^/]*$/, "")
  : "\0";
const OURS = ["loop/", "tasks/", "sync/", "testing/", "run.ts", "bridge.ts"].map((place) =>
  HOUSE + place
);

/** Where the code that called this module stands: the top of the stack outside of it. */
export function callSite(): string {
  const lines = (new Error().stack ?? "").split("\n").map((line) => line.trim());
  const outside = lines.find((line) =>
    /:\d+:\d+/.test(line) && !OURS.some((place) => line.includes(place))
  );
  return (outside ?? "unknown").replace(/^at /, "");
}
