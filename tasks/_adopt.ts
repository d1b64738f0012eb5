/**
 * Foreign promises and thenables, taken in one way only: as `await` takes them.
 *
 * Invariants:
 * - Its `then` is read once and called once, in a microtask, inside of a `try`; the first outcome
 *   counts, and if that is a promise again, its outcome.
 * - Nothing that it throws, gives twice or never gives touches the state of a task or loop.
 *
 * @module
 */

/**
 * The platform's own promise of what `value` promises: itself, if it is one.
 *
 * @returns `null` if it can't be awaited.
 */
export function promiseOf(value: unknown): Promise<unknown> | null {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return null;
  let then: unknown;
  try {
    if (value instanceof Promise && value.constructor === Promise) return value;
    then = (value as { then?: unknown }).then;
  } catch (error) {
    return Promise.reject(error); // a getter, or a proxy
  }
  return typeof then === "function" ? promiseBy(value, then as PromiseLike<unknown>["then"]) : null;
}

function promiseBy(thenable: object, then: PromiseLike<unknown>["then"]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    queueMicrotask(() => {
      try {
        Reflect.apply(then, thenable, [resolve, reject]);
      } catch (error) {
        reject(error);
      }
    });
  });
}

const { then } = Promise.prototype;

/** Takes the outcome of a promise of the platform's, whatever `then` of its own it may have. */
export function adopt(
  promise: Promise<unknown>,
  onFulfilled: (value: unknown) => void,
  onRejected: (error: unknown) => void,
): void {
  try {
    then.call(promise, onFulfilled, onRejected);
  } catch (error) {
    queueMicrotask(() => onRejected(error)); // it has a promise's prototype, and no more
  }
}
