/**
 * An executor without workers.
 *
 * @module
 */

import { RuntimeError, TimeoutError } from "../errors.ts";
import { serializationError } from "./_wire/clone.ts";
import { Calls } from "./_pool/calls.ts";
import { define } from "./_pool/definition.ts";
import { Deque } from "../deque.ts";
import { ExecutorBase } from "./executor_base.ts";
import { type CallLimits, PoolFuture } from "./_pool/pool_future.ts";
import type { FunctionProfile } from "./_pool/profile.ts";
import { listen, unlisten } from "./_pool/signals.ts";
import { Functions } from "./_worker/functions.ts";
import { isGenerator } from "./_worker/stream_source.ts";
import type { ShutdownOptions } from "./executor.ts";
import { setJobScope } from "./job.ts";
import { isTransferred, unwrapAll, unwrapTransferred } from "./transfer.ts";

/** Options of an {@linkcode InlineExecutor}. */
export interface InlineOptions {
  /** The executor's name. */
  name?: string | undefined;
  /** Takes functions that close over something too; they would fail in a pool. */
  allowClosures?: boolean | undefined;
}

/**
 * Runs functions here, one after the other, each in a turn of its own: for places
 * without workers, and for tests.
 *
 * The contract is the pools': values are copied, errors come through the future, a call can be
 * cancelled until it starts. What it can't do is run two things at once, or stop a
 * job that doesn't heed its signal: a time-out or an abort is reported, and the job
 * goes on.
 *
 * @example Usage
 * ```ts
 * import { InlineExecutor } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * await using pool = new InlineExecutor();
 *
 * assertEquals(await pool.submit((a: string, b: string) => a + b, "x", "y"), "xy");
 * ```
 */
export class InlineExecutor extends ExecutorBase {
  /** The executor's name. */
  readonly name: string;
  readonly #functions = new Functions();
  readonly #queue: Deque<PoolFuture> = new Deque();
  #running: Running | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #shutDown: PromiseWithResolvers<void> | null = null;

  /** Makes an executor. */
  constructor(options: InlineOptions = {}) {
    super();
    const closures = options.allowClosures ?? false;
    this._sink = new Calls({
      enqueue: (profile, args, limits) => this.#enqueue(profile, args, limits),
      room: () => null,
      define: (fn) => define(fn, closures),
    });
    this.name = options.name ?? "InlineExecutor";
  }

  /**
   * Takes no more work. What was submitted still runs, unless it is cancelled.
   *
   * @param options Whether to wait, and whether to cancel what hasn't started.
   * @returns When all submitted work is done; at once without `wait`.
   */
  override shutdown(options: ShutdownOptions = {}): Promise<void> {
    const { wait = true, cancelFutures = false } = options;
    this.#shutDown ??= Promise.withResolvers();
    if (cancelFutures) { for (const call of this.#queue.drain()) call.cancel(); }
    if (this.#running === null && this.#queue.length === 0) {
      clearTimeout(this.#timer);
      this.#shutDown.resolve();
    }
    return wait ? this.#shutDown.promise : Promise.resolve();
  }

  /** The executor as text. */
  override toString(): string {
    return `<InlineExecutor ${this.#shutDown === null ? "open" : "shut down"} name='${this.name}'>`;
  }

  #enqueue(profile: FunctionProfile, args: unknown[], limits: CallLimits | null): PoolFuture {
    if (this.#shutDown !== null) {
      throw new RuntimeError(`Cannot submit to ${this}: it takes no more work`);
    }
    const call = new PoolFuture(profile, args, 0, limits);
    if (limits?.signal !== undefined) {
      listen(call, limits.signal);
      call.addDoneCallback(() => unlisten(call));
    }
    this.#queue.push(call);
    if (this.#running === null && this.#queue.length === 1) this.#soon();
    return call;
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#next();
    }, 0);
  }

  #next(): void {
    const call = this.#queue.shift();
    if (call === undefined) return this.#shutDown?.resolve();
    if (call.done()) return this.#next();
    call.setRunningOrNotifyCancel();
    const running = this.#running = new Running(call);
    running.run(() => this.#call(call)).then(() => {
      this.#running = null;
      if (this.#queue.length > 0) this.#soon();
      else this.#shutDown?.resolve();
    });
  }

