/**
 * `deno task check:imports`: which file may import which.
 *
 * - Imports run one way, as {@linkcode MAY_IMPORT} says, and never in a circle.
 *   An import of a type counts like any other.
 * - Nobody inside imports a `mod.ts`, except another `mod.ts`.
 * - What has a name with a `_` in front is private to its top-level folder.
 * - Nothing is imported from outside; `node:` modules from `_runtime/` files only.
 *
 * Only what ships is looked at: what `publish.include` in deno.json names.
 * Long files are reported, too, and are no error.
 *
 * @module
 */

import { filesUnder, fromRoot, pathOf } from "./paths.ts";

/** An import: what is imported, and the line that does it. */
export interface Import {
  /** A path inside the project, or a specifier of something outside. */
  to: string;
  /** Counted from 1. */
  line: number;
}

/** The imports of each file. */
export type ImportGraph = Map<string, Import[]>;

const LEAVES = ["errors", "duration", "context"];

/** What each part of the house may import besides itself. A part is a folder or a file on top. */
const MAY_IMPORT: Record<string, string[] | "any"> = {
  errors: LEAVES,
  duration: LEAVES,
  context: LEAVES,
  loop: LEAVES,
  tasks: [...LEAVES, "loop"],
  sync: [...LEAVES, "loop", "tasks"],
  executors: LEAVES,
  _runtime: [...LEAVES, "loop"],
  bridge: [...LEAVES, "loop", "tasks", "sync", "executors"],
  run: [...LEAVES, "loop", "tasks", "sync", "executors", "bridge"],
  mod: "any",
  testing: "any",
  trace: "any",
  repl: "any",
};

const LONG = 500;

/** Tells what in a graph is against the rules, a line for each. */
export function checkImports(graph: ImportGraph): string[] {
  const problems: string[] = [];
  for (const [from, imports] of graph) {
    for (const { to, line } of imports) {
      const problem = checkImport(from, to);
      if (problem !== undefined) problems.push(`${from}:${line} imports ${to}: ${problem}`);
    }
  }
  for (const cycle of findCycles(graph)) {
    problems.push(`${cycle[0]} imports itself: ${cycle.join(" → ")}`);
  }
  return problems;
}

function checkImport(from: string, to: string): string | undefined {
  if (!to.endsWith(".ts") || to.includes(":") || to.startsWith("@")) {
    const ofRuntime = to.startsWith("node:") && from.includes("_runtime/");
    return ofRuntime ? undefined : "the module has no dependencies";
  }
  const [fromPart, toPart] = [partOf(from), partOf(to)];
  const allowed = MAY_IMPORT[fromPart];
  if (allowed === undefined) {
    return `${fromPart} has no place in the house yet (MAY_IMPORT in _tools/import_rules.ts)`;
  }
  if (isMod(to) && !isMod(from)) {
    return "a mod.ts is for users; import the file that has the symbol";
  }
  if (fromPart === toPart) return undefined;
  const isOfTop = to.startsWith("_") && !from.includes("/"); // private to the files on top
  if (isOfTop) return undefined;
  if (/(^|\/)_/.test(to)) return `what begins with '_' is private to ${toPart}/`;
  if (allowed !== "any" && !allowed.includes(toPart)) {
    return `${fromPart} may only import ${allowed.join(", ")}`;
  }
  return undefined;
}

function isMod(path: string): boolean {
  return path === "mod.ts" || path.endsWith("/mod.ts");
}

function partOf(path: string): string {
  return path.split("/")[0]!.replace(/\.ts$/, "");
}

/** Finds a cycle through each file that closes one, by a walk that goes deep first. */
function findCycles(graph: ImportGraph): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file]);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const { to } of graph.get(file) ?? []) visit(to);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}

/** The files of the project that users get. */
export async function shippedFiles(): Promise<string[]> {
  const config = JSON.parse(await Deno.readTextFile(fromRoot("deno.json")));
  const folders = (config.publish.include as string[]).filter((name) => name.endsWith("/"));
  const isSource = (path: string) => path.endsWith(".ts");
  const onTop = await filesUnder(".", (path) => isSource(path) && !path.includes("/"), false);
  const inside = await Promise.all(folders.map((name) => filesUnder(name.slice(0, -1), isSource)));
  return [...onTop, ...inside.flat()];
}

interface Dependency {
  code?: Resolved;
  type?: Resolved;
}

interface Resolved {
  specifier?: string;
  span?: { start: { line: number } };
  error?: string;
}

/** Reads the imports of files, as Deno's own parser sees them. */
export async function readGraph(files: string[]): Promise<ImportGraph> {
  // `deno info` takes one file, so it is given one that imports them all.
  const all = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(all, files.map((file) => `import "${fromRoot(file)}";\n`).join(""));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", all],
    cwd: pathOf(fromRoot("")),
  }).output();
  await Deno.remove(all);
  if (!success) throw new Error(new TextDecoder().decode(stderr));

  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string; dependencies?: Dependency[] }[];
  };
  const root = fromRoot("").href;
  const relative = (url: string) => url.startsWith(root) ? url.slice(root.length) : url;
  const graph: ImportGraph = new Map();
  for (const { specifier, dependencies = [] } of modules) {
    const from = relative(specifier);
    if (!files.includes(from)) continue;
    const imports = dependencies.map(({ code, type }) => code ?? type!);
    graph.set(
      from,
      imports.map(({ specifier, error, span }) => ({
        to: specifier === undefined ? error ?? "nothing" : relative(specifier),
        line: (span?.start.line ?? 0) + 1,
      })),
    );
  }
  return graph;
}

if (import.meta.main) {
  const files = await shippedFiles();
  const problems = checkImports(await readGraph(files));
  for (const file of files) {
    const lines = (await Deno.readTextFile(fromRoot(file))).split("\n").length - 1;
    if (lines > LONG) console.warn(`${file} is long: ${lines} lines (a warning, no error)`);
  }
  for (const problem of problems) console.error(problem);
  console.log(`${files.length} files, ${problems.length} imports against the rules`);
  Deno.exit(problems.length > 0 ? 1 : 0);
}
