/**
 * What the platform does beside a busy loop: an interval of 1 ms, and an echo over TCP on
 * loopback, in the same process.
 *
 * @module
 */

import { type AddressInfo, connect, createServer } from "node:net";
import type { Contender } from "../_harness/peer.ts";
import type { Shape } from "./shapes.ts";

/** Something that goes on for a while. */
interface Activity<T> {
  stop(): T | Promise<T>;
}

/** How late the interval was, in milliseconds. */
interface Lag {
  p50: number;
  p99: number;
  max: number;
}

/** How long something goes on before it counts, in milliseconds. */
const WARM_UP = 300;

/** For a figure of what didn't happen once; JSON has no Infinity. */
const NEVER = 1e12;

/** A shape for so many milliseconds, with the platform beside it or alone. */
export function measure(shape: Shape, withPlatform: boolean): Contender {
  return async (milliseconds) => {
    await shape(timer(WARM_UP));
    const echo = withPlatform ? await startEcho() : undefined;
    const interval = withPlatform ? startInterval() : undefined;
    const start = performance.now();
    const n = await shape(timer(milliseconds));
    const value = performance.now() - start;
    const lag = await interval?.stop();
    const echoes = await echo?.stop();
    if (lag === undefined || echoes === undefined) return { value, n, check: true };
    return { value, n, check: true, also: { ...lag, echo: echoes > 0 ? value / echoes : NEVER } };
  };
}

/** Until so much time has passed, which is looked up every now and then. */
function timer(milliseconds: number): () => boolean {
  const end = performance.now() + milliseconds;
  let count = 0;
  let isOver = false;
  return () => {
    if ((++count & 63) === 0) isOver = performance.now() >= end;
    return !isOver;
  };
}

/**
 * A 1 ms interval. For each millisecond, it is late by as much as the next tick came
 * after it: so one long pause counts as all the ticks that it swallowed.
 */
function startInterval(): Activity<Lag> {
  const start = performance.now();
  const lags: number[] = [];
  let due = start + 1;
  const tick = () => {
    const now = performance.now();
    for (; due <= now; due++) lags.push(now - due);
  };
  const id = setInterval(tick, 1);
  return {
    stop() {
      clearInterval(id);
      tick();
      lags.sort((a, b) => a - b);
      const at = (part: number) => lags[Math.floor((lags.length - 1) * part)]!;
      return { p50: at(0.5), p99: at(0.99), max: at(1) };
    },
  };
}

/** A client that sends a byte, waits for its echo, and sends the next. */
async function startEcho(): Promise<Activity<number>> {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("data", (data) => void socket.write(data));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.setNoDelay(true);
  let count = 0;
  const send = () => client.write(new Uint8Array([count & 255]));
  client.on("data", (data) => {
    if (data.length !== 1 || data[0] !== (count & 255)) throw new Error("This is no echo");
    count++;
    send();
  });
  await new Promise<void>((resolve) => client.on("connect", resolve));
  send();
  return {
    async stop() {
      const echoes = count;
      client.removeAllListeners("data");
      client.destroy();
      await new Promise((resolve) => server.close(resolve));
      return echoes;
    },
  };
}