  async #call(call: PoolFuture): Promise<unknown> {
    const { definition } = call.profile;
    const args = copy(call.args, "args", `arguments of '${definition[3]}'`) as unknown[];
    await this.#functions.loadWith(
      definition,
      definition[1] === null ? call.profile.fn : undefined,
    );
    return this.#functions.get(definition[0])(...args);
  }
}

/** The call that runs. */
class Running {
  readonly #call: PoolFuture;
  readonly #controller = new AbortController();

  constructor(call: PoolFuture) {
    this.#call = call;
    call.holder = {
      takeOut: () => false,
      hasStarted: () => true,
      stop: (_call, reason) => {
        call.stopped ??= { reason };
        this.#controller.abort(reason);
      },
    };
  }

  async run(job: () => Promise<unknown>): Promise<void> {
    const call = this.#call;
    const { timeout = null, killAfter = 0 } = call.limits ?? {};
    let overdue: ReturnType<typeof setTimeout> | undefined;
    if (timeout !== null && timeout !== Infinity) {
      overdue = setTimeout(() => {
        const name = call.profile.definition[3];
        const reason = new TimeoutError(
          `Cannot finish '${name}' in time: it ran for ${timeout} ms`,
        );
        call.holder?.stop(call, reason, undefined);
        overdue = setTimeout(() => call.settleStopped(reason), killAfter);
      }, timeout);
    }
    setJobScope({
      signal: () => this.#controller.signal,
      report: (value) => call.progress(copy(value, "value", "report")),
    });
    try {
      const result = await job();
      if (isGenerator(result)) await this.#stream(result);
      else call.settleReturned(copy(result, "result", "result of the job"));
    } catch (error) {
      if (call.stopped !== null && error === call.stopped.reason) call.settleStopped(error);
      else if (!call.done()) call.setException(error);
    } finally {
      clearTimeout(overdue);
      setJobScope(undefined);
      call.holder = null;
    }
  }

  /** Hands the generator on and waits until it has ended. */
  async #stream(generator: AnyIterator): Promise<void> {
    const ended = Promise.withResolvers<void>();
    const signal = this.#controller.signal;
    async function* relay(): AsyncGenerator<unknown, unknown, void> {
      try {
        while (true) {
          if (signal.aborted) throw signal.reason;
          const step = await generator.next();
          if (step.done) return step.value;
          yield copy(step.value, "item", "item of the job");
        }
      } finally {
        await generator.return?.(undefined);
        ended.resolve();
      }
    }
    const stream = relay();
    // One that was never begun has no `finally` to run.
    const { return: leave } = stream;
    stream.return = (value) => {
      ended.resolve();
      return leave.call(stream, value);
    };
    signal.addEventListener("abort", () => ended.resolve());
    this.#call.settleReturned(stream);
    await ended.promise;
  }
}

type AnyIterator = {
  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>>;
  return?(value: undefined): unknown;
};

/** What is sent, or several such values together, as a copy of its own. */
function copy(value: unknown, path: string, what: string): unknown {
  const list: Transferable[] = [];
  let plain = isTransferred(value) ? unwrapTransferred(value, list) : value;
  if (path === "args") plain = unwrapAll(plain as unknown[], list);
  if (plain === null || (typeof plain !== "object" && typeof plain !== "function")) {
    if (typeof plain !== "symbol") return plain;
  }
  try {
    return structuredClone(plain, { transfer: list });
  } catch (cause) {
    throw serializationError(plain, what, path, cause);
  }
}
