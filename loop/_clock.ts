/**
 * The platform's clock and timers, or those that a test has put in their place.
 *
 * Tests replace `setTimeout`, `performance` or `Date`: by sinon, jest or vitest, or by `FakeTime`
 * of @std/testing; and few of them replace all.
 *
 * Invariants:
 * - The clock and the timers come from the same place at the same time. If the timers are fakes,
 *   so is the clock, be it `performance` or `Date`; if no clock is, both are the real ones.
 * - The time never goes back, and goes on from where it was when the place changes.
 * - An alarm that was set in a place that is no more is set anew.
 * - What is put back for some microtasks alone, as by `FakeTime.restoreFor`, isn't the place.
 * - Macrotasks are never those of a fake: only time may stand still.
 * - Where nothing is ever replaced, all of this costs a comparison.
 *
 * @module
 */

type Callback = () => void;
type SetTimeout = (callback: Callback, delay: number) => unknown;

interface Globals {
  setTimeout: SetTimeout & { clock?: unknown };
  clearTimeout: (id: unknown) => void;
  setImmediate?: (callback: Callback) => unknown;
  performance?: Clock;
  Date: Clock;
  MessageChannel?: typeof MessageChannel;
}

interface Clock {
  now(): number;
}

/** Where time comes from. */
interface Place {
  readonly setTimeout: SetTimeout;
  readonly clearTimeout: (id: unknown) => void;
  readonly clock: Clock;
  /** The clock's `now`, which may itself be replaced. */
  readonly read: () => number;
}

/** An alarm, as long as places may change. */
interface Alarm {
  readonly place: Place;
  readonly when: number;
  readonly wake: Callback;
}

/** setTimeout's delay is a 32-bit integer: longer waits are made of several. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;
/** How much a time may be off where 2 ** 41 was added and taken away again. */
const INEXACT = 0.01;
/** How often one looks whether a place is no more, in milliseconds. */
const LOOK_EVERY = 20;

const globals = globalThis as unknown as Globals;
const firstDateNow = globals.Date.now;

/** The platform's own; null if there have been only fakes so far, those of sinon, which say so. */
let real: Place | null = isMarked() ? null : placeOf(globals.performance ?? globals.Date);
let { setImmediate: realImmediate } = globals;
let place: Place = findPlace();
/** The `setTimeout` that was there when the place was found. */
let known: SetTimeout = globals.setTimeout;
let wasReplaced = real === null;
/** What to add to the place's clock, */
let offset = 0;
/** and the time that this gave last; for fake ones. */
let last = 0;
/** The last fake place, and its offset: for when it is put back. */
let before: { place: Place; offset: number } | null = null;
let isInDoubt = false;
const alarms = new Set<Alarm>();
let watcher: unknown = null;

/** The time. */
export function now(): number {
  if (globals.setTimeout !== known) lookAround();
  return place === real ? place.read.call(place.clock) + offset : readFake();
}

/** Calls `wake` at a time. Gives what gives that up. */
export function arm(when: number, wake: Callback): Callback {
  const left = when - now();
  // Rounded up: a timer that fires early would find nothing due. Fakes tick whole milliseconds, and
  // to a time since 1970 something was added, so there it isn't exact.
  const exactly = place === real ? left : left - INEXACT;
  const delay = Math.min(Math.max(0, Math.ceil(exactly)), LONGEST_TIMEOUT);
  const { setTimeout, clearTimeout } = place;
  if (!wasReplaced) {
    const id = setTimeout(wake, delay);
    return () => clearTimeout(id);
  }
  const alarm = { place, when, wake };
  const id = setTimeout(() => ring(alarm, delay), delay);
  alarms.add(alarm);
  watch();
  return () => {
    alarms.delete(alarm);
    if (alarms.size === 0) stopWatching();
    try {
      clearTimeout(id);
    } catch { /* a fake that is no more */ }
  };
}

/** Calls back in a macrotask that no test holds up; the kind that rests is slower, and lets more pass. */
export function macrotask(callback: Callback, rests: boolean): void {
  if (real === null) return postMacrotask(callback);
  if (rests || realImmediate === undefined) {
    const { setTimeout } = real;
    setTimeout(callback, 0);
  } else realImmediate(callback);
}

/** Is there a `setImmediate`? */
export function hasImmediate(): boolean {
  return realImmediate !== undefined;
}

/** Nobody fakes channels. They are slow, though. */
function postMacrotask(callback: Callback): void {
  const { MessageChannel } = globals;
  if (MessageChannel === undefined) return void globals.setTimeout(callback, 0);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
}

// Places

function isMarked(): boolean {
  return globals.setTimeout.clock !== undefined;
}

function isClock(value: Partial<Clock> | undefined): value is Clock {
  return typeof value?.now === "function";
}

function placeOf(clock: Clock): Place {
  const { setTimeout, clearTimeout } = globals;
  return { setTimeout, clearTimeout, clock, read: clock.now };
}

/** The place that the globals show now. */
function findPlace(): Place {
  const { setTimeout, performance, Date } = globals;
  if (real === null && !isMarked()) {
    real = placeOf(performance ?? Date);
    realImmediate = globals.setImmediate;
  }
  if (setTimeout === real?.setTimeout) return real;
  if (isClock(performance) && performance.now !== real?.read) return placeOf(performance);
  if (isClock(Date) && Date.now !== firstDateNow || real === null) return placeOf(Date);
  // Only the timers are replaced: by wrappers that report errors, say.
  return real;
}

function lookAround(): void {
  const found = findPlace();
  if (found !== real || place === real) return moveTo(found);
  if (isInDoubt) return;
  isInDoubt = true;
  macrotask(() => {
    isInDoubt = false;
    if (globals.setTimeout === known || findPlace() !== real) return;
    moveTo(real);
    wakeMoved();
  }, false);
}

function moveTo(next: Place): void {
  known = globals.setTimeout;
  if (next === place) return;
  const time = place === real ? place.read.call(place.clock) + offset : readFake();
  if (place !== real) before = { place, offset };
  const wasThere = before !== null && before.place.setTimeout === next.setTimeout &&
    before.place.clock === next.clock;
  offset = wasThere ? before!.offset : time - next.read.call(next.clock);
  last = time;
  place = next;
  wasReplaced = true;
}

function readFake(): number {
  const time = place.read.call(place.clock) + offset;
  if (time < last) offset += last - time; // such as by `setSystemTime`
  return last = Math.max(last, time);
}

// Alarms in places that may go

function ring({ place: from, when, wake }: Alarm, delay: number): void {
  // Fakes whose clock stands still: their timers tell the time.
  if (from === place && place !== real && delay < LONGEST_TIMEOUT) last = Math.max(last, when);
  wake();
}

function watch(): void {
  if (watcher !== null || real === null) return;
  const { setTimeout } = real;
  watcher = setTimeout(() => {
    watcher = null;
    wakeMoved();
    if (alarms.size > 0) watch();
  }, LOOK_EVERY);
}

function stopWatching(): void {
  if (watcher === null || real === null) return;
  const { clearTimeout } = real;
  clearTimeout(watcher);
  watcher = null;
}

/** Has those look after their alarms who set them in another place, or whose time has come. */
function wakeMoved(): void {
  const time = now();
  for (const alarm of [...alarms]) {
    if (alarm.place !== place || time >= alarm.when) alarm.wake();
  }
}
