import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Deque } from "../deque.ts";
import { randomNumbers } from "./_random.ts";

describe("Deque", () => {
  it("does what an array does, however often it grows and wraps", () => {
    const random = randomNumbers(7);
    for (const growth of [0.3, 0.5, 0.52, 0.6]) {
      const deque = new Deque<number>();
      const expected: number[] = [];
      for (let i = 0; i < 20_000; i++) {
        const action = random();
        if (action < growth) {
          deque.push(i);
          expected.push(i);
        } else if (action < growth + 0.1) {
          const items = expected.slice(0, Math.floor(random() * 40));
          deque.putBack(items);
          expected.unshift(...items);
        } else if (action < growth + 0.11) {
          const at = Math.floor(random() * 200) - 5;
          assertEquals(deque.truncate(at), expected.splice(Math.max(0, at)));
        } else if (action < growth + 0.12) {
          const count = Math.floor(random() * 20);
          assertEquals(deque.glance(count), expected.slice(0, count));
        } else {
          assertEquals(deque.peek(), expected[0]);
          assertEquals(deque.shift(), expected.shift());
        }
        assertEquals(deque.length, expected.length);
      }
      assertEquals(deque.drain(), expected);
      assertEquals(deque.drain(), []);
      assertEquals(deque.shift(), undefined);
    }
  });

  it("gives each item once, in order, after it was emptied and after it was cleared", () => {
    const deque = new Deque<object>();
    for (const size of [10_000, 3, 20_000, 17]) {
      const items = Array.from({ length: size }, () => ({}));
      for (const item of items) deque.push(item);
      for (const item of items) assert(deque.take() === item);
      for (const item of items) deque.push(item);
      for (const item of items) assert(deque.shift() === item);
      deque.push({});
      deque.clear();
      assertEquals(deque.length, 0);
      assertEquals(deque.peek(), undefined);
    }
  });

  it("keeps nothing that was taken", () => {
    const deque = new Deque<object>();
    for (let i = 0; i < 20; i++) deque.push({});
    deque.take();
    deque.shift();
    deque.truncate(5);
    assertEquals(deque._slots.filter((slot) => slot !== undefined).length, 5);
  });
});
