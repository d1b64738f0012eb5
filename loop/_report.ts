/** What is printed where nobody else takes an error. @module */

import type { ExceptionContext } from "./handle.ts";

/** Prints an error with all that is known of it. */
export function reportToConsole(context: ExceptionContext): void {
  const { message, exception, ...rest } = context;
  const lines = [message];
  for (const [key, value] of Object.entries(rest)) {
    if (value !== undefined) lines.push(`${key}: ${describeSafely(value)}`);
  }
  const text = lines.join("\n");
  if (exception === undefined) console.error(text);
  else console.error(text + "\n", exception);
}

/** Warns of an entry that kept the loop from running others. */
export function reportSlow(entry: object, milliseconds: number): void {
  console.warn(`Executing ${entry} took ${milliseconds.toFixed(1)} ms`);
}

/** The last resort, where the report of an error failed itself. */
export function reportBroken(context: ExceptionContext, exception: unknown): void {
  try {
    console.error(`Exception in default exception handler, while handling: ${context.message}\n`, [
      exception,
      context.exception,
    ]);
  } catch {
    // The console itself is broken: there is nobody left to tell.
  }
}

function describeSafely(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "[object]"; // its own toString throws
  }
}
