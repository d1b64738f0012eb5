/**
 * The guide's `as_completed`: yields the first to complete, then the next quickest.
 *
 * @module
 */

import { asCompleted, run, sleep } from "@aio/asyncio";
import { randrange, SECOND } from "./_seconds.ts";

async function foo(n: string) {
  const s = randrange(10);
  console.log(`${n} will sleep for: ${s} seconds`);
  await sleep(s * SECOND);
  return `${n}!`;
}

async function main() {
  let counter = 0;
  const tasks = [() => foo("a"), () => foo("b"), () => foo("c")];

  for (const future of asCompleted(tasks)) {
    const n = counter === 0 ? "quickest" : "next quickest";
    counter++;
    const result = await future;
    console.log(`the ${n} result was: ${result}`);
  }
}

await run(main);
