/**
 * `deno task check:imports`: which file may import which.
 *
 * - Imports run one way, as {@linkcode MAY_IMPORT} says, and never in a circle.
 *   An import of a type counts like any other.
 * - Nobody inside imports a `mod.ts`, except another `mod.ts`.
 * - What has a name with a `_` in front is private to its top-level folder.
 * - A folder inside of one of these is a wing. Seen from outside it is one thing, and no
 *   circle goes through that either, whichever of its files it is that import each other.
 *   Which wing may import what of its own part is said by {@linkcode WING_MAY_IMPORT}.
 *   (A `_runtime/` holds adapters beneath and above: each of its files is a thing of its own.)
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

const LEAVES = ["errors", "duration", "context", "deque"];

/** What each part of the house may import besides itself. A part is a folder or a file on top. */
const MAY_IMPORT: Record<string, string[] | "any"> = {
  errors: LEAVES,
  duration: LEAVES,
  context: LEAVES,
  deque: LEAVES,
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

/**
 * What a wing may import of the part that it is in, besides itself: files at the door, other
 * wings, and single files of those. A wing that isn't named here may import all.
 */
const WING_MAY_IMPORT: Record<string, string[]> = {
  "executors/_wire": ["errors", "transfer", "_runtime/value_types"],
  "executors/_worker": ["errors", "job", "transfer", "_wire"],
  "executors/_pool": [
    ...["errors", "executor", "executor_base", "concurrent_future", "pool_options", "stats"],
    ...["worker_module", "_wire", "_runtime/builtins"],
  ],
  "executors/_runtime": ["_wire", "_worker"],
  "sync/_mapping": ["lock", "_line", "_operation", "_streams"],
  "sync/_streams": ["_line"],
  "sync/_stores": [],
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
  const cycles = findCycles(graph);
  if (cycles.length === 0) cycles.push(...findCycles(graphOfThings(graph)));
  for (const cycle of cycles) {
    problems.push(`${cycle[0]} imports itself: ${cycle.join(" → ")}`);
  }
  return problems;
}

/** The same graph with each wing as one thing. */
function graphOfThings(graph: ImportGraph): ImportGraph {
  const things: ImportGraph = new Map();
  for (const [file, imports] of graph) {
    const from = thingOf(file);
    const known = things.get(from) ?? [];
    const others = imports.map(({ to, line }) => ({ to: thingOf(to), line }));
    things.set(from, [...known, ...others.filter(({ to }) => to !== from)]);
  }
  return things;
}

function thingOf(path: string): string {
  const wing = wingOf(path);
  return wing === undefined || wing.endsWith("/_runtime") ? path : wing;
}

/** The folder inside of a part that a file is in, such as `executors/_wire`. */
function wingOf(path: string): string | undefined {
  return /^[^/]+\/[^/]+(?=\/)/.exec(path)?.[0];
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
  if (fromPart === toPart) return checkWing(from, to);
  const isOfTop = to.startsWith("_") && !from.includes("/"); // private to the files on top
  if (isOfTop) return undefined;
  if (/(^|\/)_/.test(to)) return `what begins with '_' is private to ${toPart}/`;
  if (allowed !== "any" && !allowed.includes(toPart)) {
    return `${fromPart} may only import ${allowed.join(", ")}`;
  }
  return undefined;
}

/** Whether a file may import another of the same part. */
function checkWing(from: string, to: string): string | undefined {
  const wing = wingOf(from);
  const allowed = wing === undefined ? undefined : WING_MAY_IMPORT[wing];
  if (allowed === undefined || wing === wingOf(to)) return undefined;
  const inPart = to.slice(to.indexOf("/") + 1).replace(/\.ts$/, "");
  if (allowed.some((each) => inPart === each || inPart.startsWith(`${each}/`))) return undefined;
  return `of ${partOf(from)}/, ${wing} may only import ${allowed.join(", ")}`;
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
