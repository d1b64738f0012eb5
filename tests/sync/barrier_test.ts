import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import {
  Barrier,
  BrokenBarrierError,
  createTask,
  gather,
  RuntimeError,
  sleep,
  ValueError,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "../tasks/_kinds.ts";

describe("Barrier", () => {
  inBothKinds("lets all go on when the last one has come, again and again", async (coro) => {
    const seen: string[] = [];
    await runVirtual(coro(function* () {
      const barrier = new Barrier(3);
      assertEquals(barrier.parties, 3);
      const hiker = coro(function* (name: string, pace: number) {
        for (let round = 1; round <= 2; round++) {
          yield sleep(pace);
          const place: number = yield barrier.wait();
          seen.push(`${round}${name}${place}`);
        }
      });
      const hikers = { a: 3, b: 1, c: 2 };
      yield gather(
        Object.entries(hikers).map(([name, pace]) => createTask(() => hiker(name, pace))),
      );
      assertEquals(String(barrier), "<Barrier filling waiters=0/3>");
    }));
    assertEquals(seen, ["1a2", "1b0", "1c1", "2a2", "2b0", "2c1"]);
  });

  inBothKinds("runs a block with the place", async (coro) => {
    await runVirtual(coro(function* () {
      const barrier = new Barrier(2);
      const block = coro(function* (place: number) {
        yield sleep(1);
        return `place ${place}`;
      });
      const both = gather([barrier.withLock(block), barrier.withLock(block)]);
      assertEquals(yield both, ["place 0", "place 1"]);
    }));
  });

  inBothKinds("waits for one more when one is cancelled", async (coro) => {
    await runVirtual(coro(function* () {
      const barrier = new Barrier(2);
      const first = createTask(() => barrier.wait());
      yield sleep(1);
      first.cancel();
      yield sleep(1);
      assertEquals(barrier.nWaiting, 0);
      const second = createTask(() => barrier.wait());
      yield sleep(1);
      assertEquals(barrier.nWaiting, 1);
      yield barrier.wait();
      assertEquals(yield second, 0);
    }));
  });

  inBothKinds("gives all who wait an error when it is aborted, until it is reset", async (coro) => {
    await runVirtual(coro(function* () {
      const barrier = new Barrier(2);
      const waiting = createTask(() => barrier.wait());
      yield sleep(1);
      yield barrier.abort();
      const late = createTask(() => barrier.wait());
      const errors: unknown[] = yield gather([waiting, late], { returnExceptions: true });
      for (const error of errors) assertInstanceOf(error, BrokenBarrierError);
      for (const error of errors) assertInstanceOf(error, RuntimeError);
      assert(barrier.broken);
      assertEquals(String(barrier), "<Barrier broken>");
      yield barrier.reset();
      assert(!barrier.broken);
      yield gather([barrier.wait(), barrier.wait()]);
    }));
  });

  inBothKinds("gives all who wait an error when it is reset, and works on", async (coro) => {
    await runVirtual(coro(function* () {
      const barrier = new Barrier(2);
      const waiting = createTask(() => barrier.wait());
      yield sleep(1);
      yield barrier.reset();
      const [error] = yield gather([waiting], { returnExceptions: true });
      assertInstanceOf(error, BrokenBarrierError);
      assertEquals(yield gather([barrier.wait(), barrier.wait()]), [0, 1]);
    }));
  });

  it("refuses zero parties, and what is no whole number", () => {
    const title = "Cannot make a Barrier as 'parties' must be";
    assertThrows(() => new Barrier(0), ValueError, `${title} >= 1: current value is 0`);
    assertThrows(() => new Barrier(NaN), ValueError, `${title} >= 1: current value is NaN`);
    assertThrows(() => new Barrier(2.5), ValueError, `${title} an integer: current value is 2.5`);
    assertThrows(
      () => new Barrier(undefined as unknown as number),
      TypeError,
      `${title} a number: current value is undefined`,
    );
  });

  it("tells that it is bound to a different loop", async () => {
    const barrier = new Barrier(2);
    const meet = () => gather([barrier.wait(), barrier.wait()]);
    await runVirtual(meet);
    await assertRejects(
      () => runVirtual(meet),
      RuntimeError,
      "it is bound to a different event loop",
    );
  });
});
