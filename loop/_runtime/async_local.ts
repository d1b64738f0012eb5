/**
 * A store that follows the code across awaits, and what carries other people's.
 *
 * Platforms have one value beside the code that runs, which every `await` keeps: a frame with the
 * stores of all `AsyncLocalStorage`s. The public ways to change it are made for once a request, not
 * for once a task: a `run()` costs 240 to 540 ns on Deno, and as much again for the garbage that it
 * leaves, 280 on Node, 16 on Bun; a `snapshot()` 380, 2,600 and 10, to enter one 940, 100 and 5. A
 * switch of tasks costs 40. So on Deno and Node the frame itself is taken from where they keep it.
 * That is no promise of theirs: each way is tried before it is relied upon, and there is always the
 * public one.
 *
 * It is asked for once, through `process.getBuiltinModule`, since an import of
 * `node:async_hooks` would fail to load in browsers.
 *
 * @module
 */

/** What is used of an `AsyncLocalStorage`, and of those of other people. */
export interface AsyncLocal<S> {
  /** Calls `fn(argument)` so that it, and all that it awaits, sees `store`. */
  run<A, R>(store: S, fn: (argument: A) => R, argument: A): R;
  /** The store of the code that runs now. */
  getStore(): S | undefined;
  /** The surroundings of the code that runs now: this store, and all others. Never `null`. */
  capture(): unknown;
  /** Calls `fn(argument)` in surroundings that were captured. */
  within<A, R>(surroundings: unknown, fn: (argument: A) => R, argument: A): R;
  /** Are the same surroundings always the same value? */
  readonly areComparable: boolean;
}

interface PublicLocal {
  run<A extends unknown[], R>(store: unknown, fn: (...args: A) => R, ...args: A): R;
  getStore(): unknown;
}

type PublicClass = (new () => PublicLocal) & {
  snapshot?(): <A extends unknown[], R>(fn: (...args: A) => R, ...args: A) => R;
};

interface Resource {
  runInAsyncScope<A extends unknown[], R>(
    fn: (...args: A) => R,
    thisArg: unknown,
    ...args: A
  ): R;
  [key: symbol]: unknown;
}

interface Hooks {
  AsyncLocalStorage?: PublicClass;
  AsyncResource?: new (type: string) => Resource;
}

interface Core {
  getAsyncContext?(): object | undefined;
  setAsyncContext?(frame: object | undefined): void;
}

interface Globals {
  AsyncLocalStorage?: PublicClass;
  Bun?: unknown;
  Deno?: { internal?: symbol; [internals: symbol]: { core?: Core } | undefined };
  process?: { getBuiltinModule?(name: string): Hooks | undefined };
}

const { process, AsyncLocalStorage, Bun, Deno } = globalThis as Globals;
const hooks: Hooks = process?.getBuiltinModule?.("node:async_hooks") ?? {};
const Class = hooks.AsyncLocalStorage ?? AsyncLocalStorage;
const { AsyncResource } = hooks;

/** Makes a store, or gives null where there is no such thing. */
export function findAsyncLocal<S>(): AsyncLocal<S> | null {
  if (Class === undefined) return null;
  const ways = Bun === undefined
    ? [byDenoFrame, byNodeFrame, byResource, bySnapshot]
    : [bySnapshot, byResource];
  for (const way of ways) {
    const found = attempt(way);
    if (found !== null) return found as AsyncLocal<S>;
  }
  return null;
}

function attempt(way: () => AsyncLocal<unknown> | null): AsyncLocal<unknown> | null {
  try {
    const found = way();
    return found !== null && works(found) ? found : null;
  } catch {
    return null; // it isn't the runtime that it is made for
  }
}

/** Does it bring stores back where they are gone, its own and another's, and leave no trace? */
function works(local: AsyncLocal<unknown>): boolean {
  const other = new Class!();
  const seen = () => `${local.getStore()} ${other.getStore()}`;
  const captured = local.run(1, () => other.run(2, () => local.capture()), undefined);
  const look = () => {
    const inside = local.within(captured, seen, undefined);
    const isSame = local.capture() === local.capture();
    return `${inside}, ${seen()}, ${isSame || !local.areComparable}`;
  };
  const elsewhere = other.run(3, () => local.run(4, look, undefined));
  return `${elsewhere}, ${seen()}` === "1 2, 4 3, true, undefined undefined";
}

function byDenoFrame(): AsyncLocal<unknown> | null {
  const core = Deno?.internal && Deno[Deno.internal]?.core;
  const get = core?.getAsyncContext;
  const set = core?.setAsyncContext;
  if (get === undefined || set === undefined) return null;
  // A frame is an object with a field for each store.
  const key = Symbol("@aio/asyncio");
  return {
    areComparable: true,
    getStore: () => (get() as { [key]?: unknown } | undefined)?.[key],
    capture: get,
    run(store, fn, argument) {
      const before = get();
      set({ ...before, [key]: store });
      try {
        return fn(argument);
      } finally {
        set(before);
      }
    },
    within(frame, fn, argument) {
      const before = get();
      if (before === frame) return fn(argument);
      set(frame as object | undefined);
      try {
        return fn(argument);
      } finally {
        set(before);
      }
    },
  };
}

function byNodeFrame(): AsyncLocal<unknown> | null {
  if (AsyncResource === undefined) return null;
  // Each resource has the frame in which it was made, in a field: one of them opens all.
  const door = new AsyncResource("Task");
  const field = Object.getOwnPropertySymbols(door).find((key) =>
    key.description === "context_frame"
  );
  if (field === undefined) return null;
  const capture = () => new AsyncResource("Task")[field];
  const local = new Class!();
  // A frame is a map, whose class copies the current one.
  const Frame = (local.run(1, capture) as object).constructor as new (
    local: PublicLocal,
    store: unknown,
  ) => object;
  /** The door is closed again, or it would keep the last frame, with all that is in it. */
  function enter<A, R>(frame: unknown, fn: (argument: A) => R, argument: A): R {
    door[field!] = frame;
    try {
      return door.runInAsyncScope(fn, undefined, argument);
    } finally {
      door[field!] = undefined;
    }
  }
  return {
    areComparable: true,
    getStore: () => local.getStore(),
    capture,
    run: (store, fn, argument) => enter(new Frame(local, store), fn, argument),
    within: enter,
  };
}

function byResource(): AsyncLocal<unknown> | null {
  if (AsyncResource === undefined) return null;
  const local = new Class!();
  return {
    areComparable: false,
    getStore: () => local.getStore(),
    capture: () => new AsyncResource("Task"),
    run: (store, fn, argument) => local.run(store, fn, argument),
    within: (resource, fn, argument) =>
      (resource as Resource).runInAsyncScope(fn, undefined, argument),
  };
}

function bySnapshot(): AsyncLocal<unknown> | null {
  if (Class!.snapshot === undefined) return null;
  const local = new Class!();
  type Enter = <A, R>(fn: (argument: A) => R, argument: A) => R;
  return {
    areComparable: false,
    getStore: () => local.getStore(),
    capture: () => Class!.snapshot!(),
    run: (store, fn, argument) => local.run(store, fn, argument),
    within: (enter, fn, argument) => (enter as Enter)(fn, argument),
  };
}
