/**
 * Runs programs that mix in other people's code side by side, and looks at what they
 * leave behind in the process.
 *
 * @module
 */

import { allTasks, CancelledError, getEventLoop } from "@aio/asyncio";
import { mayBeLost, Run, type Way } from "./_foreign_run.ts";
import type { Body } from "./_foreign_programs.ts";
import { PlatformTimers } from "./_foreign_sources.ts";
import process from "node:process";

/** How long programs may take, in milliseconds. */
const LIMIT = 5000;

/** What the process is listened to for. */
const EVENTS = ["SIGINT", "beforeExit", "exit", "unhandledRejection", "warning"];

const listeners = () => EVENTS.map((event) => process.listenerCount(event));

/** A signal that outlives many programs, and counts who listens to it. */
class LongLivedSignal {
  listeners = 0;
  readonly signal: AbortSignal = new AbortController().signal;

  constructor() {
    const { addEventListener, removeEventListener } = this.signal;
    this.signal.addEventListener = (...args: unknown[]) => {
      this.listeners++;
      addEventListener.apply(this.signal, args as never);
    };
    this.signal.removeEventListener = (...args: unknown[]) => {
      this.listeners--;
      removeEventListener.apply(this.signal, args as never);
    };
  }
}

/** Node warns when somebody awaits a cancelled call after all. */
function isOfLateHandler(warning: unknown): boolean {
  return (warning as Error | null)?.name === "PromiseRejectionHandledWarning";
}

/** Waits for `ended`, but not for ever. */
async function inTime(ended: Promise<unknown>, limit: number): Promise<void> {
  let deadline: ReturnType<typeof setTimeout> | undefined;
  const isLate = new Promise((resolve) => deadline = setTimeout(resolve, limit));
  await Promise.race([ended, isLate]);
  clearTimeout(deadline);
}

const nextMacrotask = () => new Promise((resolve) => setTimeout(resolve, 0));

const problemsOf = (program: Run) =>
  [...new Set(program.problems)].map((problem) => `${problem}\n    in ${program}`);

/** Runs programs side by side, and gives what is wrong, a line each. */
export async function watch(
  programs: { seed: number; body: Body; way: Way }[],
  limit: number = LIMIT,
): Promise<string[]> {
  const problems: string[] = [];
  const before = listeners();
  const note = (error: unknown) => {
    // A cancellation that reached its code isn't the end of the process, but all who listen see it.
    if (error instanceof CancelledError || isOfLateHandler(error)) return;
    if (!mayBeLost(error)) problems.push(`unhandled rejection or warning: ${error}`);
  };
  process.on("unhandledRejection", note);
  process.on("warning", note);
  getEventLoop().setExceptionHandler((_, { message, exception }) => {
    if (!mayBeLost(exception)) {
      problems.push(`reported by the ambient loop: ${message}: ${exception}`);
    }
  });

  const timers = new PlatformTimers();
  const longLived = new LongLivedSignal();
  const runs = programs.map(({ seed, body, way }) => new Run(seed, body, way, timers));
  const running = new Set(runs);
  const ended = runs.map((program) =>
    program.watch(longLived.signal)
      .catch((error) => void program.problems.push(`it fails: ${error.stack ?? error}`))
      .finally(() => running.delete(program))
  );
  await inTime(Promise.all(ended), limit);
  for (const program of running) program.problems.push("it has not ended");
  if (running.size > 0) return [...problems, ...runs.flatMap(problemsOf)];

  const ambient = getEventLoop();
  for (let i = 0; i < 5 && allTasks(ambient).size > 0; i++) {
    const left = allTasks(ambient);
    for (const task of left) task.cancel();
    await inTime(Promise.allSettled(left), limit);
  }
  for (const task of allTasks(ambient)) problems.push(`${task} ignores its cancellation`);
  ambient.setExceptionHandler(null);
  for (let i = 0; i < 10 || (timers.pending > 0 && i < 1000); i++) await nextMacrotask();
  for (const program of runs) {
    program.lookAfterwards();
    problems.push(...problemsOf(program));
  }
  process.off("unhandledRejection", note);
  process.off("warning", note);
  if (timers.pending > 0) problems.push(`${timers.pending} timers of the platform's are left`);
  if (longLived.listeners > 0) {
    problems.push(`${longLived.listeners} listeners of a signal are left`);
  }
  if (ambient.outside() > 0) problems.push(`outside() of the ambient loop is ${ambient.outside()}`);
  if (ambient._timers.pending > 0) problems.push(`the ambient loop has timers left`);
  for (const [i, count] of listeners().entries()) {
    // Rejections are looked at as long as a cancelled call waits, in the ambient loop for ever.
    const most = before[i]! + (EVENTS[i] === "unhandledRejection" ? 1 : 0);
    if (count > most) problems.push(`${count} listeners to ${EVENTS[i]} are left`);
  }
  return problems;
}
