/** What the tests of the executors have run elsewhere. */

import { TimeoutError } from "../../errors.ts";
import { report, transfer, workerSignal } from "../../executors/mod.ts";

declare const process: {
  exit(code: number): never;
  kill(pid: number, signal: string): void;
  pid: number;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let calls = 0;

export class QuotaError extends Error {
  override name = "QuotaError";
  limit = 5;
  where: { user: string } = { user: "ann" };
}

/** What a worker would have to know of; nobody registers it. */
export class UnknownError extends RangeError {}

export function add(a: number, b: number): number {
  return a + b;
}

export function identity(value: unknown): unknown {
  return value;
}

export function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

export function countCalls(): number {
  return ++calls;
}

export function setCalls(n: number): void {
  calls = n;
}

export function mutate(list: number[]): number[] {
  list.push(0);
  return list;
}

export async function sleep<T>(ms: number, value: T): Promise<T> {
  await pause(ms);
  return value;
}

/** Blocks its thread. */
export function block(ms: number): number {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

/** Tells when it began and ended, blocking its thread in between. */
export function timed(ms: number): [number, number] {
  const start = Date.now();
  if (ms > 0) block(ms);
  return [start, Date.now()];
}

export function failWith(message: string): never {
  throw new QuotaError(message, { cause: new TypeError("the inner one") });
}

export async function rejectWith(message: string): Promise<never> {
  await pause(1);
  throw new RangeError(message);
}

export function failAbove(n: number, limit: number): number {
  if (n > limit) throw new RangeError(`${n} is above ${limit}`);
  return n;
}

export function failUnknown(): never {
  throw new UnknownError("nobody knows me");
}

export function failMany(): never {
  throw new AggregateError([new RangeError("one"), new TypeError("two")], "both");
}

export function throwValue(value: unknown): never {
  throw value;
}

export function returnFunction(): unknown {
  return { list: [1, { onDone: () => {} }] };
}

export function sizeOf(bytes: Uint8Array): number {
  return bytes.byteLength;
}

export function giveBuffer(size: number): ArrayBuffer {
  const buffer = new ArrayBuffer(size);
  return transfer(buffer, [buffer]);
}

export function addShared(shared: SharedArrayBuffer): number {
  return Atomics.add(new Int32Array(shared), 0, 1);
}

export function* giveBuffers(n: number): Generator<ArrayBuffer, ArrayBuffer> {
  for (let size = 1; size <= n; size++) yield giveBuffer(size);
  return giveBuffer(n + 1);
}

/** Throws an error of this module's, in a copy of it that the worker's own code isn't. */
export function failAsOurs(): never {
  throw new TimeoutError("by the module's own class");
}

export function progress(): string {
  report("half");
  report({ done: true });
  return "end";
}

export async function untilAborted(): Promise<never> {
  const signal = workerSignal();
  return await new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** Ends cleanly when it is told to. */
export async function tidyUp(): Promise<string> {
  const signal = workerSignal();
  while (!signal.aborted) await pause(1);
  return "tidy";
}

export function busyUntilAborted(): string {
  while (!workerSignal().aborted);
  return "seen";
}

export function spin(): never {
  while (true);
}

export function* count(n: number): Generator<number, string> {
  for (let i = 0; i < n; i++) yield i;
  return "counted";
}

let produced = 0;

/** Counts how far it got, for `howMany`. */
export async function* produce(): AsyncGenerator<number, void> {
  produced = 0;
  try {
    while (true) yield produced++;
  } finally {
    produced = -1;
  }
}

export async function* failAt(n: number): AsyncGenerator<number, void> {
  for (let i = 0; i < n; i++) yield i;
  throw new QuotaError("enough");
}

export function howMany(): number {
  return produced;
}

export function exit(code: number): never {
  process.exit(code);
}

export function denoExit(): void {
  (globalThis as unknown as { Deno: { exit(code: number): void } }).Deno.exit(3);
}

export function selfClose(): void {
  (globalThis as unknown as { close(): void }).close();
}

export function killSelf(): void {
  process.kill(process.pid, "SIGKILL");
}

export function pid(): number {
  return process.pid;
}

export function eatMemory(): number {
  const kept: unknown[] = [];
  while (true) kept.push(new Array(1e5).fill(Math.random()));
}

export async function throwLater(): Promise<void> {
  setTimeout(() => {
    throw new QuotaError("from a timer");
  }, 1);
  await pause(5000);
}

function later(ms: number, then: () => void): string {
  setTimeout(then, ms);
  return "returned";
}

export function returnThenThrow(ms: number): string {
  return later(ms, () => {
    throw new RangeError("too late");
  });
}

export function returnThenReject(ms: number): string {
  return later(ms, () => void Promise.reject(new RangeError("too late")));
}

export function returnThenExit(ms: number): string {
  return later(ms, () => process.exit(3));
}

type Settle = (value: unknown) => void;

export function settleTwice(value: unknown): unknown {
  return {
    then(resolve: Settle): void {
      resolve(value);
      resolve("again");
    },
  };
}

export function settleAndThrow(value: unknown): unknown {
  return {
    then(resolve: Settle, reject: Settle): void {
      resolve(value);
      reject(new Error("and rejected"));
      throw new Error("and thrown");
    },
  };
}

export function settleLater(value: unknown): unknown {
  return { then: (resolve: Settle): void => resolve(Promise.resolve(value)) };
}

/** Sends a message as a worker without a pool would, and returns. */
export function postAndReturn(message: unknown, value: unknown): unknown {
  const scope = globalThis as unknown as {
    __aioLine?: string;
    postMessage?(message: unknown): void;
    process: {
      send(message: unknown): void;
      getBuiltinModule(name: string): { parentPort: { postMessage(message: unknown): void } };
    };
  };
  if (scope.__aioLine === "process") scope.process.send(message);
  else if (scope.postMessage !== undefined) scope.postMessage(message);
  else scope.process.getBuiltinModule("node:worker_threads").parentPort.postMessage(message);
  return value;
}

/** Ends its worker at one of its calls. */
export function exitAt(i: number, end: number): number {
  if (i === end) process.exit(3);
  return i;
}

export function killAt(i: number, end: number): number {
  if (i === end) process.kill(process.pid, "SIGKILL");
  return i;
}

export const notAFunction = 1;
