/**
 * What package.json pins: the runtimes that the tests run on, the peers that the
 * benches measure against, and the links through which Bun and Node find the
 * modules that deno.json maps.
 *
 * No install script of a package is run: a runtime is started from the package
 * that holds it for this platform.
 *
 * @module
 */

import { fromRoot, pathOf } from "./paths.ts";

/** A runtime that the tests can run on. */
export type RuntimeName = "deno" | "bun" | "node";

/** Where a runtime is and which version it has, or why there is none. */
export type Runtime = { command: string; version: string } | { missing: string };

interface Manifest {
  engines: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
}

const STAMP = "node_modules/.installed";

/**
 * Runs `npm ci` if node_modules isn't what package-lock.json says.
 *
 * @returns Why it couldn't, or `undefined`.
 */
export async function install(): Promise<string | undefined> {
  const wanted = await Deno.readTextFile(fromRoot("package-lock.json"));
  const there = await Deno.readTextFile(fromRoot(STAMP)).catch(() => undefined);
  if (there === wanted) return undefined;

  console.log("Installing what package.json pins (npm ci)");
  const npm = new Deno.Command(Deno.build.os === "windows" ? "npm.cmd" : "npm", {
    args: ["ci", "--no-audit", "--no-fund", "--loglevel=error"],
    cwd: pathOf(fromRoot(".")),
  });
  try {
    const { success, stdout, stderr } = await npm.output();
    if (!success) {
      return `npm ci failed: ${
        new TextDecoder().decode(stderr) || new TextDecoder().decode(stdout)
      }`;
    }
  } catch (error) {
    return `npm ci could not be started: ${(error as Error).message}`;
  }
  await Deno.writeTextFile(fromRoot(STAMP), wanted);
  return undefined;
}

/** What of deno.json has to stand elsewhere again. */
const COPIED: Record<string, string[]> = {
  // Through it, Bun and Node resolve the module's own name.
  "package.json": ["exports"],
  "deno.jsr.json": ["name", "version", "exports", "test", "compilerOptions"],
};

/**
 * Copies from deno.json what has to stand elsewhere again.
 *
 * @returns The files that had to be changed.
 */
export async function copyConfig(): Promise<string[]> {
  const source = JSON.parse(await Deno.readTextFile(fromRoot("deno.json")));
  const changed: string[] = [];
  for (const [file, fields] of Object.entries(COPIED)) {
    const before = await Deno.readTextFile(fromRoot(file));
    const content = JSON.parse(before);
    for (const field of fields) content[field] = source[field];
    if (JSON.stringify(content) === JSON.stringify(JSON.parse(before))) continue;
    await Deno.writeTextFile(fromRoot(file), JSON.stringify(content, null, 2) + "\n");
    changed.push(file);
  }
  return changed;
}

/** Finds the runtimes: Bun and Node in the versions that package.json pins, and this very Deno. */
export async function findRuntimes(): Promise<Record<RuntimeName, Runtime>> {
  const manifest: Manifest = JSON.parse(await Deno.readTextFile(fromRoot("package.json")));
  const os = { windows: "win", darwin: "darwin" }[Deno.build.os as string] ?? "linux";
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const node = `node-${os}-${arch}`;
  const nodePinned = manifest.optionalDependencies[node];

  const deno = Deno.version.deno;
  if (deno !== manifest.engines["deno"]) {
    console.warn(`This is Deno ${deno}; the project is kept to ${manifest.engines["deno"]}`);
  }
  return {
    deno: { command: Deno.execPath(), version: deno },
    bun: await firstThatRuns(manifest.devDependencies["bun"], await candidates("@oven", "bin/bun")),
    // Some platforms have no package of it: there, any Node that is new enough will do.
    node: nodePinned !== undefined
      ? await firstThatRuns(nodePinned, [`node_modules/${node}/bin/node`])
      : await firstThatRuns(undefined, ["node"]),
  };
}

/** The paths at which a scope's packages, one for each platform, may hold their program. */
async function candidates(scope: string, program: string): Promise<string[]> {
  try {
    const packages = await Array.fromAsync(Deno.readDir(fromRoot(`node_modules/${scope}`)));
    return packages.map(({ name }) => `node_modules/${scope}/${name}/${program}`);
  } catch {
    return [];
  }
}

async function firstThatRuns(wanted: string | undefined, paths: string[]): Promise<Runtime> {
  let missing = wanted === undefined ? "not found" : `${wanted} is not installed`;
  for (const path of paths) {
    const exe = path.includes("/") && Deno.build.os === "windows" ? `${path}.exe` : path;
    const command = path.includes("/") ? pathOf(fromRoot(exe)) : exe;
    try {
      const { stdout } = await new Deno.Command(command, { args: ["--version"] }).output();
      const version = /\d+\.\d+\.\d+/.exec(new TextDecoder().decode(stdout))?.[0] ?? "none";
      if (wanted === undefined ? Number.parseInt(version) >= 22 : version === wanted) {
        return { command, version };
      }
      missing = `${command} has version ${version}, not ${wanted ?? "22 or newer"}`;
    } catch (error) {
      missing = (error as Error).message;
    }
  }
  return { missing };
}
