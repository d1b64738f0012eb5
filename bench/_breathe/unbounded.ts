/** The tasks on a loop that never lets the platform run. @module */

import { EventLoop, platformDriver } from "../../mod.ts";
import type { Peer } from "../_harness/peer.ts";
import { measure } from "./beside.ts";
import { TASKS } from "./shapes.ts";

function loopFactory(): EventLoop {
  const below = platformDriver();
  // What is not for breathing stays a macrotask: it tells that a task awaits something foreign.
  return new EventLoop({
    ...below,
    later: (turn, busy) => busy ? queueMicrotask(turn) : below.later(turn, false),
  });
}

const peer: Peer = {
  tasks: {
    "generators, yield": measure(TASKS["generators, yield"]!({ loopFactory }), false),
    "async, await sleep(0)": measure(TASKS["async, await sleep(0)"]!({ loopFactory }), false),
  },
};

export default peer;
