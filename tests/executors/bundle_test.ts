import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram, runtime } from "./_runtimes.ts";

declare const Bun: {
  build(options: Record<string, unknown>): Promise<{ success: boolean }>;
};

describe("A bundler's output", () => {
  it("has its pools work, minified", { ignore: runtime !== "bun" }, async () => {
    const path = (name: string): string =>
      fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
    const outdir = mkdtempSync(join(tmpdir(), "bundle-"));
    try {
      const entrypoints = [path("bundled.ts"), path("bundled_jobs.ts")];
      const built = await Bun.build({ entrypoints, outdir, target: "node", minify: true });
      assertEquals(built.success, true);
      const { code, output } = await runProgram(join(outdir, "bundled.js"));
      assertEquals([code, output.trim()], [0, "42 2\n42 2"]);
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });
});
