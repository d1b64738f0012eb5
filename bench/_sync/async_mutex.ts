/** async-mutex. @module */

import { Mutex } from "async-mutex";
import type { Peer } from "../_harness/peer.ts";

const peer: Peer = {
  lock: {
    async Mutex(n) {
      const mutex = new Mutex();
      const start = performance.now();
      let count = 0;
      for (let i = 0; i < n; i++) {
        const release = await mutex.acquire();
        count++;
        release();
      }
      return { value: performance.now() - start, check: count };
    },
  },
};

export default peer;
