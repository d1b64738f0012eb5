/**
 * What other people's code gives to await: promises and thenables of every kind.
 *
 * What comes of one is what a plain `await` would make of it: its `then` is read once and
 * called once, what that throws counts if nothing came before, and the first outcome wins.
 *
 * @module
 */

/** Timers of the platform's, counted, so that it can be told when none is left. */
export class PlatformTimers {
  /** How many are still to fire. */
  pending = 0;

  /** Calls `callback` after a time. */
  call(time: number, callback: () => void): void {
    this.pending++;
    setTimeout(() => {
      this.pending--;
      callback();
    }, time);
  }

  /** A promise that is kept after a time. */
  after(time: number): Promise<void> {
    return new Promise((resolve) => this.call(time, resolve));
  }

  /** Other people's sleep: one that obeys a signal rejects with an error of its own. */
  sleep<T>(time: number, value: T, signal?: AbortSignal): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      this.pending--;
    };
    const abort = () => {
      stop();
      reject(new DOMException("The sleep was aborted", "AbortError"));
    };
    this.pending++;
    const timer = setTimeout(() => {
      stop();
      resolve(value);
    }, time);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort);
    return promise;
  }
}

/** What a source is made with. */
interface Making {
  value: number;
  /** Its error, if it fails. */
  error: Error;
  time: number;
  timers: PlatformTimers;
}

type Settle = (outcome: unknown) => void;

interface Source {
  fails?: boolean;
  make(making: Making): unknown;
}

/** A thenable. It is no promise, and shows nothing but its `then`. */
function thenable(then: (resolve: Settle, reject: Settle) => void): unknown {
  return { then };
}

/** What nobody may ever see: it comes after the first outcome. */
const tooLate = () => new Error("too late to count");

/** The kinds of sources, by name. */
export const SOURCES: Record<string, Source> = {
  "promise": { make: ({ value }) => Promise.resolve(value) },
  "late promise": { make: ({ value, time, timers }) => timers.after(time).then(() => value) },
  "failing promise": {
    fails: true,
    make: ({ error, time, timers }) => timers.after(time).then(() => Promise.reject(error)),
  },
  "async function": {
    make: async ({ value, time, timers }) => {
      for (let i = 0; i < 3; i++) await null;
      await timers.after(time);
      return value;
    },
  },
  "failing async function": {
    fails: true,
    make: async ({ error, time, timers }) => {
      await timers.after(time);
      throw error;
    },
  },
  "thenable": { make: ({ value }) => thenable((resolve) => resolve(value)) },
  "failing thenable": {
    fails: true,
    make: ({ error }) => thenable((_, reject) => reject(error)),
  },
  "late thenable": {
    make: ({ value, time, timers }) =>
      thenable((resolve) => timers.call(time, () => resolve(value))),
  },
  "thenable twice": {
    make: ({ value }) =>
      thenable((resolve, reject) => {
        resolve(value);
        reject(tooLate());
        resolve("again");
      }),
  },
  "late thenable twice": {
    make: ({ value, time, timers }) =>
      thenable((resolve, reject) => {
        // One after the other: platforms don't keep the order of timers of different times.
        timers.call(time, () => {
          resolve(value);
          reject(tooLate());
          timers.call(1, () => reject(tooLate()));
          timers.call(2, () => resolve("again"));
        });
      }),
  },
  "failing thenable twice": {
    fails: true,
    make: ({ error, timers }) =>
      thenable((resolve, reject) => {
        queueMicrotask(() => {
          reject(error);
          resolve("after the error");
        });
        timers.call(1, () => reject(tooLate()));
      }),
  },
  "throwing thenable": {
    fails: true,
    make: ({ error }) =>
      thenable(() => {
        throw error;
      }),
  },
  "throwing thenable that goes on": {
    fails: true,
    make: ({ error, timers }) =>
      thenable((resolve) => {
        timers.call(1, () => resolve("after the error"));
        throw error;
      }),
  },
  "thenable that settles and throws": {
    make: ({ value }) =>
      thenable((resolve) => {
        resolve(value);
        throw tooLate();
      }),
  },
  "thenable of a promise": {
    make: ({ value, time, timers }) =>
      thenable((resolve, reject) => {
        resolve(timers.after(time).then(() => value));
        reject(tooLate());
      }),
  },
  "thenable of a failing promise": {
    fails: true,
    make: ({ error, time, timers }) =>
      thenable((resolve) => {
        resolve(timers.after(time).then(() => Promise.reject(error)));
        throw tooLate();
      }),
  },
  "thenable of a thenable": {
    make: ({ value, timers }) =>
      thenable((resolve) =>
        resolve(thenable((resolve) => timers.call(1, () => resolve(Promise.resolve(value)))))
      ),
  },
  "throwing getter": {
    fails: true,
    make: ({ error }) =>
      Object.defineProperty({}, "then", {
        get() {
          throw error;
        },
      }),
  },
  "getter for once": {
    make({ value }) {
      let times = 0;
      return Object.defineProperty({}, "then", {
        get: () => times++ > 0 ? undefined : (resolve: Settle) => resolve(value),
      });
    },
  },
};

/** The error of a source that fails, by its value. */
export class ForeignError extends Error {
  override readonly name = "ForeignError";
}

/** What comes of awaiting a source, as `show` and `showError` tell it. */
export function outcomeOf(source: string, value: number): string {
  return SOURCES[source]!.fails ? `!ForeignError(${value})` : `${value}`;
}
