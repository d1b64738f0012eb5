/** What kind of platform this is. @module */

/**
 * Do timers and resumptions belong to the request that made them? So they do in
 * workerd: a generator resumed from another request's turn armed a timer that
 * never fired.
 */
export function needsOwnLoopPerRequest(): boolean {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers";
}
