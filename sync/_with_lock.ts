/** Blocks that hold something. @module */

import type { Body } from "../tasks/awaitable.ts";
import { callBody, checkBody } from "../tasks/body.ts";
import { type Coroutine, fromGenerator } from "../tasks/coroutine.ts";
import type { Hold, Releasable } from "./hold.ts";

interface Acquirable extends Releasable {
  acquire(): Coroutine<Hold>;
}

/** Runs `body` while `held` is held. */
export function withLock<T>(held: Acquirable, body: Body<[], T>): Coroutine<T> {
  checkBody(body, "withLock");
  return fromGenerator("withLock", () => runHolding(held, body));
}

function* runHolding<T>(held: Acquirable, body: Body<[], T>): Generator<unknown, T, unknown> {
  yield* held.acquire();
  try {
    return yield* callBody(body);
  } finally {
    held.release();
  }
}
