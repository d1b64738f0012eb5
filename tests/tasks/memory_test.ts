import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runText, RUNTIME } from "../run/_program.ts";

const FLAGS = { deno: ["--v8-flags=--expose-gc"], bun: [], node: ["--expose-gc"] }[RUNTIME];

/** Programs that make something with `keep(name, …)`, drop it, and go on. */
const PROGRAMS: Record<string, string> = {
  "a task that has ended": `
    const task = keep(createTask(async () => void await sleep(1)));
    await task;`,
  "a generator task that has ended": `
    const task = keep(createTask(function* () { yield* sleep(1); }));
    await task;`,
  "a task that was cancelled": `
    const task = keep(createTask(async () => void await sleep(60_000)));
    await sleep(1);
    task.cancel();
    await task.then(null, () => {});`,
  "a task that failed, whose error was seen": `
    const task = keep(createTask(async () => { throw new Error("seen"); }));
    await task.then(null, () => {});`,
  "a task whose signal was used": `
    const task = keep(createTask(async () => { currentTask().signal; await sleep(1); }));
    await task;`,
  "a future that nobody awaits": `keep(new Future());`,
  "what a finished gather() waited for": `
    await gather([keep(createTask(() => sleep(1))), keep(createTask(() => sleep(2)))]);`,
  "what an abandoned wait() waited for": `
    const slow = keep(createTask(() => sleep(5)));
    await wait([slow], { timeout: 1 });
    await slow;`,
  "the timer of a time limit that was kept": `
    await timeout(60_000, async (limit) => { keep(limit); await sleep(1); });`,
  "a group that has ended": `
    await taskGroup(async (group) => { keep(group); keep(group.createTask(() => sleep(1))); });`,
  "a wait for what never comes that was cancelled": `
    globalThis.never ??= new Promise(() => {});
    const waits = [keep(until(never)), keep(createTask(() => waitFor(never, 1_000)))];
    await sleep(1);
    for (const each of waits) each.cancel();
    await sleep(1);`,
  "a promise that until() gave up": `
    const future = keep(until(new Promise(() => {})));
    await sleep(1);
    future.cancel();`,
};

describe("Memory", () => {
  it("of what has ended is free while the loop runs on", async () => {
    const { stdout, stderr } = await runText(
      `
      import {
        createTask, currentTask, Future, gather, run, sleep, taskGroup, timeout, until, wait,
        waitFor,
      } from "@aio/asyncio";
      const collect = globalThis.Bun ? () => Bun.gc(true) : globalThis.gc;
      const left = new Map();
      const registry = new FinalizationRegistry((name) => left.set(name, left.get(name) - 1));
      function keeper(name) {
        return (object) => {
          left.set(name, (left.get(name) ?? 0) + 1);
          registry.register(object, name);
          return object;
        };
      }
      const programs = {
        ${
        Object.entries(PROGRAMS).map(([name, code]) =>
          `${JSON.stringify(name)}: async (keep) => { ${code} },`
        ).join("\n")
      }
      };
      await run(async () => {
        for (const [name, program] of Object.entries(programs)) {
          // Several times, as registers and caches may hold the last one.
          for (let i = 0; i < 5; i++) await createTask(() => program(keeper(name)));
        }
        const isLeft = ([, count]) => count > 2;
        for (let i = 0; i < 100 && [...left].some(isLeft); i++) {
          await sleep(5);
          collect();
        }
        console.log([...left].filter(isLeft).map(([name]) => name).join() || "nothing is left");
      });
    `,
      { flags: FLAGS },
    );
    assertEquals([stdout, stderr], ["nothing is left\n", ""]);
  });

  it("of a loop that is closed is free while what it waited for lives on", async () => {
    const { stdout, stderr } = await runText(
      `
      import { createTask, getRunningLoop, run, sleep, until, waitFor } from "@aio/asyncio";
      const collect = globalThis.Bun ? () => Bun.gc(true) : globalThis.gc;
      const never = new Promise(() => {});
      const loops = [];
      for (let i = 0; i < 5; i++) {
        await run(async () => {
          loops.push(new WeakRef(getRunningLoop()));
          createTask(async () => await until(never));
          createTask(() => waitFor(never, 60_000));
          until(never);
          await sleep(1);
        });
      }
      const left = () => loops.filter((loop) => loop.deref() !== undefined).length;
      for (let i = 0; i < 100 && left() > 2; i++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        collect();
      }
      console.log(left() > 2 ? left() + " are left" : "nothing is left");
    `,
      { flags: FLAGS },
    );
    assertEquals([stdout, stderr], ["nothing is left\n", ""]);
  });
});
