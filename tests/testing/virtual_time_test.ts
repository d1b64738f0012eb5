import { assertEquals, assertLess, assertRejects } from "@std/assert";
import {
  createTask,
  DeadlockError,
  Future,
  getRunningLoop,
  run,
  RuntimeError,
  sleep,
  until,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "../tasks/_kinds.ts";
import { useAsyncLocalStorage, virtualDriver, virtualTime } from "@aio/asyncio/testing";

describe("virtualTime()", () => {
  inBothKinds("jumps to the next timer, so that days pass at once", async (coro) => {
    const started = performance.now();
    const main = coro(function* () {
      yield sleep({ days: 365 });
      return getRunningLoop().time();
    });
    assertEquals(await runVirtual(main), 365 * 86_400_000);
    assertLess(performance.now() - started, 1000);
  });

  it("starts at 0 and stands still while something runs", async () => {
    await runVirtual(async () => {
      const loop = getRunningLoop();
      assertEquals(loop.time(), 0);
      for (let i = 0; i < 100; i++) await sleep(0);
      assertEquals(loop.time(), 0);
    });
  });

  inBothKinds("raises an error that lists who waits for what, at a deadlock", async (coro) => {
    const main = coro(function* main() {
      createTask(
        coro(function* other() {
          yield new Future();
        }),
        { name: "other" },
      );
      yield new Future();
    });
    const error = await assertRejects(() => runVirtual(main), DeadlockError);
    assertEquals(error instanceof RuntimeError, true);
    const [head, first, second] = error.message.replace(/Task-\d+/, "Task-n").split("\n");
    assertEquals(
      head,
      "Deadlock: nothing is ready and no timer is set, but 2 tasks wait:",
    );
    const waits = "wait_for=<Future pending cb=[Task.wakeup()]>";
    assertEquals(first!.trim().startsWith("<Task pending name='Task-n' coro=<main()>"), true);
    assertEquals(first!.includes(waits), true);
    assertEquals(second!.trim(), `<Task pending name='other' coro=<other()> ${waits}>`);
  });

  it("takes a sleep for ever for a deadlock, as nothing else is to come", async () => {
    for (const forEver of [Infinity, Number.MAX_VALUE]) {
      await assertRejects(() => runVirtual(() => sleep(forEver)), DeadlockError, "sleep()");
    }
    assertEquals(await runVirtual(() => sleep(2 ** 60, "an age")), "an age");
  });

  it("waits for foreign promises before it jumps", async () => {
    await runVirtual(async () => {
      const order: string[] = [];
      const soon = until(Promise.resolve().then(() => order.push("promise")));
      const nap = createTask(async () => {
        await sleep(1000);
        order.push("timer");
      });
      await soon;
      await nap;
      assertEquals(order, ["promise", "timer"]);
    });
  });

  it("takes a foreign promise that is awaited natively for no deadlock", async () => {
    const main = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return "woken";
    };
    assertEquals(await runVirtual(main), "woken");
  });

  it("gives each loop a clock of its own", async () => {
    const [a, b] = [virtualDriver(), virtualDriver()];
    assertEquals([a.now(), b.now()], [0, 0]);
    const loops = [virtualTime(), virtualTime()];
    await loops[0]!.runUntilComplete(sleep(100));
    assertEquals(loops.map((loop) => loop.time()), [100, 0]);
    for (const loop of loops) loop.close();
  });
});

describe("useAsyncLocalStorage()", () => {
  it("turns its use off and on, and tells what was before", async () => {
    const before = useAsyncLocalStorage(false);
    try {
      assertEquals(useAsyncLocalStorage(false), false);
      assertEquals(await run(async () => await sleep(1, "without")), "without");
    } finally {
      assertEquals(useAsyncLocalStorage(before), false);
    }
    assertEquals(useAsyncLocalStorage(before), before);
  });
});
