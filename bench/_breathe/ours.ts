/** This module beside the platform. @module */

import type { Peer } from "../_harness/peer.ts";
import { measure } from "./beside.ts";
import { INSIDE, OUTSIDE, type Shape, TASKS } from "./shapes.ts";

function all(shapes: Record<string, Shape>) {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, measure(shape, true)]),
  );
}

const peer: Peer = {
  tasks: {
    "generators, yield": measure(TASKS["generators, yield"]!(), true),
    "async, await sleep(0)": measure(TASKS["async, await sleep(0)"]!(), true),
  },
  inside: all(INSIDE),
  outside: all(OUTSIDE),
};

export default peer;
