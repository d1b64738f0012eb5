/** What the guide's pools run. A pool loads this module in its workers. */

import { closeSync, openSync, readSync } from "node:fs";
import { SECOND } from "./_seconds.ts";

/** Python's `time.sleep`: blocks the thread. */
function sleepBlocking(seconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * SECOND);
}

/** File operations (such as logging) can block the event loop: run them in a thread pool. */
export function blockingIO(size = 100): Uint8Array {
  const file = openSync("/dev/urandom", "r");
  const bytes = new Uint8Array(size);
  readSync(file, bytes);
  closeSync(file);
  return bytes;
}

/** CPU-bound operations will block the event loop: it is preferable to run them in a process pool. */
export function cpuBound(): bigint {
  let sum = 0n;
  for (let i = 0; i < 10 ** 7; i++) sum += BigInt(i * i);
  return sum;
}

export function slowOp(...args: string[]): number {
  console.log(`arguments: ${args}`);
  sleepBlocking(5);
  console.log("slow operation complete");
  return 123;
}

export function returnAfter5Secs(message: string): string {
  sleepBlocking(5);
  return message;
}
