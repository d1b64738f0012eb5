/** What is measured, by name and version. @module */

import type { Runtime } from "../../_tools/install.ts";
import { fromRoot } from "../../_tools/paths.ts";
import { describeMachine } from "./process.ts";

/** A library that the runtimes import. */
export async function findLibrary(name: string): Promise<Runtime> {
  const manifest = fromRoot(`node_modules/${name}/package.json`);
  try {
    return { command: name, version: JSON.parse(await Deno.readTextFile(manifest)).version };
  } catch {
    return { missing: "not installed" };
  }
}

/** The package of a peer, whose file is called like it as far as that goes. */
export function packageOf(peer: string): string {
  return peer.replaceAll("_", "-");
}

/** Several, by name. */
export async function findLibraries(names: string[]): Promise<Record<string, Runtime>> {
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await findLibrary(name)])),
  );
}

/** Prints the versions of all, and the machine. */
export function printVersions(found: Record<string, Runtime>): void {
  const words = Object.entries(found).map(([name, runtime]) =>
    "missing" in runtime
      ? `${name}: skipped, ${runtime.missing}`
      : /^\d/.test(runtime.version)
      ? `${name} ${runtime.version}`
      : runtime.version
  );
  console.log(`${words.join(" · ")}\n${describeMachine()}\n`);
}
