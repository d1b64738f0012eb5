/**
 * Paths inside the project, whatever the working directory.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** The URL of a file of the project. */
export function fromRoot(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}

/** The path that a program is told for a `file:` URL. */
export function pathOf(url: URL): string {
  return fileURLToPath(url);
}

/**
 * The files in a folder of the project whose path passes, sorted, relative to its root;
 * with those of the folders inside it, unless `deep` is `false`.
 */
export async function filesUnder(
  folder: string,
  passes: (path: string) => boolean,
  deep = true,
): Promise<string[]> {
  const found: string[] = [];
  const entries = await Array.fromAsync(Deno.readDir(fromRoot(folder))).catch(() => []);
  for (const { name, isDirectory } of entries) {
    const path = folder === "." ? name : `${folder}/${name}`;
    if (isDirectory && deep) found.push(...await filesUnder(path, passes));
    else if (!isDirectory && passes(path)) found.push(path);
  }
  return found.sort();
}
