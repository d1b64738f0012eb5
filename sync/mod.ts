/**
 * Locks, events, conditions, semaphores, barriers and queues, and mapping with a limit.
 *
 * @example Usage
 * ```ts
 * import { mapConcurrent, Queue, Semaphore } from "@aio/asyncio/sync";
 * import { run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const words = Queue.from(["one", "two", "three"]);
 *   const polite = new Semaphore(1);
 *   const count = async (word: string) => {
 *     using _ = await polite.acquire();
 *     await sleep(1);
 *     return word.length;
 *   };
 *   const lengths: number[] = [];
 *   for await (const length of mapConcurrent(words, count, { concurrency: 2 })) {
 *     lengths.push(length);
 *   }
 *   assertEquals(lengths, [3, 3, 5]);
 * });
 * ```
 *
 * @module
 */

export { Barrier } from "./barrier.ts";
export { BrokenBarrierError, QueueEmpty, QueueFull, QueueShutDown } from "../errors.ts";
export { Condition } from "./condition.ts";
export { Event } from "./event.ts";
export { Hold, type Releasable } from "./hold.ts";
export { LifoQueue } from "./lifo_queue.ts";
export { Lock } from "./lock.ts";
export { mapConcurrent, type MapConcurrentOptions, MappedResults } from "./map_concurrent.ts";
export { PriorityQueue, type PriorityQueueOptions } from "./priority_queue.ts";
export {
  type AsReadableOptions,
  Queue,
  type QueueFromOptions,
  type ShutdownOptions,
} from "./queue.ts";
export { BoundedSemaphore, Semaphore } from "./semaphore.ts";
export type { Source } from "./_streams/source.ts";
