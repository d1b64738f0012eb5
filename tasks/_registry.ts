/**
 * The pending tasks of a loop, linked through the tasks themselves: a `Set` would
 * double the cost of making one.
 *
 * @module
 */

import type { EventLoop } from "../loop/event_loop.ts";

interface Linked {
  readonly _loop: EventLoop;
  _newer: Linked | null;
  _olderTask: Linked | null;
}

/** Adds a task. */
export function link(task: Linked): void {
  const last = task._loop._lastTask as Linked | null;
  task._olderTask = last;
  if (last !== null) last._newer = task;
  task._loop._lastTask = task;
}

/** Removes a task. */
export function unlink(task: Linked): void {
  const { _newer: newer, _olderTask: older } = task;
  if (newer === null) task._loop._lastTask = older;
  else newer._olderTask = older;
  if (older !== null) older._newer = newer;
  task._newer = task._olderTask = null;
}

/** All pending tasks of a loop, oldest first. */
export function pendingTasks(loop: EventLoop): Linked[] {
  const tasks: Linked[] = [];
  for (let task = loop._lastTask as Linked | null; task !== null; task = task._olderTask) {
    tasks.push(task);
  }
  return tasks.reverse();
}
