import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { linesOf } from "./_guide.ts";

describe("The guide's pool example", () => {
  it("run_in_executor uses the default executor, threads and processes", async () => {
    assertEquals(await linesOf("run_in_executor"), [
      "default thread pool 100 bytes",
      "custom thread pool 100 bytes",
      "custom process pool 333333283333335000000",
    ]);
  });

  it("submit gives the result as it is completed", async () => {
    assertEquals(await linesOf("submit"), [
      "program started",
      "arguments: a,b,c",
      "slow operation complete",
      "got the result from slowOp: 123",
      "program complete",
    ]);
  });

  it("shutdown waits for the work, or leaves it to itself", async () => {
    assertEquals(await linesOf("shutdown"), [
      "program started",
      "done: true, cancelled: false",
      "got the result from slowOp: 100000",
      "without wait, done: false",
      "InvalidStateError",
      "awaited: 100000",
      "program complete",
    ]);
  });

  it("wrap_future waits for both with gather", async () => {
    const lines = await linesOf("wrap_future");
    assertEquals(lines[0], "waiting app");
    const ids = lines.slice(1, 3).map((line) => /^waiting result: (\d+)$/.exec(line)![1]);
    assertMatch(lines.slice(3).join(" "), new RegExp(`result: ${ids[0]}.*result: ${ids[1]}`));
  });
});
