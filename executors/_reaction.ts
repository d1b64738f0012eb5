/**
 * What `then` gives: the promise of a reaction, made only if somebody asks for it.
 *
 * An `await` never does, and a pool settles a million futures a second: with a promise
 * and its two functions for each, they would be most of the work. All that is settled
 * together reacts in one microtask.
 */

/** What settles, as far as reactions need it. */
export interface Settled {
  /** Whether there is a result, rather than an error. */
  readonly _hasReturned: boolean;
  /** The result or the error. */
  readonly _value: unknown;
}

/** What `then` is given. */
// deno-lint-ignore no-explicit-any -- reactions of any shape
type Handler = ((value: any) => unknown) | null | undefined;

let due: Reaction[] = [];

function reactAll(): void {
  const reactions = due;
  due = [];
  for (const reaction of reactions) reaction._react();
}

/** The handlers of one `then`. */
export class Reaction implements PromiseLike<unknown> {
  readonly #source: Settled;
  readonly #onFulfilled: Handler;
  readonly #onRejected: Handler;
  #isOver = false;
  /** What the handler gave, or a rejected promise. */
  #outcome: unknown = undefined;
  /** What to do with it, if somebody asked before. */
  #resolve: ((outcome: unknown) => void) | null = null;
  #promise: Promise<unknown> | null = null;

  constructor(source: Settled, onFulfilled: Handler, onRejected: Handler) {
    this.#source = source;
    this.#onFulfilled = onFulfilled;
    this.#onRejected = onRejected;
  }

  /** Calls the handler in a microtask: the source is settled. */
  schedule(): void {
    if (due.push(this) === 1) queueMicrotask(reactAll);
  }

  // deno-lint-ignore no-explicit-any -- as PromiseLike has it
  then(onFulfilled?: any, onRejected?: any): Promise<any> {
    if (this.#isOver) return Promise.resolve(this.#outcome).then(onFulfilled, onRejected);
    this.#promise ??= new Promise((resolve) => this.#resolve = resolve);
    return this.#promise.then(onFulfilled, onRejected);
  }

  /** @internal */
  _react(): void {
    this.#outcome = this.#call();
    this.#isOver = true;
    this.#resolve?.(this.#outcome);
  }

  /** An error that nobody listens for is the platform's to report. */
  #call(): unknown {
    const { _hasReturned: hasReturned, _value: value } = this.#source;
    const handler = hasReturned ? this.#onFulfilled : this.#onRejected;
    try {
      if (typeof handler === "function") return handler(value);
    } catch (error) {
      return Promise.reject(error);
    }
    return hasReturned ? value : Promise.reject(value);
  }
}
