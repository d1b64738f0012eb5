/**
 * The guide's `wait_for`: a timeout prevents waiting endlessly.
 *
 * @module
 */

import { run, sleep, TimeoutError, waitFor } from "@aio/asyncio";
import { SECOND } from "./_seconds.ts";

async function foo(n: number) {
  await sleep(10 * SECOND);
  console.log(`n: ${n}!`);
}

async function main() {
  try {
    await waitFor(() => foo(1), 5 * SECOND);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    console.log("timeout!");
  }
}

await run(main);
