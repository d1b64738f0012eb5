/** A source that several workers draw from. @module */

import { callBody } from "../../tasks/body.ts";
import { CancelledError } from "../../errors.ts";
import { Lock } from "../lock.ts";
import type { Opened } from "../_streams/source.ts";

/** The items of a source, drawn by one worker at a time; null when there are no more. */
export class Items<T> {
  /** Is nothing more to be drawn? */
  isOver = false;
  /** Does `drawNow` do? */
  readonly isSync: boolean;
  readonly #source: Opened<T>;
  readonly #drawing = new Lock();

  constructor(source: Opened<T>) {
    this.#source = source;
    this.isSync = source.isSync;
  }

  /** Is a worker waiting to draw? */
  isAnyoneWaiting(): boolean {
    return this.#drawing._line.length > 0;
  }

  drawNow(): IteratorResult<T> | null {
    try {
      return this.#check(this.#source.pull() as IteratorResult<T>);
    } catch (error) {
      this.#source.end();
      throw error;
    }
  }

  async drawNatively(): Promise<IteratorResult<T> | null> {
    await this.#drawing.acquire();
    try {
      return this.isOver ? null : this.#check(await this.#source.pull());
    } catch (error) {
      if (!(error instanceof CancelledError)) this.#source.end();
      throw error;
    } finally {
      this.#drawing.release();
    }
  }

  *drawDriven(): Generator<unknown, IteratorResult<T> | null, unknown> {
    yield* this.#drawing.acquire();
    try {
      if (this.isOver) return null;
      const pull = () => this.#source.pull() as PromiseLike<IteratorResult<T>>;
      return this.#check(yield* callBody(pull));
    } catch (error) {
      if (!(error instanceof CancelledError)) this.#source.end();
      throw error;
    } finally {
      this.#drawing.release();
    }
  }

  #check(result: IteratorResult<T>): IteratorResult<T> | null {
    if (!result.done) return result;
    this.#source.end();
    this.isOver = true;
    return null;
  }

  /** Draws no more. */
  stop(): void {
    this.isOver = true;
    this.#source.interrupt();
  }

  /** Closes the source, unless it has ended. */
  *close(): Generator<unknown, void, unknown> {
    yield* callBody(() => this.#source.close() as PromiseLike<unknown>);
  }
}
