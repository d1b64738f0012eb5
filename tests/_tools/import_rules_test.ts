import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { checkImports, type ImportGraph } from "../../_tools/import_rules.ts";

/** Checks `{ "from.ts": "to.ts other.ts" }`. */
function check(imports: Record<string, string>): string[] {
  const graph: ImportGraph = new Map();
  for (const [from, to] of Object.entries(imports)) {
    graph.set(from, to.split(" ").filter(Boolean).map((to) => ({ to, line: 1 })));
  }
  return checkImports(graph);
}

function checkOne(from: string, to: string): string {
  return check({ [from]: to }).join();
}

describe("checkImports()", () => {
  it("accepts imports that run down the house", () => {
    assertEquals(
      check({
        "mod.ts": "run.ts loop/mod.ts",
        "run.ts": "bridge.ts tasks/task.ts errors.ts",
        "bridge.ts": "executors/executor.ts loop/event_loop.ts",
        "sync/lock.ts": "tasks/future.ts",
        "tasks/task.ts": "loop/event_loop.ts tasks/_step.ts",
        "executors/executor.ts": "errors.ts",
        "executors/_runtime/worker.ts": "node:worker_threads",
        "testing/mod.ts": "testing/clock.ts",
        "testing/clock.ts": "run.ts sync/lock.ts",
      }),
      [],
    );
  });

  it("finds imports that run up", () => {
    assertEquals(
      checkOne("loop/a.ts", "tasks/b.ts"),
      "loop/a.ts:1 imports tasks/b.ts: " +
        "loop may only import errors, duration, context, deque",
    );
    assertStringIncludes(checkOne("executors/a.ts", "loop/b.ts"), "executors may only import");
    assertStringIncludes(checkOne("errors.ts", "loop/b.ts"), "errors may only import");
    assertStringIncludes(checkOne("bridge.ts", "run.ts"), "bridge may only import");
  });

  it("finds imports of a mod.ts", () => {
    assertStringIncludes(checkOne("run.ts", "loop/mod.ts"), "a mod.ts is for users");
    assertStringIncludes(checkOne("testing/a.ts", "mod.ts"), "a mod.ts is for users");
  });

  it("finds imports of what is private to another folder", () => {
    assertStringIncludes(checkOne("tasks/a.ts", "loop/_b.ts"), "private to loop/");
    assertStringIncludes(checkOne("run.ts", "loop/_runtime/b.ts"), "private to loop/");
  });

  it("finds imports from outside", () => {
    assertStringIncludes(checkOne("run.ts", "npm:left-pad"), "has no dependencies");
    assertStringIncludes(checkOne("run.ts", "node:fs"), "has no dependencies");
    assertStringIncludes(checkOne("run.ts", "@std/assert"), "has no dependencies");
  });

  it("finds a part that it has no rules for", () => {
    assertStringIncludes(checkOne("attic/a.ts", "errors.ts"), "attic has no place in the house");
  });

  it("lets a wing import what is beneath it in its part", () => {
    assertEquals(
      check({
        "executors/mod.ts": "executors/_pool/worker_pool.ts executors/executor_base.ts",
        "executors/_pool/worker_pool.ts": "executors/executor_base.ts executors/_pool/calls.ts",
        "executors/_pool/calls.ts": "executors/_wire/protocol.ts errors.ts",
        "executors/_wire/clone.ts": "executors/errors.ts executors/_runtime/value_types.ts",
        "executors/_runtime/threads.ts": "executors/_wire/link.ts executors/_worker/outbox.ts",
      }),
      [],
    );
  });

  it("finds what runs against the grain between wings", () => {
    assertEquals(
      checkOne("executors/_wire/a.ts", "executors/_pool/b.ts"),
      "executors/_wire/a.ts:1 imports executors/_pool/b.ts: " +
        "of executors/, executors/_wire may only import errors, transfer, _runtime/value_types",
    );
    assertStringIncludes(
      checkOne("executors/_worker/a.ts", "executors/_pool/b.ts"),
      "executors/_worker may only import",
    );
    assertStringIncludes(
      checkOne("executors/_pool/a.ts", "executors/_runtime/threads.ts"),
      "executors/_pool may only import",
    );
    assertStringIncludes(
      checkOne("executors/_pool/a.ts", "executors/thread_pool_executor.ts"),
      "executors/_pool may only import",
    );
  });

  it("finds a circle through a wing as a whole", () => {
    assertEquals(
      check({
        "sync/queue.ts": "sync/_any/feed.ts",
        "sync/_any/items.ts": "sync/queue.ts",
        "sync/_any/feed.ts": "",
      }),
      ["sync/queue.ts imports itself: sync/queue.ts → sync/_any → sync/queue.ts"],
    );
    assertEquals(
      check({
        "loop/clock.ts": "loop/_runtime/timers.ts",
        "loop/_runtime/driver.ts": "loop/clock.ts",
      }),
      [],
    );
  });

  it("finds cycles, and shows the way around", () => {
    assertEquals(
      check({ "loop/a.ts": "loop/b.ts", "loop/b.ts": "loop/c.ts", "loop/c.ts": "loop/a.ts" }),
      [
        "loop/a.ts imports itself: loop/a.ts → loop/b.ts → loop/c.ts → loop/a.ts",
      ],
    );
    assertEquals(check({ "loop/a.ts": "loop/a.ts" }).length, 1);
  });
});
