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
 * @module
 */

export { virtualDriver, virtualTime } from "./virtual_time.ts";
export { useAsyncLocalStorage } from "../loop/context.ts";
