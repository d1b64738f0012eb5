/**
 * Sending buffers without copying them.
 *
 * @module
 */

// A registered symbol: a job's module may load this file anew in its worker.
const TRANSFER: unique symbol = Symbol.for("@aio/asyncio.transfer") as never;

/** A value with what of it changes hands. @internal */
export interface Transferred {
  /** The value. */
  readonly [TRANSFER]: unknown;
  /** What is moved rather than copied. */
  readonly list: Transferable[];
}

/** What wrappers are made of, so that nobody takes them for plain data. */
const wrapper: object = Object.freeze(Object.create(null));

/**
 * Marks a value as handing over its buffers: as an argument of a job, or as what
 * a job returns or yields. Afterwards they are detached on the sending side. A process
 * pool copies them, having no memory in common with its workers.
 *
 * @typeParam T The value's type.
 * @param value What to send.
 * @param list The buffers, ports or streams inside it to hand over.
 * @returns The value in a wrapper that only pools look into, typed as the value.
 *
 * @example Usage
 * ```ts
 * import { ThreadPoolExecutor, transfer } from "@aio/asyncio/executors";
 * import { assertEquals } from "@std/assert";
 *
 * await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
 * const bytes = new Uint8Array([1, 2, 3]);
 * const size = await pool.submit((b: Uint8Array) => b.length, transfer(bytes, [bytes.buffer]));
 *
 * assertEquals([size, bytes.length], [3, 0]);
 * ```
 */
export function transfer<T>(value: T, list: Transferable[]): T {
  return Object.assign(Object.create(wrapper), { [TRANSFER]: value, list }) as T;
}

/** Whether a value came from {@linkcode transfer}. @internal */
export function isTransferred(value: unknown): value is Transferred {
  if (typeof value !== "object" || value === null) return false;
  try {
    return TRANSFER in value;
  } catch {
    // A proxy's trap.
    return false;
  }
}

/** The value without its wrapper; what it hands over is added to `list`. @internal */
export function unwrapTransferred(transferred: Transferred, list: Transferable[]): unknown {
  list.push(...transferred.list);
  return transferred[TRANSFER];
}

/** The values without their wrappers; what they hand over is added to `list`. @internal */
export function unwrapAll(values: unknown[], list: Transferable[]): unknown[] {
  return values.map((each) => isTransferred(each) ? unwrapTransferred(each, list) : each);
}
