/**
 * The guide's "Use another Event Loop": what `uvloop.install()` is.
 *
 * `install()` takes a function that makes a loop. The one installed here counts the
 * loops that it made, and runs on a driver of its own: the platform's clock and
 * timers, but counting how often the loop had nothing to do.
 *
 * @module
 */

import { EventLoop, install, platformDriver, run, sleep } from "@aio/asyncio";

async function foo() {
  await sleep(1);
  console.log("Foo!");
}

async function helloWorld() {
  await foo();
  console.log("Hello World!");
}

let loops = 0;
let naps = 0;

install(() => {
  loops++;
  const platform = platformDriver();
  return new EventLoop({
    ...platform,
    at(when, wake, loop) {
      naps++;
      return platform.at(when, wake, loop);
    },
  });
});
await run(helloWorld);
console.log(`loops made by the installed factory: ${loops}, and they napped: ${naps > 0}`);
