/** The platform: what one writes where there is no library. @module */

import type { Peer } from "../_harness/peer.ts";
import { job, numbers, sumOf } from "./work.ts";

const peer: Peer = {
  lock: {
    async "chain of promises"(n) {
      let last = Promise.resolve();
      const lock = async (): Promise<() => void> => {
        const before = last;
        const { promise, resolve } = Promise.withResolvers<void>();
        last = promise;
        await before;
        return resolve;
      };
      const start = performance.now();
      let count = 0;
      for (let i = 0; i < n; i++) {
        const release = await lock();
        count++;
        release();
      }
      return { value: performance.now() - start, check: count };
    },
  },
  queue: {
    async TransformStream(n) {
      const { readable, writable } = new TransformStream<number, number>(
        undefined,
        new CountQueuingStrategy({ highWaterMark: 100 }),
      );
      const start = performance.now();
      const produce = async () => {
        const writer = writable.getWriter();
        for (let i = 0; i < n; i++) {
          await writer.ready;
          void writer.write(i);
        }
        await writer.close();
      };
      const producer = produce();
      let sum = 0;
      for await (const item of readable) sum += item;
      await producer;
      return { value: performance.now() - start, check: sum };
    },
  },
  map: {
    async "ten loops over one iterator"(n) {
      const items = numbers(n).entries();
      const start = performance.now();
      const results: number[] = [];
      const lane = async () => {
        for (const [i, item] of items) results[i] = await job(item);
      };
      await Promise.all(Array.from({ length: 10 }, lane));
      return sumOf(results, start);
    },
  },
};

export default peer;
