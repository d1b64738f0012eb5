/** p-map. @module */

import type { Peer } from "../_harness/peer.ts";
import { job, numbers, sumOf } from "./work.ts";
import pMap, { pMapIterable } from "p-map";

const peer: Peer = {
  map: {
    async pMap(n) {
      const items = numbers(n);
      const start = performance.now();
      return sumOf(await pMap(items, job, { concurrency: 10 }), start);
    },
    async pMapIterable(n) {
      const items = numbers(n);
      const start = performance.now();
      const results: number[] = [];
      for await (const result of pMapIterable(items, job, { concurrency: 10 })) {
        results.push(result);
      }
      return sumOf(results, start);
    },
  },
};

export default peer;
