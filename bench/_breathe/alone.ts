/** The tasks with nothing beside them. @module */

import type { Peer } from "../_harness/peer.ts";
import { measure } from "./beside.ts";
import { TASKS } from "./shapes.ts";

const peer: Peer = {
  tasks: {
    "generators, yield": measure(TASKS["generators, yield"]!(), false),
    "async, await sleep(0)": measure(TASKS["async, await sleep(0)"]!(), false),
  },
};

export default peer;
