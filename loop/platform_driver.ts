/**
 * The driver for the platform that runs this code.
 *
 * How `later` lets the platform breathe differs, and each choice was measured with
 * `deno task bench:breathe` (two tasks that yield to each other for ever, a 1 ms
 * interval and a TCP echo beside them):
 *
 * - Node, Deno, Bun: several `setImmediate` in a row. Each lets the platform look at its
 *   sockets once (Deno: at every 61st), and timers that are due run in between; one a
 *   millisecond serves 500 echoes a second (Deno: 10), eight serve 3,000 (Deno: still few),
 *   and they take 10 µs. `MessageChannel` starves timers and sockets everywhere.
 * - Browsers: `scheduler.yield` where there is one (it keeps the place in the
 *   queue and isn't clamped to 4 ms), else a `MessageChannel`.
 * - Where there is none of these: `setTimeout(0)`.
 *
 * Everywhere, every so often the loop really rests, until a `setTimeout(0)` fires: the
 * 1 to 4 ms of that serve whatever is still behind, thousands of echoes on Deno too.
 *
 * @module
 */

import { arm, hasImmediate, macrotask, now } from "./_clock.ts";
import type { Driver } from "./driver.ts";
import { noteMacrotask } from "./_breath.ts";

interface Globals {
  scheduler?: { yield?: () => Promise<void> };
  MessageChannel?: typeof MessageChannel;
  document?: unknown;
}

/** How many `setImmediate` follow each other when the platform is to breathe. */
const ROUNDS = 8;
/** Each time after so many, the loop rests. */
const REST_EVERY = 20;

/**
 * Makes a driver on the platform's clock and timers. Nothing is armed before the
 * first use.
 *
 * Where a test has replaced both `setTimeout` and a clock, these are the ones, until they are put
 * back. Macrotasks stay real.
 *
 * @example Usage
 * ```ts
 * import { platformDriver } from "@aio/asyncio/loop";
 *
 * const { promise, resolve } = Promise.withResolvers<void>();
 * platformDriver().later(resolve, false);
 * await promise;
 * ```
 */
export function platformDriver(): Driver {
  return {
    now,
    later: chooseLater(),
    at: (ms, wake) => ms === Infinity ? nothing : arm(ms, () => wakeUp(wake)),
  };
}

function nothing(): void {}

function wakeUp(wake: () => void): void {
  noteMacrotask();
  wake();
}

/** How often the platform was let breathe: by all loops, as they may follow each other. */
let breaths = 0;

function chooseLater(): Driver["later"] {
  if (hasImmediate()) return laterByImmediate;
  const soon = chooseMacrotask();
  return (turn, busy) => {
    if (busy && ++breaths % REST_EVERY === 0) macrotask(turn, true);
    else soon(turn);
  };
}

/** The `later` of all drivers of a platform that has `setImmediate`. */
export function laterByImmediate(turn: () => void, busy: boolean): void {
  if (!busy) return quickly(turn);
  if (++breaths % REST_EVERY === 0) return macrotask(turn, true);
  let rounds = ROUNDS;
  const round = (): void => {
    if (--rounds > 0) macrotask(round, false);
    else turn();
  };
  macrotask(round, false);
}

function quickly(turn: () => void): void {
  macrotask(turn, false);
}

function chooseMacrotask(): (turn: () => void) => void {
  const { scheduler, MessageChannel, document } = globalThis as Globals;
  if (typeof scheduler?.yield === "function") {
    return (turn) => void scheduler.yield!().then(turn);
  }
  if (MessageChannel !== undefined && document !== undefined) {
    const { port1, port2 } = new MessageChannel();
    const turns: (() => void)[] = [];
    port1.onmessage = () => turns.shift()?.();
    return (turn) => {
      turns.push(turn);
      port2.postMessage(null);
    };
  }
  return quickly;
}
