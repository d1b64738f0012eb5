/**
 * Programs under fake clocks, in a process of their own: test runners use timers, too.
 *
 * @module
 */

import { type EventLoop, getEventLoop, run, sleep, timeout } from "@aio/asyncio";
import { FakeTime } from "./_fake_time.ts";
import { virtualTime } from "@aio/asyncio/testing";
import process from "node:process";
import * as sinon from "@sinonjs/fake-timers";

/** A clock that tests tick. */
interface Fakes {
  tickAsync(milliseconds: number): Promise<unknown>;
  uninstall(): void;
}

const { setTimeout: realTimeout, setImmediate: realImmediate, performance, Date } = globalThis;
const timers = ["setTimeout", "clearTimeout", "setInterval", "clearInterval"];
const immediates = ["setImmediate", "clearImmediate"];

/** The fakes that libraries make. */
const FAKES: Record<string, () => Fakes> = {
  sinon: () => install({ toNotFake: ["nextTick", "queueMicrotask"] }),
  "jest and vitest 3": () => install({ now: 5000, toNotFake: ["nextTick", "queueMicrotask"] }),
  "vitest 2": () => install({ toFake: [...timers, ...immediates, "Date"] }),
  "timers and performance": () => install({ toFake: [...timers, "performance"] }),
  "@std/testing": () => {
    const time = new FakeTime();
    return { tickAsync: (ms) => time.tickAsync(ms), uninstall: () => time[Symbol.dispose]() };
  },
};

function install(options: unknown): Fakes {
  // deno-lint-ignore no-explicit-any -- it has no types
  return sinon.install(options as any) as unknown as Fakes;
}

/** Lets what needs no fake time run. */
function rest(milliseconds = 5): Promise<void> {
  return new Promise((resolve) => realTimeout(resolve, milliseconds));
}

const [program, name = ""] = process.argv.slice(2);
const fake = FAKES[name]!;
const say = (...what: unknown[]) => console.log(what.join(" "));

const PROGRAMS: Record<string, () => Promise<void>> = {
  async ticked() {
    await sleep(1); // the ambient loop has a past
    const clock = fake();
    const main = run(async () => {
      await sleep(1000);
      say("slept");
      await timeout(50, () => sleep(60)).then(undefined, (error) => say((error as Error).name));
    });
    const ambient = sleep({ hours: 1 }).then(() => say("an hour"));
    for (const time of [999, 1, 49, 1]) {
      await rest();
      say(time);
      await clock.tickAsync(time);
    }
    await main;
    await clock.tickAsync(3_600_000);
    await ambient;
    clock.uninstall();
    const before = performance.now();
    await run(() => sleep(5));
    await sleep(5);
    say(performance.now() - before > 9);
  },

  async "taken away"() {
    const clock = fake();
    const pending = Promise.resolve(sleep(40, "woken"));
    const others = run(() => sleep(30, "woken, too"));
    const busy = run(async () => {
      for (let i = 0; i < 50_000; i++) await sleep(0);
      return "worked";
    });
    await rest();
    clock.uninstall();
    say(...await Promise.all([pending, others, busy]));
  },

  async "never back"() {
    const loop: EventLoop = getEventLoop();
    const times = [loop.time()];
    for (let i = 0; i < 2; i++) {
      const clock = fake();
      times.push(loop.time());
      await clock.tickAsync(10);
      times.push(loop.time());
      clock.uninstall();
      await rest();
      times.push(loop.time());
    }
    say(
      times.every((time, i) => i === 0 || time >= times[i - 1]!),
      times.at(-1)! - times[0]! < 5000,
    );
  },

  async virtual() {
    const clock = fake();
    say(await run(() => sleep({ days: 1 }, "slept"), { loopFactory: virtualTime }));
    clock.uninstall();
  },

  async "one of both"() {
    const replacements = [
      { setTimeout: (callback: () => void, delay: number) => realTimeout(callback, delay) },
      { performance: { now: () => 1000 } },
      { Date: class extends Date {} },
      {
        Date: () => 1,
        setTimeout: (callback: () => void, delay: number) => realTimeout(callback, delay),
      },
      { setImmediate: () => 1 },
    ];
    const before = { setTimeout: realTimeout, performance, Date, setImmediate: realImmediate };
    for (const replacement of replacements) {
      Object.assign(globalThis, replacement);
      say(await run(() => sleep(5, Object.keys(replacement).join())));
      Object.assign(globalThis, before);
    }
  },

  async "stands still"() {
    const clock = install({ toFake: [...timers, "Date"] });
    const frozen = globalThis.Date.now();
    globalThis.Date.now = () => frozen;
    const nap = run(() => sleep(100, "slept"));
    await rest();
    await clock.tickAsync(100);
    say(await nap);
    clock.uninstall();
  },
};

await PROGRAMS[program!]!();
