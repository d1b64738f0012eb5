/** Another revision of the project, beside this one. @module */

import { fromRoot, pathOf } from "../../_tools/paths.ts";
import { refuse } from "./options.ts";

/**
 * Calls `body` with the root of a worktree of `revision` in a temporary folder, which gets
 * the benches and the packages from here, and with the commit's name. It is removed in the end,
 * after Ctrl-C too.
 */
export async function withWorktree<T>(
  revision: string,
  body: (root: string, commit: string) => Promise<T>,
): Promise<T> {
  const commit = await git("log", "-1", "--format=%h %s", revision, "--")
    .catch((error: Error) => refuse(`Cannot compare with '${revision}': ${error.message}`));
  const folder = await Deno.makeTempDir({ prefix: "bench_against_" });
  const root = `${folder}/worktree`;
  const remove = async () => {
    await git("worktree", "remove", "--force", root).catch(() => {});
    await Deno.remove(folder, { recursive: true });
  };
  Deno.addSignalListener("SIGINT", () => void remove().finally(() => Deno.exit(130)));
  try {
    await git("worktree", "add", "--detach", "--quiet", root, commit.split(" ")[0]!);
    await Deno.remove(`${root}/bench`, { recursive: true }).catch(() => {});
    await copyFolder(pathOf(fromRoot("bench")), `${root}/bench`);
    await Deno.symlink(pathOf(fromRoot("node_modules")), `${root}/node_modules`, { type: "dir" });
    return await body(root, commit);
  } finally {
    await remove();
  }
}

async function git(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args,
    cwd: pathOf(fromRoot(".")),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  return new TextDecoder().decode(stdout).trim();
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
