/** Worker processes find what this program's own modules find: its configuration, packages and options. */

import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram, runtime } from "./_runtimes.ts";

const ours = new URL("../../executors/mod.ts", import.meta.url).href;

const FILES: Record<string, string> = {
  "package.json": JSON.stringify({ type: "module", imports: { "#inner": "./inner.js" } }),
  "inner.js": "export const inner = 'inner';",
  "node_modules/dependency/package.json": JSON.stringify({
    name: "dependency",
    version: "1.0.0",
    type: "module",
    exports: { special: "./special.js", default: "./default.js" },
  }),
  "node_modules/dependency/special.js": "export const which = 'special';",
  "node_modules/dependency/default.js": "export const which = 'default';",
  "mapped/target.js": "export const mapped = 'mapped';",
  "preload.js": "globalThis.preloaded = 'preloaded';",
  "inner_job.js": "import { inner } from '#inner'; export const job = () => inner;",
  "which_job.js": "import { which } from 'dependency'; export const job = () => which;",
  "mapped_job.js": "import { mapped } from 'mapped/target.js'; export const job = () => mapped;",
  "preloaded_job.js": "export const job = () => globalThis.preloaded ?? 'no';",
  "main.js": `
    import { ProcessPoolExecutor, ThreadPoolExecutor, workerModule } from ${JSON.stringify(ours)};
    const [kind, ...names] = process.argv.slice(2);
    await using pool = new (kind === "thread" ? ThreadPoolExecutor : ProcessPoolExecutor)({ maxWorkers: 1 });
    for (const name of names) {
      const { job } = workerModule(new URL("./" + name + "_job.js", import.meta.url));
      console.log(await pool.submit(job).then((value) => value, (error) => error.message));
    }
    console.log(await pool.submit(() => process.cwd()) === process.cwd());
  `,
};

describe("the job modules of a process pool", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "project-"));
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function outcome(
    names: string[],
    flags: string[] = [],
    cwd: string = folder,
    kind = "process",
  ): Promise<string[]> {
    const path = join(folder, "main.js");
    const { output } = await runProgram(path, [kind, ...names], { flags, cwd });
    return output.trim().split("\n");
  }

  it("find the program's packages, in whatever folder it was started", async () => {
    for (const cwd of [folder, "/"]) {
      assertEquals(await outcome(["inner", "which"], [], cwd), ["inner", "default", "true"]);
    }
  });

  it("find Deno's import map too", { ignore: runtime !== "deno" }, async () => {
    writeFileSync(
      join(folder, "deno.json"),
      JSON.stringify({ imports: { "mapped/": "./mapped/" } }),
    );
    try {
      for (const cwd of [folder, "/"]) {
        const found = await outcome(["mapped", "inner", "which"], [], cwd);
        assertEquals(found, ["mapped", "inner", "default", "true"]);
      }
    } finally {
      rmSync(join(folder, "deno.json"));
    }
    const map = join(folder, "map.json");
    writeFileSync(map, JSON.stringify({ imports: { "mapped/": "./mapped/" } }));
    assertEquals(await outcome(["mapped"], [`--import-map=${map}`]), ["mapped", "true"]);
  });

  it("run under the options that this program was started with", async () => {
    const preload = runtime === "node" ? "--import" : "--preload";
    const flags = ["--conditions=special", preload, join(folder, "preload.js")];
    assertEquals(await outcome(["which", "preloaded"], flags), ["special", "preloaded", "true"]);
    // Threads see the same, where the runtime loads such modules into threads.
    const threads = await outcome(["which", "preloaded"], flags, folder, "thread");
    assertEquals(threads, ["special", runtime === "node" ? "preloaded" : "no", "true"]);
  });

  it(
    "don't see what only concerns the program itself",
    { ignore: runtime === "deno" },
    async () => {
      const pool = new URL("../../executors/mod.ts", import.meta.url).href;
      const program = `import { ProcessPoolExecutor } from ${JSON.stringify(pool)};
      await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
      console.log(JSON.stringify(await pool.submit(() => process.execArgv)));`;
      const path = join(folder, "own.js");
      writeFileSync(path, program);
      const { output } = await runProgram(path, [], { flags: ["--conditions=special"] });
      assertEquals(output.trim(), '["--conditions=special"]');
    },
  );
});
