import { assertEquals, assertMatch } from "@std/assert";
import {
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  Future,
  gather,
  getRunningLoop,
  sleep,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inspect } from "node:util";
import { runVirtual } from "./_kinds.ts";
import { virtualTime } from "@aio/asyncio/testing";

/** What the runtime's own inspector shows. */
const inspectors: [string, (value: unknown) => string][] = [
  ["util.inspect()", inspect],
  ["Deno.inspect()", (globalThis as { Deno?: typeof Deno }).Deno?.inspect],
  ["Bun.inspect()", (globalThis as { Bun?: { inspect: typeof inspect } }).Bun?.inspect],
].filter(([, show]) => show !== undefined) as never;

describe("String(future)", () => {
  it("shows its state and outcome, as Python does", () => {
    const loop = virtualTime();
    const made = () => new Future<unknown>({ loop });
    const text = made();
    text.setResult("it's");
    const failed = made();
    failed.setException(new RangeError("far"));
    const bare = made();
    bare.setException(new TypeError());
    const cancelled = made();
    cancelled.cancel();
    assertEquals([made(), text, failed, bare, cancelled].map(String), [
      "<Future pending>",
      `<Future finished result="it's">`,
      "<Future finished exception=RangeError('far')>",
      "<Future finished exception=TypeError()>",
      "<Future cancelled>",
    ]);
    for (const future of [failed, bare]) future.exception();
  });

  it("shows results of all types", () => {
    const loop = virtualTime();
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const shown = [
      undefined,
      null,
      12n,
      Symbol("s"),
      [1, "a", [true]],
      { a: 1 },
      function named() {},
      new Map(),
      Object.create(null),
      circular,
      "line\nbreak",
      new Date(0),
    ].map((result) => {
      const future = new Future<unknown>({ loop });
      future.setResult(result);
      return String(future).slice("<Future finished result=".length, -1);
    });
    assertEquals(shown.slice(0, 7), [
      "undefined",
      "null",
      "12n",
      "Symbol(s)",
      "[1, 'a', [true]]",
      '{"a":1}',
      "[Function named]",
    ]);
    assertEquals(shown[10], "'line\\nbreak'");
  });

  it("shows its callbacks, the first and the last of many", () => {
    const future = new Future<void>({ loop: virtualTime() });
    function first() {}
    future.addDoneCallback(first);
    assertEquals(String(future), "<Future pending cb=[first()]>");
    future.addDoneCallback(function second() {});
    assertEquals(String(future), "<Future pending cb=[first(), second()]>");
    future.addDoneCallback(function third() {});
    future.addDoneCallback(function last() {});
    assertEquals(String(future), "<Future pending cb=[first(), <2 more>, last()]>");
  });
});

describe("String(task)", () => {
  it("shows name, coroutine, what it waits for, callbacks and outcome", async () => {
    await runVirtual(async () => {
      async function foo() {
        await sleep(10);
        return "Foo!";
      }
      function gotResult() {}
      const task = createTask(foo, { name: "T" });
      task.addDoneCallback(gotResult);
      assertEquals(String(task), "<Task pending name='T' coro=<foo()> cb=[gotResult()]>");
      await sleep(5);
      assertEquals(
        String(task),
        "<Task pending name='T' coro=<foo()> wait_for=<Future pending cb=[Task.wakeup()]> " +
          "cb=[gotResult()]>",
      );
      await task;
      assertEquals(String(task), "<Task finished name='T' coro=<foo()> result='Foo!'>");
    });
  });

  it("shows the task that it waits for by name alone", async () => {
    await runVirtual(async () => {
      const inner = createTask(() => sleep(10), { name: "inner" });
      const outer = createTask(async () => await inner, { name: "outer" });
      await sleep(1);
      assertMatch(String(outer), /wait_for=<Task pending name='inner'>/);
      await outer;
    });
  });

  it("shows that it is being cancelled, or was, or failed", async () => {
    await runVirtual(async () => {
      async function stubborn() {
        try {
          await sleep(1000);
        } catch {
          await sleep(5);
          throw new RangeError("own");
        }
      }
      const [a, b] = [
        createTask(stubborn, { name: "a" }),
        createTask(() => sleep(9), { name: "b" }),
      ];
      await sleep(1);
      a.cancel();
      b.cancel();
      assertMatch(String(a), /^<Task cancelling name='a' coro=<stubborn\(\)> wait_for=/);
      await gather([a, b], { returnExceptions: true });
      assertEquals([a, b].map(String), [
        "<Task finished name='a' coro=<stubborn()> exception=RangeError('own')>",
        "<Task cancelled name='b' coro=<sleep()>>",
      ]);
    });
  });

  it("names the coroutine, whatever the task is made of", async () => {
    await runVirtual(async () => {
      function* fetchPage(_n: number) {}
      const method = { async read() {} };
      const tasks = [
        createTask(() => fetchPage(1)),
        createTask(fetchPage.bind(null, 1)),
        createTask(coroutine(fetchPage)(1)),
        createTask(sleep(1)),
        createTask(() => method.read()),
        createTask(fetchPage(1)),
      ];
      assertEquals(tasks.map((task) => /coro=<(.*?)>/.exec(String(task))![1]), [
        "fetchPage()",
        "fetchPage()",
        "fetchPage()",
        "sleep()",
        "read()",
        "generator",
      ]);
      await gather(tasks);
    });
  });
});

describe("What consoles show", () => {
  for (const [name, show] of inspectors) {
    it(`${name} shows what String() does`, async () => {
      await runVirtual(async () => {
        const shown = [
          currentTask()!,
          new Future(),
          sleep(1),
          getRunningLoop().callSoon(function tick() {}),
          getRunningLoop().callLater(1000, function tick() {}),
        ];
        for (const value of shown) assertEquals(show(value), String(value));
        assertEquals(show([new Future()]).replace(/\s/g, ""), "[<Futurepending>]");
        await sleep(0);
      });
      assertEquals(show(virtualTime()), "<EventLoop running=false closed=false debug=false>");
      assertEquals(show(sleep(1)), "<coroutine sleep()>");
    });
  }

  it("errors have their names in their stacks", () => {
    assertMatch(new CancelledError("why").stack ?? "", /CancelledError: why|_test\.ts/);
    assertEquals(String(new CancelledError("why")), "CancelledError: why");
  });
});
