/**
 * The guide's "Use another Event Loop": what `uvloop.install()` is.
 *
 * `install()` takes a function that makes a loop. The one installed here makes loops
 * on a driver of its own: the platform's, but counting how often it is asked for the
 * time.
 *
 * @module
 */

import { EventLoop, install, platformDriver, run } from "@aio/asyncio";

// deno-lint-ignore require-await
async function foo() {
  console.log("Foo!");
}

async function helloWorld() {
  await foo();
  console.log("Hello World!");
}

let loops = 0;
let asked = 0;

function countingLoop(): EventLoop {
  const platform = platformDriver();
  loops++;
  return new EventLoop({
    ...platform,
    now() {
      asked++;
      return platform.now();
    },
  });
}

install(countingLoop);
await run(helloWorld);
console.log(`loops made: ${loops}, driver in use: ${asked > 0}`);
