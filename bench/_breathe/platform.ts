/** The platform with no loop of ours beside it: what the machine itself can do. @module */

import type { Peer } from "../_harness/peer.ts";
import { measure } from "./beside.ts";
import type { Shape } from "./shapes.ts";

const nothing: Shape = (goesOn) =>
  new Promise((resolve) => {
    const id = setInterval(() => {
      for (let i = 0; i < 64; i++) {
        if (goesOn()) continue;
        clearInterval(id);
        resolve(0);
      }
    }, 10);
  });

const peer: Peer = {
  tasks: { nothing: measure(nothing, true) },
};

export default peer;
