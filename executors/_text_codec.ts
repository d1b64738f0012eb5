/**
 * Messages of primitives as text: between processes JSON is up to five times faster
 * than structured clone. What JSON would change isn't sent this way.
 */

const UNDEFINED = "\u0000u";

/** The message as text, or `null` if it has to be cloned. */
export function toText(message: unknown[]): string | null {
  let hasUndefined = false;
  for (let i = 0; i < message.length; i++) {
    const value = message[i];
    switch (typeof value) {
      case "string":
        // Lone surrogates survive JSON; the mark itself mustn't be mistaken.
        if (value.charCodeAt(0) === 0) return null;
        break;
      case "number":
        if (value - value !== 0 || (value === 0 && 1 / value < 0)) return null;
        break;
      case "boolean":
        break;
      case "undefined":
        hasUndefined = true;
        break;
      default:
        if (value !== null) return null;
    }
  }
  if (!hasUndefined) return JSON.stringify(message);
  return "u" + JSON.stringify(message.map((value) => value === undefined ? UNDEFINED : value));
}

/** The message that a text stands for. */
export function fromText(text: string): unknown[] {
  if (text.charCodeAt(0) !== 117) return JSON.parse(text);
  const message = JSON.parse(text.slice(1)) as unknown[];
  for (let i = 0; i < message.length; i++) if (message[i] === UNDEFINED) message[i] = undefined;
  return message;
}
