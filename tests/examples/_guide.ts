/** Running the guide's examples. @module */

import { assertEquals } from "@std/assert";
import { runFile } from "../run/_program.ts";

/** Runs an example of the guide; gives the lines that it printed. */
export async function linesOf(example: string): Promise<string[]> {
  const { code, stdout, stderr } = await runFile(`examples/guide/${example}.ts`);
  assertEquals([code, stderr], [0, ""]);
  return stdout.trimEnd().split("\n");
}
