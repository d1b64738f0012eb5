import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runText, RUNTIME } from "./_program.ts";

const STUCK = `
  import { createTask, Future, run } from "@aio/asyncio";
  async function waiter() {
    await new Future();
  }
  async function main() {
    createTask(waiter, { name: "the waiter" });
    await new Future();
  }
`;

describe("The end of the process", () => {
  const withTopLevelAwait = RUNTIME === "node" ? it : it.skip; // Deno and Bun then never exit
  withTopLevelAwait("is no silent one while run() waits at the top level", async () => {
    const { code, stderr } = await runText(`${STUCK} await run(main);`);
    assertNotEquals(code, 0);
    assertMatch(stderr, /<Task pending name='Task-1' coro=<main\(\)> wait_for=<Future pending/);
    assertMatch(
      stderr,
      /<Task pending name='the waiter' coro=<waiter\(\)> wait_for=<Future pending/,
    );
  });

  it("is no silent one while run() waits anywhere else", async () => {
    const { stdout, stderr } = await runText(`
      ${STUCK}
      run(main).catch((error) => console.log(error.name + ": " + error.message));
    `);
    const said = stdout + stderr;
    assertMatch(said, /DeadlockError: The process is about to exit/);
    assertMatch(said, /name='the waiter' coro=<waiter\(\)> wait_for=<Future pending/);
  });

  it("is no silent one while run() waits for a promise that nothing can settle", async () => {
    const { stdout } = await runText(`
      import { run, until } from "@aio/asyncio";
      const main = async (wait) => {
        try {
          await wait();
        } finally {
          console.log("clean");
        }
      };
      run(() => main(() => until(new Promise(() => {})))).catch((e) => console.log(e.name));
    `);
    assertEquals(stdout, "clean\nDeadlockError\n");
  });

  for (const wait of ["sleep(Infinity)", "timeout(Infinity, () => new Event().wait())"]) {
    for (const isAwaited of [true, false]) {
      it(`doesn't come while ${isAwaited ? "await " : ""}run() waits for ${wait}`, async () => {
        const { stdout, stderr } = await runText(
          `
          import { Event, run, sleep, timeout } from "@aio/asyncio";
          ${isAwaited ? "await " : ""}run(async () => {
            setTimeout(() => console.log("alive"), 700);
            try {
              await ${wait};
            } finally {
              console.log("clean");
            }
          });
        `,
          { onLine: (line, kill) => line === "alive" && kill("SIGINT") },
        );
        assertEquals([stdout, stderr], ["alive\nclean\n", ""]);
      });
    }
  }

  it("is not taken for near while the platform may still call back", async () => {
    const { code, stdout, stderr } = await runText(`
      import { Queue, run } from "@aio/asyncio";
      async function hashFor(milliseconds) {
        const end = performance.now() + milliseconds;
        let hash = new Uint8Array(1_000_000);
        while (performance.now() < end) {
          await crypto.subtle.digest("SHA-512", hash); // in no list of what is pending
        }
      }
      await run(async () => {
        const queue = new Queue();
        hashFor(800).then(() => queue.putNowait("hashed"));
        console.log(await queue.get());
      });
    `);
    assertEquals([code, stdout, stderr], [0, "hashed\n", ""]);
  });

  it("is not held up by the ambient loop", async () => {
    const { code, stdout, stderr } = await runText(`
      import { getEventLoop, sleep } from "@aio/asyncio";
      await sleep(5);
      console.log(String(getEventLoop()));
    `);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout, "<EventLoop running=true closed=false debug=false>\n");
  });

  it("comes at once after run()", async () => {
    const started = performance.now();
    const { code, stderr } = await runText(`
      import { createTask, run, sleep } from "@aio/asyncio";
      await run(async () => {
        createTask(() => sleep(60_000));
        await sleep(1);
      });
    `);
    assertEquals([code, stderr], [0, ""]);
    assert(performance.now() - started < 5000);
  });

  it("is not taken for near while a foreign promise will still settle", async () => {
    const { code, stdout, stderr } = await runText(`
      import { run, until } from "@aio/asyncio";
      import { readFile } from "node:fs/promises";
      await run(async () => {
        await until(readFile("LICENSE", "utf8"));
        await new Promise((resolve) => setTimeout(resolve, 700));
        console.log("read and waited");
      });
    `);
    assertEquals([code, stdout, stderr], [0, "read and waited\n", ""]);
  });

  it("of an import alone comes at once: nothing is armed", async () => {
    const { code, stdout, stderr } = await runText(`
      import * as asyncio from "@aio/asyncio";
      console.log(typeof asyncio.run);
    `);
    assertEquals([code, stdout, stderr], [0, "function\n", ""]);
  });
});
