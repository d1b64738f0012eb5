/** What holds the items of a queue. @module */

import { describeValue } from "../loop/describe.ts";
import { ValueError } from "../errors.ts";

/** Decides which item comes out next. */
export interface Store<T> {
  /** How many items there are. */
  readonly length: number;
  /** Adds an item. */
  push(item: T): void;
  /** Takes the next item. There must be one. */
  take(): T;
  /** Drops all items. */
  clear(): void;
}

/** What comes last goes first. */
export class Stack<T> implements Store<T> {
  #items: T[] = [];

  get length(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  take(): T {
    return this.#items.pop()!;
  }

  clear(): void {
    this.#items = [];
  }
}

/** Lets all numbers pass that make sense as a limit, or as none. */
export function checkMaxsize(maxsize: number, name: string): number {
  const refuse = () =>
    `Cannot make a ${name} as 'maxsize' must be a number: current value is ${
      describeValue(maxsize)
    }`;
  if (typeof maxsize !== "number") throw new TypeError(refuse());
  if (Number.isNaN(maxsize)) throw new ValueError(refuse());
  return maxsize;
}
