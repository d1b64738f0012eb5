/**
 * The guide's `wait`: FIRST_COMPLETED gives whichever task finishes first.
 *
 * The guide hands coroutines to `wait`, which Python has refused since 3.11, and so
 * does this module: they are made tasks first. The coroutine functions are generator
 * functions: a call starts nothing, as in Python. `coroutine()` gives such a call a
 * name to be shown by, which a bare generator hasn't.
 *
 * @module
 */

import { coroutine, createTask, FIRST_COMPLETED, run, sleep, wait } from "@aio/asyncio";
import { randrange, SECOND } from "./_seconds.ts";

const foo = coroutine(function* foo(n: number) {
  const s = randrange(5);
  console.log(`${n} will sleep for: ${s} seconds`);
  yield* sleep(s * SECOND);
  console.log(`n: ${n}!`);
});

function* main() {
  const tasks = [foo(1), foo(2), foo(3)].map((foo) => createTask(foo));
  const result = yield* wait(tasks, { returnWhen: FIRST_COMPLETED });
  console.log(result);
}

await run(main);
