/**
 * Errors that nobody asked for: reported when the future is collected, or its loop closes.
 *
 * What is kept for the report must not keep the future alive. Its error does: in V8
 * an error holds the receivers of all frames of its stack, so the task. So once the
 * turn is over in which the future failed, the error is held weakly, with a replica
 * of it for when it is gone.
 *
 * @module
 */

import { tellsCollected, whenCollected } from "./_collected.ts";
import type { EventLoop } from "../loop/event_loop.ts";

interface Failed {
  readonly _loop: EventLoop;
  readonly _value: unknown;
  getName?(): string;
}

/** What is left of a future to be reported. */
interface Remains {
  message: string;
  name: string | undefined;
  error: () => unknown;
  /** The future itself, or what stands for it when it is gone. */
  future: object;
}

/** A report that is due, unless someone asks for the error before. */
class Unretrieved {
  readonly #loop: EventLoop;
  #future: Failed | null;
  #remains: Remains | null = null;

  constructor(future: Failed) {
    this.#loop = future._loop;
    this.#future = future;
    // Most who ask do so before, which spares the rest.
    if (tellsCollected) queueMicrotask(() => this.#letGo());
  }

  /** Somebody asked. */
  forget(future: object): void {
    this.#loop._reports.delete(this);
    this.#future = null;
    if (this.#remains !== null) collected.unregister(future);
  }

  /** Tells the loop's exception handler, once. */
  report(): void {
    if (!this.#loop._reports.delete(this)) return;
    const { message, name, error, future } = this.#remains ?? remainsOf(this.#future!);
    const exception = error();
    if (this.#future === null) Object.assign(future, { _value: exception });
    this.#loop.callExceptionHandler({
      message,
      exception,
      future,
      ...(name === undefined ? {} : { name }),
    });
  }

  #letGo(): void {
    const future = this.#future;
    if (future === null || !this.#loop._reports.has(this)) return;
    const { error, ...remains } = remainsOf(future);
    this.#remains = { ...remains, error: weakly(error()), future: likenessOf(future) };
    this.#future = null;
    collected.register(future, this, future);
  }
}

function remainsOf(future: Failed): Remains {
  const name = future.getName?.();
  const kind = name === undefined ? "Future" : `Task '${name}'`;
  const error = future._value;
  const message = `${kind} exception was never retrieved: ${future}`;
  return { message, name, error: () => error, future };
}

/** What stands for a future that is gone: without its coroutine, which may keep it alive. */
function likenessOf(future: Failed): object {
  const likeness = Object.create(Object.getPrototypeOf(future), { _waiters: { value: null } });
  for (const key of ["_loop", "_state", "_context", "_name"] as (keyof Failed)[]) {
    if (key in future) likeness[key] = future[key];
  }
  return likeness;
}

/** Gives `error` as long as it is alive, then a replica of it. */
function weakly(error: unknown): () => unknown {
  const copy = replica(error);
  // In two functions, since the closures of one share what any of them refers to.
  return error instanceof Error ? derefOr(new WeakRef(error), copy) : () => copy;
}

function derefOr(original: WeakRef<Error>, copy: unknown): () => unknown {
  return () => original.deref() ?? copy;
}

/** An object that looks like `value` and is of its class, if it is an error. */
function replica(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(replica);
  if (!(value instanceof Error)) return value;
  const copy = Object.create(Object.getPrototypeOf(value));
  for (const key of Object.getOwnPropertyNames(value)) {
    const copied = replica((value as unknown as Record<string, unknown>)[key]);
    Object.defineProperty(copy, key, { value: copied, configurable: true, writable: true });
  }
  return copy;
}

const collected = whenCollected<Unretrieved>((unretrieved) => unretrieved.report());

// Beside the futures rather than in them: few fail, and each field of a task costs.
const due = new WeakMap<object, Unretrieved>();

/** Futures whose errors somebody else has taken on. */
const muted = new WeakSet<object>();

/** The error that a future may still come to have is nothing to report. */
export function mute(future: object): void {
  muted.add(future);
}

/** Notes that `future` has failed. */
export function reportLater(future: Failed): void {
  if (muted.has(future)) return;
  const unretrieved = new Unretrieved(future);
  due.set(future, unretrieved);
  future._loop._reports.add(unretrieved);
}

/** Somebody asked for the error of a future that failed. */
export function retrieved(future: object): void {
  const unretrieved = due.get(future);
  if (unretrieved === undefined) return;
  due.delete(future);
  unretrieved.forget(future);
}
