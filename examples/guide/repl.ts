/**
 * The guide's "Running Async Code in the REPL": `await foo()` without `run()`.
 *
 * At the top level of a module, as at the prompt of a REPL, awaitables run on the
 * ambient loop.
 *
 * @module
 */

import { sleep } from "@aio/asyncio";
import { SECOND } from "./_seconds.ts";

async function foo() {
  await sleep(5 * SECOND);
  console.log("done");
}

await foo();
