/** p-queue. @module */

import type { Peer } from "../_harness/peer.ts";
import { job, numbers, sumOf } from "./work.ts";
import PQueue from "p-queue";

const peer: Peer = {
  map: {
    async addAll(n) {
      const items = numbers(n);
      const start = performance.now();
      const queue = new PQueue({ concurrency: 10 });
      return sumOf(await queue.addAll(items.map((item) => () => job(item))), start);
    },
  },
};

export default peer;
