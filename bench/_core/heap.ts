/** How much memory is in use. @module */

import { memoryUsage, versions } from "node:process";

/** What Bun's own module gives. */
interface HeapStats {
  heapSize: number;
  extraMemorySize: number;
}

/** Collects the garbage, and gives the bytes that are in use. Deno and Node need `--expose-gc`. */
export async function heapSize(): Promise<number> {
  if (versions["bun"] === undefined) {
    const { gc } = globalThis as unknown as { gc(): void };
    gc();
    gc();
    return memoryUsage().heapUsed;
  }
  const { Bun } = globalThis as unknown as { Bun: { gc(isSynchronous: boolean): void } };
  const jsc = "bun:jsc"; // a name that only Bun can resolve
  const { heapStats } = await import(jsc) as { heapStats(): HeapStats };
  Bun.gc(true);
  Bun.gc(true);
  const { heapSize, extraMemorySize } = heapStats();
  return heapSize + extraMemorySize;
}
