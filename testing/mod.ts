/**
 * For tests of programs that use this module.
 *
 * @example Usage
 * ```ts
 * import { run, sleep, timeout, TimeoutError } from "@aio/asyncio";
 * import { virtualTime } from "@aio/asyncio/testing";
 * import { assertRejects } from "@std/assert";
 *
 * // Takes no time at all.
 * const slow = () => timeout({ minutes: 5 }, () => sleep({ hours: 1 }));
 * await assertRejects(() => run(slow, { loopFactory: virtualTime }), TimeoutError);
 * ```
 *
 * Which clock to use: {@linkcode virtualTime}, for what goes through `run()`. It needs no ticks, and
 * finds deadlocks. Where a test fakes the platform's timers as well (sinon, jest, vitest, `FakeTime`
 * of @std/testing), for code that uses `setTimeout` itself, loops on the platform's clock follow:
 * their time is the fakes' as long as those are there, and is ticked as they are. It is the real one
 * unless both `setTimeout` and a clock (`performance` or `Date`) are replaced. What has to run
 * between two ticks needs real macrotasks: use the asynchronous ones, such as `tickAsync`.
 *
 * @module
 */

export { virtualDriver, virtualTime } from "./virtual_time.ts";
export { useAsyncLocalStorage } from "../loop/context.ts";
