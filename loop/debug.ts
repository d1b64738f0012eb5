/**
 * Whether debug mode is used at all.
 *
 * @module
 */

let everDebugged = false;

/** Notes that a loop's debug mode was turned on. */
export function noteDebugging(): void {
  everDebugged = true;
}

/** Was debug mode ever on, in any loop? Spares hot code the other checks where it wasn't. */
export function wasEverDebugged(): boolean {
  return everDebugged;
}
