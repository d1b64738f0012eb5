/**
 * The guide's `wait`: FIRST_COMPLETED gives whichever task finishes first.
 *
 * The coroutine functions are generator functions: a call starts nothing, as in
 * Python, so calls can be handed over as they are. `coroutine()` gives the calls a
 * name, which a bare generator hasn't.
 *
 * @module
 */

import { coroutine, FIRST_COMPLETED, run, sleep, wait } from "@aio/asyncio";
import { randrange, SECOND } from "./_seconds.ts";

const foo = coroutine(function* foo(n: number) {
  const s = randrange(5);
  console.log(`${n} will sleep for: ${s} seconds`);
  yield* sleep(s * SECOND);
  console.log(`n: ${n}!`);
});

function* main() {
  const tasks = [foo(1), foo(2), foo(3)];
  const result = yield* wait(tasks, { returnWhen: FIRST_COMPLETED });
  console.log(result);
}

await run(main);
