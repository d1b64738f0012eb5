/**
 * The guide's "Running an asyncio program", by the low-level interface:
 * `get_event_loop()`, `run_until_complete()` and `close()`.
 *
 * Outside of `run()`, `getEventLoop()` gives the ambient loop, which is running
 * already and never closed; a loop to run by hand is made with `newEventLoop()`.
 * The coroutine functions are generator functions here.
 *
 * @module
 */

import { newEventLoop } from "@aio/asyncio";

// deno-lint-ignore require-yield
function* foo() {
  console.log("Foo!");
}

function* helloWorld() {
  yield* foo(); // waits for `foo()` to complete
  console.log("Hello World!");
}

const loop = newEventLoop();
await loop.runUntilComplete(helloWorld());
loop.close();
