/** What a program on Deno may not makes its process pool fail with the reason, and never end it. */

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { runProgram, runtime } from "./_runtimes.ts";

const path = fileURLToPath(new URL("./programs/restricted.ts", import.meta.url));

/** Runs jobs in a program that has these options, and gives what it printed, line by line. */
async function outcomes(...permissions: string[]): Promise<Record<string, string>> {
  const { code, output } = await runProgram(path, [], { permissions });
  assertEquals(code, 0, output);
  const lines = output.split("\n").map((line) => /^(\w+): (.*)/.exec(line));
  return Object.fromEntries(lines.flatMap((match) => match === null ? [] : [match.slice(1)]));
}

describe(
  "a process pool of a program with some permissions",
  { ignore: runtime !== "deno" },
  () => {
    const all = ["--allow-run", "--allow-env", "--allow-read"];

    it("works with those that it needs", async () => {
      const { sum, module } = await outcomes(...all);
      assertEquals([sum, module], ["3", "3"]);
    });

    it("takes of the environment what may be read", async () => {
      const { sum, module, home, path } = await outcomes(
        ...[`--allow-run=${process.execPath}`, "--allow-read", "--allow-env=HOME,NODE_V8_COVERAGE"],
      );
      assertEquals([sum, module, home], ["3", "3", "same"]);
      assert(path!.includes("--allow-env"), path);
    });

    it("without --allow-env, with a part of it, or without --allow-run says so", async () => {
      for (
        const [flag, given] of [
          ["--allow-env", ["--allow-run", "--allow-read"]],
          ["--allow-env", ["--allow-run", "--allow-read", "--allow-env=FOO"]],
          ["--allow-run", ["--allow-env", "--allow-read"]],
          ["--allow-run", ["-A", "--deny-run"]],
          ["--allow-", ["--deny-ffi"]],
        ] as const
      ) {
        const { sum } = await outcomes(...given);
        assert(sum!.startsWith("BrokenProcessPool") && sum!.includes(flag), `${given}: ${sum}`);
      }
    });

    it("without --allow-read of a job's module says so", async () => {
      const { sum, module } = await outcomes("--allow-run", "--allow-env");
      assertEquals(sum, "3");
      assert(module!.includes("--allow-read"), module);
    });

    it("gives its workers no more than it has", async () => {
      for (
        const given of [
          [`--allow-run=${process.execPath}`, "--allow-env=NODE_V8_COVERAGE"],
          ["-A", "--deny-env=HOME", "--deny-net"],
          ["-A", "--deny-read=/etc"],
        ]
      ) {
        const { more } = await outcomes(...given);
        assertEquals(more, "", String(given));
      }
    });
  },
);
