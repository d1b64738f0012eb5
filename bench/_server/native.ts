/** The platform: promises. @module */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Peer, Sample } from "../_harness/peer.ts";
import { serve, up } from "./http.ts";

const storage = new AsyncLocalStorage<unknown>();

// deno-lint-ignore require-await
async function atOnce(result: number): Promise<number> {
  return result;
}

async function pairAll(n: number): Promise<Sample> {
  const start = performance.now();
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const [one, two] = await Promise.all([atOnce(i), atOnce(0)]);
    sum += one + two;
  }
  return { value: performance.now() - start, check: sum };
}

async function call(n: number): Promise<Sample> {
  const start = performance.now();
  let sum = 0;
  for (let i = 0; i < n; i++) sum += await atOnce(i);
  return { value: performance.now() - start, check: sum };
}

async function callInContext(n: number): Promise<Sample> {
  const start = performance.now();
  let sum = 0;
  for (let i = 0; i < n; i++) sum += await storage.run({ i }, atOnce, i);
  return { value: performance.now() - start, check: sum };
}

const peer: Peer = {
  http: { "Promise.all": serve(() => Promise.all([up(), up()])) },
  pair: { "Promise.all": pairAll },
  run: {
    "async function": call,
    "async function in AsyncLocalStorage.run": callInContext,
  },
};

export default peer;
