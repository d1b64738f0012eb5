import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { linesOf } from "./_guide.ts";

/** The `n` that each line `n will sleep for: s seconds` names, with its `s`. */
function sleepers(lines: string[]): Map<string, number> {
  return new Map(lines.map((line) => {
    const [, n, s] = /^(\w) will sleep for: (\d) seconds$/.exec(line)!;
    return [n!, Number(s)];
  }));
}

describe("The guide's example", () => {
  for (const example of ["running", "running_low_level"]) {
    it(`${example} prints what the guide's does`, async () => {
      assertEquals(await linesOf(example), ["Foo!", "Hello World!"]);
    });
  }

  it("repl awaits without run()", async () => {
    assertEquals(await linesOf("repl"), ["done"]);
  });

  it("another_loop runs on the loop that was installed", async () => {
    assertEquals(await linesOf("another_loop"), [
      "Foo!",
      "Hello World!",
      "loops made: 1, driver in use: true",
    ]);
  });

  it("gather waits for all", async () => {
    assertEquals(await linesOf("gather"), ["n: 1!", "n: 2!", "n: 3!"]);
  });

  it("wait shows the tasks that are done and those that are not", async () => {
    const lines = await linesOf("wait");
    const seconds = sleepers(lines.slice(0, 3));
    assertEquals([...seconds.keys()], ["1", "2", "3"]);
    const fastest = Math.min(...seconds.values());
    const [, first] = /^n: (\d)!$/.exec(lines[3]!)!;
    assertEquals(seconds.get(first!), fastest);

    const printed = lines.slice(3).join("\n");
    const tasks = [...printed.matchAll(/<Task (\w+) name='Task-(\d)' coro=<foo\(\)>(.*?)>,?$/gm)];
    assertEquals(tasks.length, 3);
    const slept = (wanted: string) =>
      tasks.filter(([, state]) => state === wanted)
        .map(([, , name]) => seconds.get(String(Number(name) - 1))!);
    // Those that sleep equally long may be done in the same turn, and may not.
    assert(slept("finished").includes(fastest));
    assert(Math.max(...slept("finished")) <= Math.min(...slept("pending")));
    for (const [, state, , more] of tasks) {
      const expected = state === "finished"
        ? " result=undefined"
        : " wait_for=<Future pending cb=[Task.wakeup()]>";
      assertEquals(more, expected);
    }
  });

  it("wait_for times out", async () => {
    assertEquals(await linesOf("wait_for"), ["timeout!"]);
  });

  it("as_completed gives the quickest first", async () => {
    const lines = await linesOf("as_completed");
    const seconds = sleepers(lines.slice(0, 3));
    assertEquals([...seconds.keys()], ["a", "b", "c"]);
    const results = lines.slice(3).map((line) =>
      /^the (next )?quickest result was: (\w)!$/.exec(line)!
    );
    assertEquals(results.map(([, next]) => next ?? "first "), ["first ", "next ", "next "]);
    const order = results.map(([, , n]) => seconds.get(n!)!);
    assertEquals(order, [...seconds.values()].sort());
  });

  it("create_task shows a task before and after", async () => {
    assertEquals(await linesOf("create_task"), [
      "<Task pending name='Task-2' coro=<foo()>>",
      "Hello World!",
      "Foo!",
      "<Task finished name='Task-2' coro=<foo()> result=undefined>",
    ]);
  });

  it("callbacks calls back when the task is done", async () => {
    const lines = await linesOf("callbacks");
    assertMatch(lines[0]!, /^<Task pending name='Task-2' coro=<foo\(\)> cb=\[gotResult\(\)\]>$/);
    assertEquals(lines.slice(1), [
      "Hello World!",
      "got the result! Foo!",
      "<Task finished name='Task-2' coro=<foo()> result='Foo!'>",
    ]);
  });
});
