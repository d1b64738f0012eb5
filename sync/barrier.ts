/**
 * Barriers.
 *
 * @module
 */

import type { Body } from "../tasks/awaitable.ts";
import { BrokenBarrierError } from "../errors.ts";
import { callBody } from "../tasks/body.ts";
import { checkCount } from "./_check.ts";
import { Condition } from "./condition.ts";
import { type Coroutine, fromGenerator } from "../tasks/coroutine.ts";
import { inspectable } from "../loop/describe.ts";

/**
 * - filling: tasks come and wait;
 * - draining: all came, and are leaving; who comes now waits before the door;
 * - resetting: as draining, but those inside leave with an error;
 * - broken: nobody gets in, all leave with an error.
 */
type State = "filling" | "draining" | "resetting" | "broken";

/**
 * A meeting point: tasks wait there until so many have come, then all go on together.
 * It can be used again and again.
 *
 * Port of {@link https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier | asyncio.Barrier}.
 *
 * @example Usage
 * ```ts
 * import { Barrier, gather, run, sleep } from "@aio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const barrier = new Barrier(2);
 *   const log: string[] = [];
 *   async function hike(name: string, time: number) {
 *     await sleep(time);
 *     log.push(`${name} is there`);
 *     await barrier.wait();
 *     log.push(`${name} goes on`);
 *   }
 *   await gather([() => hike("a", 1), () => hike("b", 5)]);
 *   assertEquals(log, ["a is there", "b is there", "b goes on", "a goes on"]);
 * });
 * ```
 */
export class Barrier {
  readonly #condition = new Condition();
  readonly #parties: number;
  #state: State = "filling";
  /** How many are inside. */
  #count = 0;

  /**
   * Makes a barrier.
   *
   * @param parties How many must come: 1 or more.
   * @throws {ValueError} If it is below one or NaN.
   */
  constructor(parties: number) {
    this.#parties = checkCount(parties, 1, "make a Barrier", "parties");
  }

  /** How many must come. */
  get parties(): number {
    return this.#parties;
  }

  /** How many wait at it now. */
  get nWaiting(): number {
    return this.#state === "filling" ? this.#count : 0;
  }

  /** Was it aborted? */
  get broken(): boolean {
    return this.#state === "broken";
  }

  /**
   * Waits until all have come.
   *
   * While those of the last time are still leaving, it waits before the door.
   *
   * Cancellation: the others wait on, for one more.
   *
   * @returns The place in the order of coming, from 0: one task can be picked by it.
   * @throws {BrokenBarrierError} If the barrier is broken, or is aborted or reset meanwhile.
   *
   * @example Usage
   * ```ts
   * import { Barrier, gather, run } from "@aio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const places = await run(() => {
   *   const barrier = new Barrier(3);
   *   return gather([barrier.wait(), barrier.wait(), barrier.wait()]);
   * });
   * assertEquals(places, [0, 1, 2]);
   * ```
   */
  wait(): Coroutine<number> {
    return fromGenerator("wait", () => this.#wait());
  }

  /**
   * Waits until all have come, then runs `body`: Python's `async with barrier`.
   *
   * @typeParam T The type of the body's result.
   * @param body An async function or generator function; gets what `wait` returns.
   * @returns What `body` returns.
   * @throws {BrokenBarrierError} As `wait`.
   */
  withLock<T>(body: Body<[place: number], T>): Coroutine<T> {
    return fromGenerator("withLock", () => this.#run(body));
  }

  /**
   * Makes it empty: all who wait get an error.
   *
   * @throws {BrokenBarrierError} Not here, but by those who wait.
   *
   * @example Usage
   * ```ts
   * import { Barrier, BrokenBarrierError, createTask, run, sleep } from "@aio/asyncio";
   * import { assertRejects } from "@std/assert";
   *
   * await run(async () => {
   *   const barrier = new Barrier(2);
   *   const lonely = createTask(barrier.wait());
   *   await sleep(1);
   *   await barrier.reset();
   *   await assertRejects(async () => await lonely, BrokenBarrierError);
   * });
   * ```
   */
  reset(): Coroutine<void> {
    return fromGenerator(
      "reset",
      () => this.#change(() => this.#count > 0 ? "resetting" : "filling"),
    );
  }

  /**
   * Breaks it: all who wait, and all who come later, get an error, until it is reset.
   *
   * @throws {BrokenBarrierError} Not here, but by those who wait.
   */
  abort(): Coroutine<void> {
    return fromGenerator("abort", () => this.#change(() => "broken"));
  }

  *#wait(): Generator<unknown, number, unknown> {
    const condition = this.#condition;
    yield* condition.acquire();
    try {
      yield* condition.waitFor(() => this.#state !== "draining" && this.#state !== "resetting");
      if (this.#state === "broken") throw new BrokenBarrierError(`Cannot wait for ${this}`);
      try {
        const place = this.#count++;
        if (place + 1 === this.#parties) this.#open();
        else yield* this.#waitInside();
        return place;
      } finally {
        this.#count--;
        this.#left();
      }
    } finally {
      condition.release();
    }
  }

  #open(): void {
    this.#state = "draining";
    this.#condition.notifyAll();
  }

  *#waitInside(): Generator<unknown, void, unknown> {
    yield* this.#condition.waitFor(() => this.#state !== "filling");
    if (this.#state !== "draining") {
      throw new BrokenBarrierError(`Cannot wait for ${this}: it was aborted or reset meanwhile`);
    }
  }

  /** The last one to leave opens the door for the next time. */
  #left(): void {
    if (this.#count > 0) return;
    if (this.#state === "draining" || this.#state === "resetting") this.#state = "filling";
    this.#condition.notifyAll();
  }

  *#change(next: () => State): Generator<unknown, void, unknown> {
    yield* this.#condition.acquire();
    this.#state = next();
    this.#condition.notifyAll();
    this.#condition.release();
  }

  *#run<T>(body: Body<[place: number], T>): Generator<unknown, T, unknown> {
    const place = yield* this.#wait();
    return yield* callBody(() => body(place));
  }

  /** `<Barrier filling waiters=1/3>`, `<Barrier broken>`. */
  toString(): string {
    const waiters = this.broken ? "" : ` waiters=${this.nWaiting}/${this.#parties}`;
    return `<Barrier ${this.#state}${waiters}>`;
  }
}

inspectable(Barrier);
