import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readdir, readFile } from "node:fs/promises";
import { execute, type Mode, MODES, parseVectors } from "./execute.ts";
import { toAsync } from "./make_async.ts";

const HERE = new URL(".", import.meta.url);

/**
 * Traces that can't be CPython's in a mode, for a reason of the platform, told under
 * "Eager tasks" in ARCHITECTURE.md: an eager task is named, or a shield made, before the
 * first step of an eager native one that was made before it.
 */
const BEYOND_THE_PLATFORM: Partial<Record<Mode, string[]>> = {
  "async-noals": ["eager-s012", "eager-r008", "mix-r003"],
};

const files = (await readdir(new URL("vectors/", HERE))).sort();

for (const mode of MODES) {
  describe(`CPython's traces, mode ${mode}`, () => {
    for (const file of files) {
      it(`are met by all programs of ${file}`, async () => {
        const text = await readFile(new URL(`vectors/${file}`, HERE), "utf8");
        for (const vector of parseVectors(text, file)) {
          const trace = await execute(vector.program, mode);
          const isBeyond = BEYOND_THE_PLATFORM[mode]?.includes(vector.id) === true;
          if (!isBeyond) assertEquals(trace, vector.trace, `${vector.id} differs`);
        }
      });
    }
  });
}

describe("interpreter_async.ts", () => {
  it("is what make_async.ts makes of interpreter_generator.ts", async () => {
    const read = (name: string) => readFile(new URL(name, HERE), "utf8");
    const words = (text: string) => text.replaceAll(/[\s,()]+/g, "");
    const made = toAsync(await read("interpreter_generator.ts"));
    assertEquals(words(made), words(await read("interpreter_async.ts")));
  });
});
