/** Running other people's code inside of the current task. @module */

import type { Awaitable } from "./awaitable.ts";
import { callWithin, currentScope } from "../loop/context.ts";
import { asCancellation } from "./_strand.ts";
import { codeForBody, currentStrand } from "./_native_strand.ts";
import { Coroutine, isGenerator, isGeneratorFunction } from "./coroutine.ts";
import { describeValue, functionName } from "../loop/describe.ts";
import { Future } from "./future.ts";
import { NativeWait, type Strand } from "./_native_code.ts";
import { promiseOf } from "./_adopt.ts";
import { until } from "./until.ts";

type AnyBody = (...args: never[]) => unknown;

const AsyncGeneratorFunction = (async function* () {}).constructor;

/**
 * Refuses at once what can't be the body of a block.
 *
 * @throws {TypeError} If it is no function, or an async generator function.
 */
export function checkBody(body: unknown, caller: string): void {
  if (typeof body !== "function") {
    throw new TypeError(
      `Cannot run ${caller}() as 'body' must be an async function or a generator function: ` +
        `current value is ${describeValue(body)}`,
    );
  }
  refuseAsyncGenerator(body as AnyBody);
}

/**
 * Refuses async generator functions: nothing would run their code.
 *
 * @param given What `fn` gave, if it was called: any function may give an async generator.
 * @throws {TypeError} If it is one, or gave what one gives.
 */
export function refuseAsyncGenerator(fn: AnyBody, given?: unknown): void {
  if (!(fn instanceof AsyncGeneratorFunction) && !isAsyncGenerator(given)) return;
  throw new TypeError(
    `Cannot run ${functionName(fn)}() as a body: it gives an async generator, whose code runs ` +
      "only as it is iterated; use an async function or a generator function",
  );
}

function isAsyncGenerator(given: unknown): boolean {
  return typeof given === "object" && given !== null && Symbol.asyncIterator in given &&
    typeof (given as Partial<AsyncGenerator>).next === "function";
}

/** Calls a body; `yield*` what it gives to wait for its end within the current task. */
export function callBody<T>(body: () => Awaitable<T>): Iterable<unknown, T, unknown> {
  if (isGeneratorFunction(body)) return body() as Generator<unknown, T, unknown>;
  const code = codeForBody(currentStrand(currentScope())!);
  const given = callWithin(code, callIt, body);
  if (given instanceof Coroutine || given instanceof Future || isGenerator(given)) {
    return given as Iterable<unknown, T, unknown>;
  }
  const promise = promiseOf(given);
  if (promise !== null) return new NativeWait<T>(promise, code);
  refuseAsyncGenerator(body, given);
  return immediate(given as T);
}

function callIt<T>(body: () => T): T {
  return body();
}

/**
 * What `error`, which ended a call of other people's within `task`, stands for: the cancellation, if
 * it is how that obeyed the task's signal.
 */
export function causeOf(error: unknown, task: object): unknown {
  return asCancellation(task as Strand, error);
}

/** Makes an awaitable fit for `yield*`, without a task of its own. */
export function within<T>(awaitable: Awaitable<T>): Iterable<unknown, T, unknown> {
  if (typeof awaitable === "function") return callBody(awaitable);
  if (awaitable instanceof Coroutine || awaitable instanceof Future || isGenerator(awaitable)) {
    return awaitable as Iterable<unknown, T, unknown>;
  }
  return until(awaitable as PromiseLike<T>);
}

/** A body that is a plain function: its value is there at once. */
// deno-lint-ignore require-yield
function* immediate<T>(value: T): Generator<never, T, unknown> {
  return value;
}
