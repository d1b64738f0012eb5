import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { randomNumbers } from "../_random.ts";
import { TimerHeap } from "../../loop/_timer_heap.ts";
import type { Timer, TimerHandle } from "../../loop/handle.ts";
import { virtualTime } from "@aio/asyncio/testing";

describe("TimerHeap", () => {
  it("gives timers by time, then by age, and none that was cancelled", () => {
    const random = randomNumbers(11);
    const loop = virtualTime();
    const heap = new TimerHeap();
    const made: { timer: TimerHandle; serial: number }[] = [];
    const given: Timer[] = [];
    for (let i = 0; i < 5000; i++) {
      const action = random();
      if (action < 0.6) {
        const timer = loop.callAt(Math.floor(random() * 100), () => {});
        loop._timers.clear(); // it goes into the heap under test instead
        heap.push(timer);
        made.push({ timer, serial: i });
      } else if (action < 0.8 && made.length > 0) {
        const { timer } = made[Math.floor(random() * made.length)]!;
        if (timer._scheduled && !timer.cancelled()) {
          timer._scheduled = false; // so that its own loop isn't told
          timer.cancel();
          heap.noteCancelled();
        }
      }
    }
    const left = made.filter(({ timer }) => !timer.cancelled());
    assertEquals(heap.pending, left.length);
    for (let timer = heap.peek(); timer !== undefined; timer = heap.peek()) {
      given.push(heap.shift());
    }
    left.sort((a, b) => a.timer.when() - b.timer.when() || a.serial - b.serial);
    assert(given.every((timer, i) => timer === left[i]!.timer));
    assertEquals(given.length, left.length);
    assertEquals([heap.size, heap.pending], [0, 0]);
  });
});
