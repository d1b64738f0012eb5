/** This module. @module */

import { gather, run, taskGroup, timeout } from "../../mod.ts";
import type { Peer, Sample } from "../_harness/peer.ts";
import { serve, up } from "./http.ts";

function gatherTwo(n: number): Promise<Sample> {
  return run(async () => {
    const start = performance.now();
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const [one, two] = await gather([atOnce(i), atOnce(0)]);
      sum += one + two;
    }
    return { value: performance.now() - start, check: sum };
  });
}

function gatherTwoAsync(n: number): Promise<Sample> {
  return run(async () => {
    const start = performance.now();
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const [one, two] = await gather([() => atOnceAsync(i), () => atOnceAsync(0)]);
      sum += one + two;
    }
    return { value: performance.now() - start, check: sum };
  });
}

function groupOfTwo(n: number): Promise<Sample> {
  return run(async () => {
    const start = performance.now();
    let sum = 0;
    for (let i = 0; i < n; i++) {
      sum += await taskGroup(async (group) => {
        const one = group.createTask(() => atOnceAsync(i));
        const two = group.createTask(() => atOnceAsync(0));
        return await one + await two;
      });
    }
    return { value: performance.now() - start, check: sum };
  });
}

// deno-lint-ignore require-yield
function* atOnce(result: number): Generator<never, number, unknown> {
  return result;
}

// deno-lint-ignore require-await
async function atOnceAsync(result: number): Promise<number> {
  return result;
}

/** `run()` of a body that ends at once, one after the other. */
function runEach(body: (i: number) => () => Generator<never, number, unknown> | Promise<number>) {
  return async (n: number): Promise<Sample> => {
    const start = performance.now();
    let sum = 0;
    for (let i = 0; i < n; i++) sum += await run(body(i));
    return { value: performance.now() - start, check: sum };
  };
}

const peer: Peer = {
  http: {
    "run, timeout, gather": serve(() => run(() => timeout(1000, () => gather([up, up])))),
  },
  pair: {
    "gather of generators": gatherTwo,
    "gather of async functions": gatherTwoAsync,
    "taskGroup": groupOfTwo,
  },
  run: {
    "generator": runEach((i) => () => atOnce(i)),
    "async function": runEach((i) => () => atOnceAsync(i)),
  },
};

export default peer;
