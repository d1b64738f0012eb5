import { assertEquals, assertLessOrEqual, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFileSync } from "node:fs";
import { ROOT, runText } from "../run/_program.ts";

const readme = readFileSync(`${ROOT}README.md`, "utf8");
const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);

/** What the comments behind `console.log(…)` say that is printed. */
function promised(code: string): string[] {
  return [...code.matchAll(/^console\.log\(.*?\); \/\/ (\[.*?\])/gm)].map(([, shown]) => shown!);
}

describe("README.md", () => {
  it("has examples, and stays short", () => {
    assertNotEquals(examples, []);
    assertLessOrEqual(readme.split("\n").length, 200);
  });

  examples.forEach((code, i) => {
    it(`example ${i + 1} runs, and prints what it says`, async () => {
      const { code: exitCode, stdout, stderr } = await runText(code);
      assertEquals([exitCode, stderr], [0, ""]);
      const last = stdout.trimEnd().split("\n").at(-1)!.replaceAll("'", '"');
      assertEquals([last], promised(code));
    });
  });

  it("names tasks that there are", () => {
    const { tasks } = JSON.parse(readFileSync(`${ROOT}deno.json`, "utf8"));
    const named = [...readme.matchAll(/(?:deno|deno@[\d.]+) task ([\w:]+)/g)].map(([, name]) =>
      name!
    );
    assertEquals(named.filter((name) => !(name in tasks)), []);
  });
});
