/** Finds the Pythons to measure against. @module */

import { fromRoot, pathOf } from "../../_tools/paths.ts";
import type { Runtime } from "../../_tools/install.ts";

const SCRIPT = pathOf(fromRoot("bench/_harness/python.py"));

/** The Python whose asyncio is the model. */
const MODEL = "3.13";

/** How each tells its version. */
export const PYTHONS = {
  /** CPython's event loop, */
  asyncio: `CPython ${MODEL}.`,
  /** another one, */
  uvloop: "uvloop ",
  /** and no loop at all. */
  cpython: `CPython ${MODEL}.`,
};

/** A peer that is Python. */
export type PythonName = keyof typeof PYTHONS;

/** Finds CPython 3.13, and any Python that has uvloop; both can run `python.py`. */
export async function findPythons(peers: PythonName[]): Promise<Record<string, Runtime>> {
  const pythons = peers.length > 0 ? await candidates() : [];
  const found = peers.map(async (peer) =>
    [peer, await firstThatSays(PYTHONS[peer], peer, pythons)] as const
  );
  return Object.fromEntries(await Promise.all(found));
}

async function firstThatSays(start: string, peer: string, pythons: string[]): Promise<Runtime> {
  for (const command of pythons) {
    const version = await output(command, [SCRIPT, "--version", peer]);
    if (version?.startsWith(start)) return { command, version };
  }
  return { missing: peer === "uvloop" ? "no Python has it" : `no CPython ${MODEL}` };
}

/** All of that name on the PATH, and what pyenv has: its shims only run what it was told to use. */
async function candidates(): Promise<string[]> {
  const folders = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
  const found = [`python${MODEL}`, "python3"].flatMap((name) =>
    folders.map((folder) => `${folder}/${name}`)
  );
  const root = Deno.env.get("PYENV_ROOT") ?? await output("pyenv", ["root"]);
  if (root !== undefined) {
    const versions = await Array.fromAsync(Deno.readDir(`${root}/versions`)).catch(() => []);
    for (const { name } of versions) {
      if (name.startsWith(MODEL)) found.unshift(`${root}/versions/${name}/bin/python${MODEL}`);
    }
  }
  return found;
}

async function output(command: string, args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(command, { args, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}
