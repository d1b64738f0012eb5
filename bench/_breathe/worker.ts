/**
 * Runs the breathing test in this process: `worker.ts MODE KIND MS`, and prints a
 * report as JSON.
 *
 * The modes:
 * - `platform`: a 1 ms interval and a TCP echo on loopback, nothing else;
 * - `beside`: the two, and two tasks that yield to each other for ever;
 * - `alone`: only the two tasks;
 * - `unbounded`: only the two tasks, on a loop that never lets the platform run.
 *
 * @module
 */

import { type AddressInfo, connect, createServer } from "node:net";
import { argv } from "node:process";
import { createTask, EventLoop, platformDriver, run, sleep } from "../../mod.ts";

/** What the worker prints. */
export interface Report {
  /** Switches between the tasks in a second. */
  switches: number;
  /** Echoes in a second. */
  echoes: number;
  /** How late the interval was, in milliseconds. */
  lag: { p50: number; p99: number; max: number };
}

/** Something that goes on for a while. */
interface Activity<T> {
  stop(): T | Promise<T>;
}

/** What is done how. */
const KINDS: Record<string, (goesOn: () => boolean) => Promise<number>> = {
  "generators, yield": (goesOn) =>
    run(function* () {
      const body = function* () {
        let count = 0;
        while (goesOn()) {
          yield;
          count++;
        }
        return count;
      };
      const [first, second] = [createTask(body), createTask(body)];
      return inTurn(yield* first, yield* second);
    }, options),
  "generators, yield* sleep(0)": (goesOn) =>
    run(function* () {
      const body = function* () {
        let count = 0;
        while (goesOn()) {
          yield* sleep(0);
          count++;
        }
        return count;
      };
      const [first, second] = [createTask(body), createTask(body)];
      return inTurn(yield* first, yield* second);
    }, options),
  "async, await sleep(0)": (goesOn) =>
    run(async () => {
      const body = async () => {
        let count = 0;
        while (goesOn()) {
          await sleep(0);
          count++;
        }
        return count;
      };
      const [first, second] = [createTask(body), createTask(body)];
      return inTurn(await first, await second);
    }, options),
};

/** The number of switches of two tasks that took turns. */
function inTurn(first: number, second: number): number {
  if (Math.abs(first - second) > 1) throw new Error(`Not in turn: ${first} and ${second}`);
  return first + second;
}

const [mode, kind, time] = argv.slice(2) as [string, string, string];
const milliseconds = Number(time);
const options = mode === "unbounded" ? { loopFactory: unboundedLoop } : {};

function unboundedLoop(): EventLoop {
  const below = platformDriver();
  // What is not for breathing stays a macrotask: it tells that a task awaits something foreign.
  return new EventLoop({
    ...below,
    later: (turn, busy) => busy ? queueMicrotask(turn) : below.later(turn, false),
  });
}

/** Until `ms` have passed; the clock is read every now and then. */
function timer(ms: number): () => boolean {
  const end = performance.now() + ms;
  let count = 0;
  let isOver = false;
  return () => {
    if ((++count & 127) === 0) isOver = performance.now() >= end;
    return !isOver;
  };
}

/**
 * A 1 ms interval. For each millisecond, it is late by as much as the next tick came
 * after it: so one long pause counts as all the ticks that it swallowed.
 */
function startInterval(): Activity<Report["lag"]> {
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

async function measure(): Promise<Report> {
  const body = KINDS[kind]!;
  await body(timer(300)); // to warm up
  const hasPlatform = mode === "platform" || mode === "beside";
  const echo = hasPlatform ? await startEcho() : undefined;
  const interval = hasPlatform ? startInterval() : undefined;
  const start = performance.now();
  const switches = mode === "platform"
    ? await new Promise<number>((resolve) => setTimeout(resolve, milliseconds, 0))
    : await body(timer(milliseconds));
  const seconds = (performance.now() - start) / 1000;
  const lag = interval?.stop() ?? { p50: 0, p99: 0, max: 0 };
  const echoes = await echo?.stop() ?? 0;
  return { switches: await switches / seconds, echoes: await echoes / seconds, lag: await lag };
}

console.log(JSON.stringify(await measure()));
