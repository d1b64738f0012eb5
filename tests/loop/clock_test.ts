import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runFile, runText } from "../run/_program.ts";

async function linesOf(...args: string[]): Promise<string[]> {
  const { stdout, stderr } = await runFile("tests/loop/_clock_program.ts", { args });
  assertEquals(stderr, "");
  return stdout.trim().split("\n");
}

const FAKES = ["sinon", "jest and vitest 3", "vitest 2", "timers and performance", "@std/testing"];

describe("The platform's clock and timers", () => {
  for (const fakes of FAKES) {
    it(`are the fakes of ${fakes}, while there are`, async () => {
      const expected = ["999", "1", "slept", "49", "1", "TimeoutError", "an hour", "true"];
      assertEquals(await linesOf("ticked", fakes), expected);
    });

    it(`go on where the fakes of ${fakes} are taken away`, async () => {
      assertEquals(await linesOf("taken away", fakes), ["woken woken, too worked"]);
    });

    it(`never go back by the fakes of ${fakes}`, async () => {
      assertEquals(await linesOf("never back", fakes), ["true true"]);
    });
  }

  it("are the real ones where only one of both is replaced", async () => {
    const replaced = ["setTimeout", "performance", "Date", "Date,setTimeout", "setImmediate"];
    assertEquals(await linesOf("one of both"), replaced);
  });

  it("end a sleep when its timer fires, though the clock stands still", async () => {
    assertEquals(await linesOf("stands still"), ["slept"]);
  });

  it("don't matter to virtual time", async () => {
    assertEquals(await linesOf("virtual", "sinon"), ["slept"]);
  });

  it("may be fakes already when the module is imported, and be put back", async () => {
    const { stdout, stderr } = await runText(`
      import * as sinon from "@sinonjs/fake-timers";
      const { setTimeout: later } = globalThis;
      const rest = () => new Promise((resolve) => later(resolve, 20));
      const clock = sinon.install();
      const { run, sleep } = await import("@aio/asyncio");
      const nap = sleep(100, "slept").then((result) => result);
      await rest();
      await clock.tickAsync(100);
      console.log(await nap);
      const work = (async () => {
        for (let i = 0; i < 50_000; i++) await sleep(0);
        return "worked";
      })();
      await rest();
      clock.uninstall();
      console.log(await work);
      console.log(await run(() => sleep(5, "slept in run()")));
      console.log(await sleep(5, "slept for real"));
    `);
    assertEquals([stdout, stderr], ["slept\nworked\nslept in run()\nslept for real\n", ""]);
  });
});
