/** Being told when the garbage collector took something. @module */

/** Is there a way to be told? Not in every edge runtime. */
export const tellsCollected: boolean = typeof FinalizationRegistry === "function" &&
  typeof WeakRef === "function";

/** Something that is told, for each object that is registered, when it was collected. */
export type Collected<T> = Pick<FinalizationRegistry<T>, "register" | "unregister">;

/** Calls `gone` for what is collected; never, where the platform doesn't tell. */
export function whenCollected<T>(gone: (held: T) => void): Collected<T> {
  if (tellsCollected) return new FinalizationRegistry(gone);
  return { register: () => {}, unregister: () => false };
}
