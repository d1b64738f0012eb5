/** A queue as a stream. @module */

import { CancelledError, QueueShutDown } from "../../errors.ts";
import type { Coroutine } from "../../tasks/coroutine.ts";
import { getEventLoop } from "../../loop/running.ts";
import { RESULT } from "../../tasks/future.ts";
import type { Task } from "../../tasks/task.ts";

/** The queue, as its stream sees it. */
interface Supply<T> {
  empty(): boolean;
  get(): Coroutine<T>;
  getNowait(): T;
  shutdown(options: { immediate: boolean }): void;
  _failure(): { error: unknown } | null;
}

/** Makes a stream that takes items out of a queue as its reader wants them. */
export function readFrom<T>(queue: Supply<T>, preventCancel: boolean): ReadableStream<T> {
  const loop = getEventLoop();
  let getter: Task<void> | null = null;
  return new ReadableStream<T>({
    pull(controller) {
      if (!queue.empty()) return controller.enqueue(queue.getNowait());
      // An item goes from the queue into the stream in one step, so that none is lost
      // when the stream is cancelled.
      const task = getter = loop.createTask(function* () {
        controller.enqueue(yield* queue.get());
      }, { name: "Queue.asReadable" }) as Task<void>;
      // Not `await task`: this may run within a task that doesn't wait for this one.
      return new Promise<void>((resolve, reject) => {
        task.addDoneCallback(() => {
          if (task._state === RESULT) return resolve();
          const error = task.cancelled() ? new CancelledError() : task.exception();
          // One that is the source's own error is no end.
          const isEnd = error instanceof QueueShutDown && queue._failure() === null;
          if (!isEnd) return reject(error);
          controller.close();
          resolve();
        });
      });
    },
    cancel() {
      getter?.cancel();
      if (!preventCancel) queue.shutdown({ immediate: true });
    },
  }, { highWaterMark: 0 });
}
