/**
 * The guide's `create_task`: makes a Task of a coroutine and schedules it.
 *
 * @module
 */

import { createTask, run, sleep } from "@aio/asyncio";
import { SECOND } from "./_seconds.ts";

async function foo() {
  await sleep(10 * SECOND);
  console.log("Foo!");
}

async function helloWorld() {
  const task = createTask(foo);
  console.log(task);
  await sleep(5 * SECOND);
  console.log("Hello World!");
  await sleep(10 * SECOND);
  console.log(task);
}

await run(helloWorld);
