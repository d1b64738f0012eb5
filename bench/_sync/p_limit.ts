/** p-limit. @module */

import type { Peer } from "../_harness/peer.ts";
import { job, numbers, sumOf } from "./work.ts";
import pLimit from "p-limit";

const peer: Peer = {
  map: {
    async "Promise.all of pLimit"(n) {
      const items = numbers(n);
      const start = performance.now();
      const limit = pLimit(10);
      return sumOf(await Promise.all(items.map((item) => limit(job, item))), start);
    },
  },
};

export default peer;
