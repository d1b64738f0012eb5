/**
 * The driver for the platform that runs this code.
 *
 * How `later` lets the platform breathe differs, and each choice was measured with
 * `deno task bench:breathe` (two tasks that yield to each other for ever, a 1 ms
 * interval and a TCP echo beside them):
 *
 * - Node, Deno, Bun: `setImmediate` alone starves sockets on Deno, `MessageChannel`
 *   alone starves timers and sockets everywhere; `setImmediate` with a
 *   `setTimeout(0)` in every eighth place starves neither.
 * - Browsers: `scheduler.yield` where there is one (it keeps the place in the
 *   queue and isn't clamped to 4 ms), else a `MessageChannel`.
 * - Where there is none of these: `setTimeout(0)`.
 *
 * @module
 */

import type { Driver } from "./driver.ts";

interface Globals {
  setImmediate?: (callback: () => void) => unknown;
  scheduler?: { yield?: () => Promise<void> };
  MessageChannel?: typeof MessageChannel;
  performance?: { now(): number };
  document?: unknown;
}

/** Every so many macrotasks one is a timer, without which Deno serves no sockets. */
const TIMER_EVERY = 8;

/** setTimeout's delay is a 32-bit integer: longer waits are made of several. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/**
 * Makes a driver on the platform's clock and timers. Nothing is armed before the
 * first use.
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
  const clock = (globalThis as Globals).performance ?? Date;
  return {
    now: () => clock.now(),
    later: chooseLater(),
    at(ms, wake) {
      if (ms === Infinity) return nothing;
      // Rounded up: a timer that fires early would find nothing due.
      const delay = Math.min(Math.max(0, Math.ceil(ms - clock.now())), LONGEST_TIMEOUT);
      const id = setTimeout(wake, delay);
      return () => clearTimeout(id);
    },
  };
}

function nothing(): void {}

function chooseLater(): Driver["later"] {
  const { setImmediate, scheduler, MessageChannel, document } = globalThis as Globals;
  if (setImmediate !== undefined) {
    let count = 0;
    return (turn, busy) => {
      if (busy && ++count % TIMER_EVERY === 0) setTimeout(turn, 0);
      else setImmediate(turn);
    };
  }
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
  return (turn) => void setTimeout(turn, 0);
}
