import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runFile } from "../run/_program.ts";

/** The numbers in the line of the report that begins with `what`. */
function figures(report: string, what: string): number[] {
  const line = report.split("\n").find((line) => line.trim().startsWith(what)) ?? "";
  return (line.match(/\d+/g) ?? []).map(Number);
}

describe("The demo", () => {
  it("crawls all pages, and aborts on the server what timed out", async () => {
    const started = performance.now();
    const { code, stdout, stderr } = await runFile("examples/demo.ts");
    assertLess(performance.now() - started, 15_000);
    assertEquals([code, stderr], [0, ""]);
    assert(stdout.includes("Done after"), stdout);

    const [read, givenUp] = figures(stdout, "pages") as [number, number];
    assertEquals(read + givenUp, 300);
    assertGreaterOrEqual(givenUp, 6);
    const [requests, retries] = figures(stdout, "requests") as [number, number];
    assertEquals(requests - retries, 300);
    const [timeouts] = figures(stdout, "timed out") as [number];
    assertGreaterOrEqual(timeouts, 25);
    const [arrived, aborted, open] = figures(stdout, "server side") as [number, number, number];
    // On a busy machine, a request may time out before it arrives, or when it is answered.
    assertGreaterOrEqual(requests, arrived);
    assertGreaterOrEqual(timeouts, aborted);
    assertGreaterOrEqual(aborted, 25);
    assertEquals(open, 0);
    assertEquals(figures(stdout, "concurrency"), [16]);
  });

  it("cleans up at Ctrl-C, and ends as SIGINT ends a program", async () => {
    const { code, signal, stdout } = await runFile("examples/demo.ts", {
      onLine: (line, kill) => /^ +\d\.\d s: /.test(line) && kill("SIGINT"),
    });
    assert(signal === "SIGINT" || code === 130, `code ${code}, signal ${signal}`);
    assert(stdout.includes("Interrupted after"), stdout);
    assertEquals(figures(stdout, "server side").at(-1), 0);
  });
});
