/** In debug mode: coroutines that were made and never awaited. @module */

import type { EventLoop } from "../loop/event_loop.ts";
import { runningLoop } from "../loop/running.ts";
import { wasEverDebugged } from "../loop/event_loop.ts";

/** A coroutine that is reported when it is collected or its loop closes, unless it starts before. */
export class Tracked {
  /** Where it was made. */
  readonly source: string;
  readonly #loop: EventLoop;
  readonly #name: string;

  constructor(loop: EventLoop, name: string) {
    this.#loop = loop;
    this.#name = name;
    this.source = callSite();
  }

  /** Tells the loop's exception handler, once. */
  report(): void {
    if (!this.#loop._reports.delete(this)) return;
    this.#loop.callExceptionHandler({
      message: `coroutine '${this.#name}' was never awaited`,
      name: this.#name,
      source: this.source,
    });
  }

  /** It was started. */
  withdraw(coroutine: object): void {
    this.#loop._reports.delete(this);
    collected.unregister(coroutine);
  }
}

const collected = new FinalizationRegistry<Tracked>((tracked) => tracked.report());

/** Notes a new coroutine, if its loop is in debug mode. */
export function trackAwaiting(coroutine: object, name: string): Tracked | null {
  if (!wasEverDebugged()) return null;
  const loop = runningLoop();
  if (!loop?.getDebug()) return null;
  const tracked = new Tracked(loop, name);
  loop._reports.add(tracked);
  collected.register(coroutine, tracked, coroutine);
  return tracked;
}

const HOUSE = new URL("..", import.meta.url).href;
const OURS = ["loop/", "tasks/", "sync/", "testing/", "run.ts", "bridge.ts"];

/** Where the code that called this module stands: the top of the stack outside of it. */
export function callSite(): string {
  const lines = (new Error().stack ?? "").split("\n").map((line) => line.trim());
  const outside = lines.find((line) =>
    /:\d+:\d+/.test(line) && !OURS.some((place) => line.includes(HOUSE + place)) &&
    !OURS.some((place) => line.includes(HOUSE.replace("file://", "") + place))
  );
  return (outside ?? "unknown").replace(/^at /, "");
}
