import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  createTask,
  currentTask,
  EventLoop,
  gather,
  getEventLoop,
  getRunningLoop,
  install,
  newEventLoop,
  run,
  RuntimeError,
  sleep,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";

describe("getRunningLoop() and getEventLoop()", () => {
  it("give the running loop in tasks and callbacks", async () => {
    await run(async () => {
      const loop = getRunningLoop();
      assert(loop.isRunning());
      assertStrictEquals(getEventLoop(), loop);
      await new Promise<void>((resolve) =>
        loop.callSoon(() => {
          assertStrictEquals(getRunningLoop(), loop);
          resolve();
        })
      );
      await sleep(1);
      assertStrictEquals(getRunningLoop(), loop);
    });
  });

  it("give an error and the ambient loop outside", () => {
    assertThrows(
      getRunningLoop,
      RuntimeError,
      "there is no running event loop here; call this from a coroutine or callback that run() runs",
    );
    const ambient = getEventLoop();
    assertStrictEquals(getEventLoop(), ambient);
    assertEquals([ambient.isRunning(), ambient.isClosed()], [true, false]);
  });
});

describe("The ambient loop", () => {
  it("runs what is awaited outside of any run()", async () => {
    assertEquals(await sleep(1, "slept"), "slept");
    assertEquals(await gather([sleep(1, "a"), () => sleep(1, "b")]), ["a", "b"]);
    const task = getEventLoop().createTask(async () => {
      await sleep(1);
      return [getRunningLoop() === getEventLoop(), currentTask() !== null];
    });
    assertEquals(await task, [true, true]);
    assertThrows(getRunningLoop, RuntimeError);
  });

  it("lets run() make its own loop beside it", async () => {
    await run(async () => {
      assert(getRunningLoop() !== ambient);
      await createTask(() => sleep(1));
    });
    assert(ambient.isRunning());
  });
  const ambient = getEventLoop();
});

describe("install()", () => {
  it("has new loops made by the factory, until null restores the default", async () => {
    class Own extends EventLoop {}
    install(() => new Own());
    try {
      assert(newEventLoop() instanceof Own);
      await run(async () => {
        assert(getRunningLoop() instanceof Own);
        await sleep(0);
      });
    } finally {
      install(null);
    }
    assertEquals(newEventLoop() instanceof Own, false);
  });
});
