import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import plugin from "../../_tools/lint_plugin.ts";

const ignore = !("Deno" in globalThis);

/** What the plugin says about a file: the offending piece of each problem. */
function lint(path: string, source: string): string[] {
  // `Deno.lint` is unstable, and only there in `deno test`.
  // deno-lint-ignore no-explicit-any
  const problems = (globalThis as any).Deno.lint.runPlugin(plugin, path, source);
  return problems.map(({ range }: { range: [number, number] }) => source.slice(...range));
}

describe("lint_plugin", { ignore }, () => {
  it("house/runtime-names finds the globals of a runtime, in types and spelled out, too", () => {
    assertEquals(lint("loop/a.ts", "const a = Deno.pid + process.pid;"), ["Deno", "process"]);
    assertEquals(lint("loop/a.ts", "type T = typeof Deno.pid;"), ["Deno"]);
    assertEquals(lint("loop/a.ts", "const a = globalThis.process;"), ["process"]);
    assertEquals(lint("loop/a.ts", "const a = { process };").includes("process"), true);
  });

  it("house/runtime-names finds modules of a runtime", () => {
    assertEquals(lint("loop/a.ts", `import "node:fs";`), [`"node:fs"`]);
    assertEquals(lint("loop/a.ts", `const a = await import("bun:test");`), [`"bun:test"`]);
  });

  it("house/runtime-names lets members and keys have any name", () => {
    assertEquals(lint("loop/a.ts", "const a = { process: 1 }; a.process;"), []);
    assertEquals(lint("loop/a.ts", "class A { process(): void {} }"), []);
  });

  it("house/runtime-names leaves _runtime/ files and files that don't ship alone", () => {
    assertEquals(lint("loop/_runtime/a.ts", "const a = Deno.pid;"), []);
    assertEquals(lint("tests/a_test.ts", "const a = Deno.pid;"), []);
  });

  it("house/mod-reexports finds code in a mod.ts", () => {
    assertEquals(
      lint(
        "loop/mod.ts",
        `export * from "./a.ts"; export { b } from "./b.ts"; export const c = 1;`,
      ),
      ["export const c = 1;"],
    );
    assertEquals(lint("loop/a.ts", "export const c = 1;"), []);
  });
});
