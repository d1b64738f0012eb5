/**
 * One program, both kinds of coroutine.
 *
 * A test writes its coroutines as generator functions that plainly `yield` what they
 * wait for, and has `coro()` make real ones of them: generator functions that
 * `yield*` it, or async functions that `await` it.
 *
 * @module
 */

import { useAsyncLocalStorage, virtualTime } from "@aio/asyncio/testing";
import { type Coro, type EventLoop, type ExceptionContext, run } from "@aio/asyncio";
import { it } from "@std/testing/bdd";

/** A coroutine function, written so that it can become one of either kind. */
// deno-lint-ignore no-explicit-any
export type Script<A extends unknown[], T> = (...args: A) => Generator<any, T, any>;

/** A coroutine function of one kind. */
// deno-lint-ignore no-explicit-any
export type CoroutineFunction<A extends unknown[], T> = (...args: A) => any;

/** Makes a coroutine function. */
export type Kind = <A extends unknown[], T>(script: Script<A, T>) => CoroutineFunction<A, T>;

/** Makes generator functions. */
export const generatorKind: Kind = (script) =>
  named(script, function* (...args) {
    const steps = script(...args);
    let step = steps.next();
    while (!step.done) {
      let value: unknown;
      try {
        value = yield* step.value;
      } catch (error) {
        step = steps.throw(error);
        continue;
      }
      step = steps.next(value);
    }
    return step.value;
  });

/** Makes async functions. */
export const asyncKind: Kind = (script) =>
  named(script, async function (...args) {
    const steps = script(...args);
    let step = steps.next();
    while (!step.done) {
      let value: unknown;
      try {
        value = await step.value;
      } catch (error) {
        step = steps.throw(error);
        continue;
      }
      step = steps.next(value);
    }
    return step.value;
  });

function named<A extends unknown[], T>(
  script: Script<A, T>,
  fn: CoroutineFunction<A, T>,
): CoroutineFunction<A, T> {
  return Object.defineProperty(fn, "name", { value: script.name });
}

/** Registers a test for each kind; for async functions also without AsyncLocalStorage. */
export function inBothKinds(name: string, body: (coro: Kind) => Promise<void>): void {
  it(`${name} (generators)`, () => body(generatorKind));
  it(`${name} (async functions)`, () => body(asyncKind));
  it(`${name} (async functions, no AsyncLocalStorage)`, async () => {
    const before = useAsyncLocalStorage(false);
    try {
      await body(asyncKind);
    } finally {
      useAsyncLocalStorage(before);
    }
  });
}

/** Runs a program on a virtual clock. */
// deno-lint-ignore no-explicit-any
export function runVirtual(main: Coro<unknown>, signal?: AbortSignal): Promise<any> {
  return run(main, { loopFactory: virtualTime, ...(signal === undefined ? {} : { signal }) });
}

/** Runs a program on a virtual clock; gives what its loop's exception handler was told. */
export async function reportsOf(
  main: Coro<unknown>,
  prepare: (loop: EventLoop) => void = () => {},
): Promise<ExceptionContext[]> {
  const reports: ExceptionContext[] = [];
  const loopFactory = () => {
    const loop = virtualTime();
    loop.setExceptionHandler((_, context) => void reports.push(context));
    prepare(loop);
    return loop;
  };
  await run(main, { loopFactory });
  return reports;
}
