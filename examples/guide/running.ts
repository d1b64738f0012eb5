/**
 * The guide's "Running an asyncio program": `asyncio.run(hello_world())`.
 *
 * @module
 */

import { run } from "@aio/asyncio";

// deno-lint-ignore require-await
async function foo() {
  console.log("Foo!");
}

async function helloWorld() {
  await foo(); // waits for `foo()` to complete
  console.log("Hello World!");
}

await run(helloWorld);
