/**
 * Batons that wait for a macrotask, all with one.
 *
 * A run hands the baton over a few times, and ends: were each to send a macrotask of its own, these
 * would cost more than the run, and keep its loop until they come.
 *
 * Invariants:
 * - Whoever is told was in here before the macrotask came: all microtasks of before have run.
 * - A loop whose driver has its own macrotasks is told by these.
 * - Where macrotasks belong to requests, each loop has its own: another's may never come.
 * - What one of them throws keeps no other from being told.
 * - Nothing is called in the surroundings of whoever came first.
 *
 * @module
 */

import { callForNobody } from "./context.ts";
import type { Driver } from "./driver.ts";
import { laterByImmediate } from "./platform_driver.ts";
import { needsOwnLoopPerRequest } from "./_runtime/platform.ts";

/** Who waits. */
export interface Watcher {
  /** Everything that was in here when it came is told once. */
  macrotaskCame(): void;
}

const shared: Driver["later"] | null = needsOwnLoopPerRequest() ? null : laterByImmediate;
let waiting = new Set<Watcher>();
let isSent = false;

/** Has `watcher` told of the next macrotask of `driver`'s. */
export function watch(watcher: Watcher, driver: Driver): void {
  if (driver.later !== shared) return driver.later(() => watcher.macrotaskCame(), false);
  waiting.add(watcher);
  if (isSent) return;
  isSent = true;
  callForNobody(send);
}

/** Takes it back, if it can be. */
export function unwatch(watcher: Watcher): boolean {
  return waiting.delete(watcher);
}

function send(): void {
  laterByImmediate(tellAll, false);
}

function tellAll(): void {
  isSent = false;
  const all = waiting;
  waiting = new Set(); // whoever comes now waits for the next
  for (const watcher of all) {
    try {
      watcher.macrotaskCame();
    } catch (error) {
      laterByImmediate(() => {
        throw error;
      }, false);
    }
  }
}
