/** What the contenders run. @module */

export function noop(value: unknown): unknown {
  return value;
}

export function block(ms: number): number {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}
