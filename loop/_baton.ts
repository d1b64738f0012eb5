/**
 * Whose native code runs: the loop waits for it.
 *
 * Native code can't be stepped. To let a task's native code run, the loop hands it the
 * baton and pauses; the task hands it back when it waits for something of ours, or
 * ends. If a macrotask comes first, every microtask has run, so the task awaits
 * something foreign: the loop takes the baton back and goes on without it.
 *
 * Eager tasks make it a stack. The first step of an eager task runs before whatever
 * its maker does next; but a maker that is native code itself can't be stopped in
 * mid-step. So the maker's next await, or its end, is held until the first steps of
 * the tasks that it made are over, one after the other, in order.
 *
 * @module
 */

import {
  callAround,
  currentScope,
  isCalledByUs,
  passHolder,
  type Scope,
  setHolder,
  usesAsyncLocal,
} from "./context.ts";
import type { Driver } from "./driver.ts";
import { unwatch, watch, type Watcher } from "./_watch.ts";

/** A task that is to run its first step at once. */
export interface EagerTask extends Scope {
  /** Runs its first step, as far as it goes by itself. */
  _begin(): void;
}

/**
 * How deep eager tasks may start each other, each inside of the call that makes it. Deeper ones
 * start in the next turn, before the stack is used up.
 */
const DEEPEST = 200;

/** What the baton needs of its loop. */
export interface BatonLoop {
  /** Is the loop in the middle of an entry? Then it pauses by itself after it. */
  isSpinning(): boolean;
  /** Goes on with the next entry. */
  goOn(): void;
  /** Whose macrotasks tell it that all microtasks have run. */
  driver(): Driver;
  /** Those that it runs in. */
  surroundings(): unknown;
  /** Should the platform get its chance, before native code goes on that needn't wait? */
  isOverdue(): boolean;
  /** Calls back when it had. */
  rest(callback: () => void): void;
}

/** The eager tasks of one maker that have yet to finish their first steps. */
class EagerStart {
  readonly maker: Scope | null;
  /** Who gets the baton when they have. */
  before: Scope | null;
  /** Of an eager task in mid-step that is a maker itself. */
  outer: EagerStart | null;
  current: EagerTask | null = null;
  readonly queue: EagerTask[] = [];
  /** What the maker did meanwhile, in order. */
  readonly held: (() => void)[] = [];

  constructor(maker: Scope | null, before: Scope | null, outer: EagerStart | null) {
    this.maker = maker;
    this.before = before;
    this.outer = outer;
  }
}

/** See the head of this file. */
export class Baton implements Watcher {
  /** The native code that runs, if any: of a task, or of a block in one. */
  holder: Scope | null = null;
  readonly #loop: BatonLoop;
  #start: EagerStart | null = null;
  #isWatching = false;
  #resting = 0;
  #depth = 0;

  constructor(loop: BatonLoop) {
    this.#loop = loop;
  }

  /**
   * Native code of a task is about to run: if the loop is in the middle of a turn, it pauses.
   *
   * @returns Is it? Else native code runs already, and goes on by itself.
   */
  handOver(code: Scope): boolean {
    if (!this.#loop.isSpinning()) {
      if (this.holder !== null && this.holder._task === code._task) this.holder = code;
      passHolder(code);
      return false;
    }
    const start = this.#startOf(code._task);
    // A maker's own native code goes on after the first steps of what it made.
    if (start !== null && start.current !== null) start.before = code;
    else this.#give(code);
    return true;
  }

