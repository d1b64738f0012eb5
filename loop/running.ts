/**
 * Which loop is running, and how new ones are made.
 *
 * @module
 */

import { callerScope, callForNobody, currentScope, usesAsyncLocal } from "./context.ts";
import { EventLoop, onlyRunningLoop } from "./event_loop.ts";
import { needsOwnLoopPerRequest } from "./_runtime/platform.ts";
import { RuntimeError } from "../errors.ts";

let factory: (() => EventLoop) | null = null;
let ambient: EventLoop | null = null;

/**
 * The loop that runs the current task or callback.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_running_loop | asyncio.get_running_loop}.
 *
 * @throws {RuntimeError} If there is none.
 *
 * @example Usage
 * ```ts
 * import { getRunningLoop, run } from "@aio/asyncio";
 * import { assert, assertThrows } from "@std/assert";
 *
 * await run(async () => assert(getRunningLoop().isRunning()));
 * assertThrows(getRunningLoop, Error, "no running event loop");
 * ```
 */
export function getRunningLoop(): EventLoop {
  const loop = runningLoop();
  if (loop !== null) return loop;
  throw new RuntimeError(
    "Cannot get the running event loop: there is no running event loop here; " +
      "call this from a coroutine or callback that run() runs",
  );
}

/**
 * The loop that runs the current code, or null.
 * @internal
 */
export function runningLoop(): EventLoop | null {
  const loop = currentScope()?._loop;
  if (loop instanceof EventLoop) return loop;
  // Without AsyncLocalStorage nothing tells whose code this is after a foreign await.
  return usesAsyncLocal() || needsOwnLoopPerRequest() ? null : onlyRunningLoop();
}

/** The loop whose code calls, if that is certain; for those that mustn't be called there. */
export function callersLoop(): EventLoop | null {
  const loop = callerScope()?._loop;
  return loop instanceof EventLoop ? loop : null;
}

/**
 * The running loop; outside of every task and callback, the ambient loop, which
 * runs what is awaited outside of any `run()` and is never closed.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_event_loop | asyncio.get_event_loop}.
 *
 * @throws {RuntimeError} Where each request needs a loop of its own, as in Cloudflare Workers.
 *
 * @example Usage
 * ```ts
 * import { getEventLoop, getRunningLoop, run } from "@aio/asyncio";
 * import { assertStrictEquals } from "@std/assert";
 *
 * await run(async () => assertStrictEquals(getEventLoop(), getRunningLoop()));
 * ```
 */
export function getEventLoop(): EventLoop {
  return runningLoop() ?? ambientLoop();
}

/**
 * Makes a loop that isn't running, as `install` says.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.new_event_loop | asyncio.new_event_loop}.
 *
 * @example Usage
 * ```ts
 * import { newEventLoop } from "@aio/asyncio";
 * import { assert } from "@std/assert";
 *
 * const loop = newEventLoop();
 * loop.callSoon(() => loop.stop());
 * await loop.runForever();
 * loop.close();
 * assert(loop.isClosed());
 * ```
 */
export function newEventLoop(): EventLoop {
  return factory === null ? new EventLoop() : factory();
}

/**
 * Has every new loop made by `loopFactory`: what `uvloop.install()` is in Python.
 *
 * @param loopFactory Makes a loop; null restores the default.
 *
 * @example Usage
 * ```ts
 * import { EventLoop, install, run } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * let made = 0;
 * install(() => {
 *   made++;
 *   return new EventLoop();
 * });
 * await run(async () => {});
 * install(null);
 * assertEquals(made, 1);
 * ```
 */
export function install(loopFactory: (() => EventLoop) | null): void {
  factory = loopFactory;
}

function startLoop(): EventLoop {
  const loop = newEventLoop();
  loop.runForever();
  return loop;
}

function ambientLoop(): EventLoop {
  if (needsOwnLoopPerRequest()) {
    throw new RuntimeError(
      "Cannot await this outside of run(): on this platform timers belong to the request that " +
        "made them; wrap the handler's body in run(() => …), and where there is no " +
        "AsyncLocalStorage (nodejs_als), say await until(promise) for what isn't this module's",
    );
  }
  if (ambient === null) {
    // It never ends: it sleeps when it has nothing to do, which keeps no process alive.
    ambient = callForNobody(startLoop);
  }
  return ambient;
}
