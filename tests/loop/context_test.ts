import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  Context,
  ContextVar,
  copyContext,
  createTask,
  Future,
  gather,
  getRunningLoop,
  RuntimeError,
  sleep,
  Token,
} from "@aio/asyncio";
import { describe, it } from "@std/testing/bdd";
import { inBothKinds, runVirtual } from "../tasks/_kinds.ts";

const variable = new ContextVar<string>("variable", { default: "default" });

describe("ContextVar", () => {
  inBothKinds("has a value of its own in each task", async (coro) => {
    const work = coro(function* (value: string) {
      const before = variable.get();
      variable.set(value);
      yield sleep(1);
      const inner = coro(function* () {
        yield sleep(0);
        return variable.get();
      });
      return [before, variable.get(), yield inner()];
    });
    const main = coro(function* () {
      variable.set("main");
      const results = yield gather([() => work("a"), () => work("b")]);
      assertEquals(variable.get(), "main");
      return results;
    });
    assertEquals(await runVirtual(main), [["main", "a", "a"], ["main", "b", "b"]]);
    assertEquals(variable.get(), "default");
  });

  inBothKinds("keeps what a task's callbacks saw when they were registered", async (coro) => {
    const seen: string[] = [];
    await runVirtual(coro(function* () {
      const future = new Future<void>();
      variable.set("at registration");
      future.addDoneCallback(() => seen.push(variable.get()));
      getRunningLoop().callSoon(() => seen.push(variable.get()));
      variable.set("later");
      future.setResult();
      yield sleep(0);
    }));
    assertEquals(seen, ["at registration", "at registration"]);
  });

  inBothKinds("sees the context that a task is given", async (coro) => {
    const context = copyContext();
    await runVirtual(coro(function* () {
      const task = createTask(
        coro(function* () {
          variable.set("in there");
          yield sleep(0);
        }),
        { context },
      );
      assertStrictEquals(task.getContext(), context);
      yield task;
      assertEquals(variable.get(), "default");
    }));
    assertEquals(context.get(variable), "in there");
  });

  it("follows native code across foreign awaits", async () => {
    await runVirtual(async () => {
      variable.set("mine");
      await new Promise((resolve) => setTimeout(resolve, 1));
      assertEquals(variable.get(), "mine");
    });
  });

  it("gives the fallback, else its default, else an error", () => {
    const bare = new ContextVar<number>("bare");
    assertEquals(bare.get(5), 5);
    assertEquals(variable.get("fallback"), "fallback");
    assertThrows(
      () => bare.get(),
      RuntimeError,
      "Cannot get ContextVar 'bare': it has no value in this context and no default",
    );
    const nothing = new ContextVar<undefined>("nothing", { default: undefined });
    assertEquals(nothing.get(), undefined);
  });

  it("reset() restores what was before, once, and in its own context", () => {
    copyContext().run(() => {
      const first = variable.set("first");
      assertEquals(first instanceof Token, true);
      assertEquals([first.variable, first.oldValue], [variable, undefined]);
      const second = variable.set("second");
      assertEquals(second.oldValue, "first");
      variable.reset(second);
      assertEquals(variable.get(), "first");
      assertThrows(() => variable.reset(second), RuntimeError, "the token was used before");
      assertThrows(
        () => new ContextVar<string>("other").reset(first),
        RangeError,
        "of another variable or context",
      );
      copyContext().run(() =>
        assertThrows(() => variable.reset(first), RangeError, "of another variable or context")
      );
      variable.reset(first);
      assertEquals(variable.get(), "default");
    });
  });
});

describe("Context", () => {
  it("run() calls with arguments, gives the result, and keeps what is set", () => {
    const context = new Context();
    assertEquals(
      context.run(
        (a: number, b: number) => {
          variable.set("inside");
          return a + b;
        },
        1,
        2,
      ),
      3,
    );
    assertEquals([variable.get(), context.get(variable)], ["default", "inside"]);
    assertEquals(context.has(variable as ContextVar<unknown>), true);
    assertThrows(() => {
      context.run(() => {
        throw new RangeError("through");
      });
    }, RangeError);
    assertEquals(variable.get(), "default");
  });

  it("copy() changes on its own from then on", () => {
    const context = new Context();
    context.run(() => variable.set("a"));
    const copy = context.copy();
    copy.run(() => variable.set("b"));
    assertEquals([context.get(variable), copy.get(variable)], ["a", "b"]);
  });

  it("copyContext() inside of a task copies that task's", async () => {
    await runVirtual(async () => {
      variable.set("task's");
      const copy = copyContext();
      variable.set("changed");
      assertEquals(copy.get(variable), "task's");
      await sleep(0);
    });
  });
});
