/** Running other people's code inside of the current task. @module */

import type { Awaitable } from "./awaitable.ts";
import { callWithin, currentScope, type Scope } from "../loop/context.ts";
import { Coroutine, isGenerator, isGeneratorFunction } from "./coroutine.ts";
import { Future } from "./future.ts";
import { NativeWait } from "./_strand.ts";

/** Calls a body; `yield*` what it gives to wait for its end within the current task. */
export function callBody<T>(body: () => Awaitable<T>): Iterable<unknown, T, unknown> {
  if (isGeneratorFunction(body)) return body() as Generator<unknown, T, unknown>;
  return within(callWithin(currentScope() as Scope, body));
}

/** Makes an awaitable fit for `yield*`, without a task of its own. */
export function within<T>(awaitable: Awaitable<T>): Iterable<unknown, T, unknown> {
  if (typeof awaitable === "function") return callBody(awaitable);
  if (awaitable instanceof Coroutine || awaitable instanceof Future || isGenerator(awaitable)) {
    return awaitable as Iterable<unknown, T, unknown>;
  }
  if (typeof (awaitable as PromiseLike<T> | null)?.then === "function") {
    return new NativeWait(awaitable as PromiseLike<T>);
  }
  return immediate(awaitable as T);
}

/** A body that is a plain function: its value is there at once. */
// deno-lint-ignore require-yield
function* immediate<T>(value: T): Generator<never, T, unknown> {
  return value;
}
