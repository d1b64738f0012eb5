import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  createTask,
  Event,
  gather,
  getRunningLoop,
  RuntimeError,
  sleep,
  timeout,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "../tasks/_kinds.ts";

describe("Event", () => {
  inBothKinds("wakes all who wait, in the order in which they came", async (coro) => {
    const seen: string[] = [];
    await runVirtual(coro(function* () {
      const event = new Event();
      const waiter = coro(function* (name: string) {
        assertEquals(yield event.wait(), true);
        seen.push(name);
      });
      const tasks = ["a", "b", "c"].map((name) => createTask(() => waiter(name)));
      yield sleep(1);
      assertEquals(String(event), "<Event unset waiters=3>");
      event.set();
      seen.push("set");
      yield gather(tasks);
      assertEquals(String(event), "<Event set>");
    }));
    assertEquals(seen, ["set", "a", "b", "c"]);
  });

  inBothKinds("lets the woken go on even if it is cleared before they do", async (coro) => {
    await runVirtual(coro(function* () {
      const event = new Event();
      const early = createTask(() => event.wait());
      yield sleep(0);
      event.set();
      event.clear();
      const late = createTask(() => event.wait());
      yield sleep(1);
      assertEquals([early.done(), late.done()], [true, false]);
      event.set();
      assertEquals(yield late, true);
    }));
  });

  inBothKinds("doesn't let wait when it is set", async (coro) => {
    await runVirtual(coro(function* () {
      const event = new Event();
      event.set();
      assert(event.isSet());
      yield event.wait();
      assertEquals(getRunningLoop().time(), 0);
    }));
  });

  inBothKinds("forgets those who are cancelled", async (coro) => {
    await runVirtual(coro(function* () {
      const event = new Event();
      const tasks = [1, 2, 3].map(() => createTask(() => event.wait()));
      yield sleep(1);
      tasks[1]!.cancel();
      yield sleep(1);
      assertEquals(String(event), "<Event unset waiters=2>");
      event.set();
      yield gather(tasks, { returnExceptions: true });
      assertEquals(tasks.map((task) => task.cancelled()), [false, true, false]);
    }));
  });

  it("tells that it is bound to a different loop", async () => {
    const event = new Event();
    const wait = () => timeout(1, () => event.wait());
    await assertRejects(() => runVirtual(wait));
    await assertRejects(
      () => runVirtual(wait),
      RuntimeError,
      "Cannot wait for <Event unset>: it is bound to a different event loop",
    );
  });
});
