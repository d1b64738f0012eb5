/** What holds the items of a queue. @module */

import { describeValue } from "../../loop/describe.ts";
import { ValueError } from "../../errors.ts";

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
  /** The first items as they lie there, so many at most. */
  glance(count: number): T[];
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

  glance(count: number): T[] {
    return this.#items.slice(0, count);
  }
}

/** How many items are shown, */
const SHOWN_ITEMS = 10;
/** and how much of each. */
const SHOWN_LENGTH = 100;

/** The items as text, as Python shows a list: `['a', 'b']`; abridged if there are many. */
export function describeItems(store: Store<unknown>): string {
  const shown = store.glance(SHOWN_ITEMS).map(describeItem);
  const more = store.length - shown.length;
  if (more > 0) shown.push(`… ${more} more`);
  return `[${shown.join(", ")}]`;
}

function describeItem(item: unknown): string {
  let text: string;
  try {
    text = describeValue(item);
  } catch {
    return "[object]"; // its getters or its toString throw
  }
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
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
