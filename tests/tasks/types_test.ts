import {
  asCompleted,
  coroutine,
  createTask,
  ensureFuture,
  type Future,
  gather,
  run,
  shield,
  sleep,
  type Task,
  taskGroup,
  timeout,
  until,
  wait,
  waitFor,
} from "@aio/asyncio";
import { assertType, type IsExact } from "@std/testing/types";
import { describe, it } from "@std/testing/bdd";
import { runVirtual } from "./_kinds.ts";

async function text() {
  await sleep(0);
  return "text";
}

function* count() {
  yield* sleep(0);
  return 42;
}

const flag = coroutine(function* (value: boolean) {
  yield* sleep(0);
  return value;
});

describe("Types", () => {
  it("sleep() gives its result's type", async () => {
    await runVirtual(async () => {
      const nothing = await sleep(0);
      assertType<IsExact<typeof nothing, void>>(true);
      const letter = await sleep(0, "a");
      assertType<IsExact<typeof letter, string>>(true);
    });
  });

  it("yield* gives the awaited type", async () => {
    await runVirtual(function* () {
      const letter = yield* sleep(0, "a");
      assertType<IsExact<typeof letter, string>>(true);
      const number = yield* count();
      assertType<IsExact<typeof number, number>>(true);
      const truth = yield* flag(true);
      assertType<IsExact<typeof truth, boolean>>(true);
      const task = yield* createTask(text);
      assertType<IsExact<typeof task, string>>(true);
      const both = yield* gather([text, count]);
      assertType<IsExact<typeof both, [string, number]>>(true);
      const inTime = yield* waitFor(text, 10);
      assertType<IsExact<typeof inTime, string>>(true);
      const within = yield* timeout(10, function* () {
        return yield* flag(true);
      });
      assertType<IsExact<typeof within, boolean>>(true);
      const foreign = yield* until(Promise.resolve(1));
      assertType<IsExact<typeof foreign, number>>(true);
    });
  });

  it("createTask() and ensureFuture() know what comes of a coroutine", async () => {
    await runVirtual(async () => {
      const tasks = [createTask(text), createTask(() => text())] as const;
      assertType<IsExact<(typeof tasks)[0], Task<string>>>(true);
      assertType<IsExact<(typeof tasks)[1], Task<string>>>(true);
      const counting = [createTask(count), createTask(count()), createTask(() => count())] as const;
      assertType<IsExact<(typeof counting)[0], Task<number>>>(true);
      assertType<IsExact<(typeof counting)[1], Task<number>>>(true);
      assertType<IsExact<(typeof counting)[2], Task<number>>>(true);
      const flags = ensureFuture(flag(true));
      assertType<IsExact<typeof flags, Future<boolean>>>(true);
      await gather([...tasks, ...counting, flags]);
    });
  });

  it("gather() gives a tuple of a tuple, and an array of an array", async () => {
    await runVirtual(async () => {
      const tuple = await gather([text, count(), flag(true), Promise.resolve(null)]);
      assertType<IsExact<typeof tuple, [string, number, boolean, null]>>(true);
      const array = await gather([1, 2].map(() => text));
      assertType<IsExact<typeof array, string[]>>(true);
      const iterable = await gather(new Set([text]));
      assertType<IsExact<typeof iterable, string[]>>(true);
      const settled = await gather([text, count()], { returnExceptions: true });
      assertType<IsExact<typeof settled, [string | Error, number | Error]>>(true);
    });
  });

  it("the other operations keep the type", async () => {
    await runVirtual(async () => {
      const shielded = await shield(text);
      assertType<IsExact<typeof shielded, string>>(true);
      const inTime = await waitFor(count(), null);
      assertType<IsExact<typeof inTime, number>>(true);
      const within = await timeout(10, (limit) => Promise.resolve(limit.when()));
      assertType<IsExact<typeof within, number | null>>(true);
      const grouped = await taskGroup(async (group) => await group.createTask(count));
      assertType<IsExact<typeof grouped, number>>(true);
      const [done] = await wait([createTask(text)]);
      assertType<IsExact<typeof done, Set<Future<string>>>>(true);
      for (const next of asCompleted([text])) {
        const result = await next;
        assertType<IsExact<typeof result, string>>(true);
      }
      for await (const future of asCompleted([count()])) {
        const result = future.result();
        assertType<IsExact<typeof result, number>>(true);
      }
    });
  });

  it("run() gives the main coroutine's type", async () => {
    const letters = await run(text);
    assertType<IsExact<typeof letters, string>>(true);
    const number = await run(count);
    assertType<IsExact<typeof number, number>>(true);
    const truth = await run(flag(true));
    assertType<IsExact<typeof truth, boolean>>(true);
    const pair = await run(() => gather([text, count]));
    assertType<IsExact<typeof pair, [string, number]>>(true);
  });

  it("a promise is no coroutine", () => {
    (() => {
      // @ts-expect-error Its code runs already.
      createTask(text());
      // @ts-expect-error Its code runs already.
      run(text());
      // @ts-expect-error Python has refused coroutines since 3.11.
      wait([text]);
      // @ts-expect-error A number can't be awaited.
      gather([42]);
    });
  });
});
