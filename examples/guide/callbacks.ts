/**
 * The guide's "Callbacks": `add_done_callback` calls a function when the task is done.
 *
 * @module
 */

import { createTask, type Future, run, sleep } from "@aio/asyncio";
import { SECOND } from "./_seconds.ts";

async function foo() {
  await sleep(10 * SECOND);
  return "Foo!";
}

function gotResult(future: Future<string>) {
  console.log(`got the result! ${future.result()}`);
}

async function helloWorld() {
  const task = createTask(foo);
  task.addDoneCallback(gotResult);
  console.log(task);
  await sleep(5 * SECOND);
  console.log("Hello World!");
  await sleep(10 * SECOND);
  console.log(task);
}

await run(helloWorld);