  #give(task: Scope | null): void {
    this.holder = task;
    // Where only the baton tells, what its code did in the same breath is still to come: until the
    // loop goes on, it is known for its own.
    if (task === null) return;
    setHolder(task);
    if (this.#isWatching) return;
    this.#isWatching = true;
    watch(this, this.#loop.driver());
  }

  /** `task` waits, or has ended: if it had the baton, the loop goes on. */
  handBack(task: object): void {
    for (let start = this.#start; start !== null; start = start.outer) {
      if (start.current === task) return this.#startNext(start);
    }
    if (this.holder === null || this.holder._task !== task) return;
    this.#give(null);
    this.#loop.goOn();
  }

  /**
   * Should the platform get its chance before native code goes on that goes on without the loop? If
   * what it awaits is done each time, it could starve the platform, too.
   */
  isRestDue(): boolean {
    return this.#loop.isOverdue();
  }

  /** Calls `goOn` when the platform had its chance. Whoever has the baton keeps it. */
  restBefore(goOn: () => void): void {
    this.#resting++;
    this.#loop.rest(() => {
      this.#resting--;
      goOn();
    });
  }

  /** The loop runs no more: nobody has it. */
  drop(): void {
    this.holder = null;
    this.#start = null;
    if (this.#isWatching && unwatch(this)) this.#isWatching = false;
  }

  /** A macrotask came: whoever has the baton awaits something foreign. */
  macrotaskCame(): void {
    this.#isWatching = false;
    if (this.holder !== null) callAround(this.#loop.surroundings(), takeBack, this);
  }

  /** Takes it back from `holder`. */
  takeBack(): void {
    if (this.#resting > 0) return this.#give(this.holder); // it awaits nothing foreign
    this.handBack(this.holder!._task!);
    if (this.holder !== null) this.#give(this.holder); // someone else by now: goes on watching
  }

  // Eager tasks

  /**
   * Runs the first step of `task`: at once, unless others of the same maker are in theirs.
   *
   * @param isGenerator Is its code a generator, rather than what may turn out to be native?
   * @returns False if it can't, being too deep.
   */
  startEagerly(task: EagerTask, isGenerator: boolean): boolean {
    if (this.#depth >= DEEPEST) return false;
    const code = currentScope();
    const maker = code?._task as Scope | null ?? code;
    const start = this.#startOf(maker) ??
      (this.#start = new EagerStart(maker, this.holder, this.#start));
    start.queue.push(task);
    // Without AsyncLocalStorage, native code is told apart by who has the baton. So there
    // the first step has to wait until the maker, whose code runs now, has paused.
    const isAmbiguous = !usesAsyncLocal() && !isCalledByUs() && !isGenerator;
    if (start.current === null && !isAmbiguous) this.#startNext(start);
    if (!isCalledByUs()) setHolder(code); // its native code runs on
    return true;
  }

  #startNext(start: EagerStart): void {
    const next = start.queue.shift() ?? null;
    start.current = next;
    if (next === null) return this.#end(start);
    this.#give(next);
    this.#depth++;
    try {
      next._begin();
    } finally {
      this.#depth--;
    }
  }

  #end(start: EagerStart): void {
    if (this.#start === start) {
      this.#start = start.outer;
      this.#give(start.before);
    } else {
      // Native code that awaited something foreign came back meanwhile, and is a maker too.
      let inner = this.#start!;
      while (inner.outer !== start) inner = inner.outer!;
      inner.outer = start.outer;
      inner.before = start.before;
    }
    for (const doNow of start.held) doNow();
    if (start.before === null && this.holder === null && !this.#loop.isSpinning()) {
      this.#loop.goOn();
    }
  }

  /**
   * Is `task` the maker of eager tasks that are in their first steps? Then what it does
   * next is to be held.
   */
  isMaker(task: object): boolean {
    return this.#start !== null && this.#startOf(task) !== null;
  }

  /** Does `action` of `maker` when the first steps are over. */
  hold(maker: object, action: () => void): void {
    const start = this.#startOf(maker)!;
    start.held.push(action);
    if (start.current !== null) return;
    start.before = this.holder;
    this.#startNext(start);
  }

  /** Does `action` when `task`, if it is eager and in its first step, is through with it. */
  afterFirstStep(task: object, action: () => void): boolean {
    for (let start = this.#start; start !== null; start = start.outer) {
      if (start.current === task || start.queue.includes(task as EagerTask)) {
        start.held.push(action);
        return true;
      }
    }
    return false;
  }

  #startOf(maker: object | null): EagerStart | null {
    let start = this.#start;
    while (start !== null && start.maker !== maker) start = start.outer;
    return start;
  }
}

function takeBack(baton: Baton): void {
  baton.takeBack();
}
