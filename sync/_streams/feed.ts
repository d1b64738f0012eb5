/** Filling a queue from a source, in a task of its own. @module */

import { callBody } from "../../tasks/body.ts";
import { CancelledError, QueueShutDown } from "../../errors.ts";
import type { Coroutine } from "../../tasks/coroutine.ts";
import { FAILED } from "../../tasks/future.ts";
import { getEventLoop } from "../../loop/running.ts";
import type { Line, Waiter } from "../_line.ts";
import type { Opened } from "./source.ts";
import type { Task } from "../../tasks/task.ts";

/** What fills a queue, as the queue sees it. */
export interface Feeder {
  /** Closes the source: the queue was shut down. */
  stop(): void;
  /** The source's error, whatever it is, for someone who asked; else null. */
  takeFailure(): { error: unknown } | null;
}

/** The queue, as what fills it sees it. */
export interface Sink<T> {
  readonly _putters: Line;
  full(): boolean;
  put(item: T): Coroutine<void>;
  shutdown(): void;
  _isShutdown: boolean;
  _passRoomOn(waiter: Waiter): void;
}

/** Starts to fill a queue. */
export function feed<T>(sink: Sink<T>, source: Opened<T>): Feeder {
  return new Feeding(sink, source);
}

class Feeding<T> implements Feeder {
  readonly #sink: Sink<T>;
  readonly #source: Opened<T>;
  readonly #task: Task<void>;
  #hasStarted = false;
  #isStopping = false;
  #hasEnded = false;

  constructor(sink: Sink<T>, source: Opened<T>) {
    this.#sink = sink;
    this.#source = source;
    this.#task = getEventLoop().createTask(this.#run(), { name: "Queue.from" }) as Task<void>;
  }

  stop(): void {
    if (this.#isStopping || this.#hasEnded) return;
    this.#isStopping = true;
    if (!this.#hasStarted) return;
    this.#task.cancel();
    this.#source.interrupt();
  }

  takeFailure(): { error: unknown } | null {
    const task = this.#task;
    return task._state === FAILED ? { error: task.exception() } : null;
  }

  *#run(): Generator<unknown, void, unknown> {
    this.#hasStarted = true;
    try {
      if (!this.#isStopping) yield* this.#fill();
    } catch (error) {
      const isOurs = error instanceof CancelledError || error instanceof QueueShutDown;
      if (!this.#isStopping || !isOurs) throw error;
    } finally {
      this.#hasEnded = true;
      try {
        yield* callBody(() => this.#source.close() as PromiseLike<unknown>);
      } finally {
        this.#sink.shutdown();
      }
    }
  }

  *#fill(): Generator<unknown, void, unknown> {
    const source = this.#source;
    for (;;) {
      // Nothing is drawn before there is room for it.
      yield* this.#room();
      let result: IteratorResult<T>;
      try {
        const pull = () => source.pull() as PromiseLike<IteratorResult<T>>;
        result = source.isSync ? source.pull() as IteratorResult<T> : yield* callBody(pull);
      } catch (error) {
        if (!(error instanceof CancelledError)) source.end();
        throw error;
      }
      if (result.done) return source.end();
      yield* this.#sink.put(result.value);
    }
  }

  *#room(): Generator<unknown, void, unknown> {
    const sink = this.#sink;
    while (sink.full() && !sink._isShutdown) {
      const waiter = sink._putters.join();
      try {
        yield* waiter;
      } catch (error) {
        sink._putters.leave(waiter);
        sink._passRoomOn(waiter);
        throw error;
      }
      sink._putters.leave(waiter);
    }
  }
}
