/** Errors that nobody asked for: reported when the future is collected, or its loop closes. @module */

import type { EventLoop } from "../loop/event_loop.ts";

interface Failed {
  readonly _loop: EventLoop;
  readonly _value: unknown;
  getName?(): string;
}

/** A report that is due, unless someone asks for the error before. */
export class Unretrieved {
  readonly #loop: EventLoop;
  readonly #exception: unknown;
  readonly #description: string;
  readonly #name: string | undefined;

  constructor(future: Failed) {
    this.#loop = future._loop;
    this.#exception = future._value;
    this.#name = future.getName?.();
    // Not the future itself: this must not keep it alive. Its text is made now, as it is needed
    // only when the future is gone.
    this.#description = String(future);
  }

  /** Somebody asked. */
  forget(future: object): void {
    this.#loop._reports.delete(this);
    collected.unregister(future);
  }

  /** Tells the loop's exception handler, once. */
  report(): void {
    if (!this.#loop._reports.delete(this)) return;
    const kind = this.#name === undefined ? "Future" : `Task '${this.#name}'`;
    this.#loop.callExceptionHandler({
      message: `${kind} exception was never retrieved: ${this.#description}`,
      exception: this.#exception,
      ...(this.#name === undefined ? {} : { name: this.#name }),
    });
  }
}

const collected = new FinalizationRegistry<Unretrieved>((unretrieved) => unretrieved.report());

/** Notes that `future` has failed. */
export function reportLater(future: Failed): Unretrieved {
  const unretrieved = new Unretrieved(future);
  future._loop._reports.add(unretrieved);
  collected.register(future, unretrieved, future);
  return unretrieved;
}
