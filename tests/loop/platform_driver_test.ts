import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { createTask, type Driver, EventLoop, platformDriver, run, sleep } from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";

describe("platformDriver()", () => {
  it("has a clock that goes on", async () => {
    const driver = platformDriver();
    const before = driver.now();
    await new Promise((resolve) => setTimeout(resolve, 10));
    assertGreaterOrEqual(driver.now() - before, 9);
  });

  it("calls later() from a macrotask, in order", async () => {
    const driver = platformDriver();
    const calls: string[] = [];
    await new Promise<void>((resolve) => {
      driver.later(() => calls.push("a"), false);
      driver.later(() => {
        calls.push("b");
        resolve();
      }, false);
      queueMicrotask(() => calls.push("microtask"));
    });
    assertEquals(calls, ["microtask", "a", "b"]);
  });

  it("wakes at its time, and not after the alarm was given up", async () => {
    const driver = platformDriver();
    const idle = { outside: () => 0, describeWaiting: () => [] };
    const start = driver.now();
    const calls: string[] = [];
    const giveUp = driver.at(start + 5, () => calls.push("never"), idle);
    giveUp();
    driver.at(Infinity, () => calls.push("never"), idle)();
    await new Promise<void>((wake) => driver.at(start + 10, wake, idle));
    assertGreaterOrEqual(driver.now(), start + 9); // Node's timers may be a little early
    assertEquals(calls, []);
  });
});

describe("A loop on the platform", () => {
  it("never wakes a timer early", async () => {
    await run(async () => {
      const { time } = { time: () => performance.now() };
      for (const delay of [0.3, 1, 2.5, 7]) {
        const before = time();
        await sleep(delay);
        assertGreaterOrEqual(time() - before, delay);
      }
    });
  });

  it("lets the platform's timers through while tasks yield to each other for ever", async () => {
    let ticks = 0;
    const interval = setInterval(() => ticks++, 1);
    try {
      await run(async () => {
        const spinners = [1, 2].map(() =>
          createTask(function* () {
            for (;;) yield;
          })
        );
        await sleep(60);
        for (const spinner of spinners) spinner.cancel();
      });
    } finally {
      clearInterval(interval);
    }
    assertGreaterOrEqual(ticks, 5);
  });

  it("keeps time among busy tasks", async () => {
    await run(async () => {
      const spinner = createTask(async () => {
        for (;;) await sleep(0);
      });
      const before = performance.now();
      await sleep(10);
      assertLess(performance.now() - before, 500);
      spinner.cancel();
    });
  });

  it("is made on a driver of one's own", async () => {
    const calls: string[] = [];
    const below = platformDriver();
    const driver: Driver = {
      now: () => below.now(),
      later(turn, busy) {
        calls.push("later");
        below.later(turn, busy);
      },
      at(ms, wake, loop) {
        calls.push(`at ${loop.describeWaiting().length}`);
        return below.at(ms, wake, loop);
      },
    };
    await run(async () => void await sleep(5), { loopFactory: () => new EventLoop(driver) });
    assert(calls.includes("at 1"), calls.join());
  });

  it("has loops told of foreign awaits, each by the macrotasks of its own driver", async () => {
    const below = platformDriver();
    let own = 0;
    const driver: Driver = {
      ...below,
      later(turn, busy) {
        own++;
        below.later(turn, busy);
      },
    };
    const foreign = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
    const beside = async (name: string, log: string[]) => {
      createTask(async () => {
        await sleep(0);
        log.push(`${name} goes on`);
      });
      await foreign();
      log.push(`${name} is back`);
    };
    const log: string[] = [];
    await Promise.all([
      run(() => beside("a", log)),
      run(() => beside("b", log), { loopFactory: () => new EventLoop(driver) }),
      run(() => beside("c", log)),
    ]);
    assertEquals(log.slice(0, 3).sort(), ["a goes on", "b goes on", "c goes on"]);
    assertEquals(log.slice(3).sort(), ["a is back", "b is back", "c is back"]);
    assert(own > 0);
  });
});
