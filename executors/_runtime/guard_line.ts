/** What a pool and the guard in a worker process say to each other: three words at a time. */

/** To a guard: `[RECALL, from, end]`: no call from `from` on, up to `end`, is to start. Answered alike. */
export const RECALL = 0;
/** To a guard: `[ABORT, number, 0]`: that call is to stop. */
export const ABORT = 1;

/** The line's place among a process's files, after input, output, errors and messages. */
export const GUARD_FILE = 4;

/** Three words as bytes; both ends are on one machine. */
export function writeWords(op: number, a: number, b: number): Uint8Array {
  return new Uint8Array(new Int32Array([op, a, b]).buffer);
}

/** Takes bytes as they come, and tells of each three words. */
export function readWords(
  tell: (op: number, a: number, b: number) => void,
): (chunk: Uint8Array) => void {
  const words = new Int32Array(3);
  const bytes = new Uint8Array(words.buffer);
  let length = 0;
  return (chunk) => {
    for (const byte of chunk) {
      bytes[length++] = byte;
      if (length < bytes.length) continue;
      length = 0;
      tell(words[0]!, words[1]!, words[2]!);
    }
  };
}
