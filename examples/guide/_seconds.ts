/** How long one of the guide's seconds takes here, in milliseconds, so that nobody has to wait. */
export const SECOND = 10;

/** Python's `random.randrange(stop)`: a whole number from 0 to `stop - 1`. */
export function randrange(stop: number): number {
  return Math.floor(Math.random() * stop);
}
