/**
 * The guide's `gather`: waits for several coroutines to complete.
 *
 * @module
 */

import { gather, run, sleep } from "@aio/asyncio";
import { SECOND } from "./_seconds.ts";

async function foo(n: number) {
  await sleep(5 * SECOND); // wait 5s before continuing
  console.log(`n: ${n}!`);
}

async function main() {
  const tasks = [() => foo(1), () => foo(2), () => foo(3)];
  await gather(tasks);
}

await run(main);
