/**
 * `deno task check:names`: whether each entry point exports what
 * `_tools/public_names.txt` says: every name, and the public members of every class and
 * interface. So none is lost, or gained, without being seen. With `--write` it writes the list.
 *
 * @module
 */

import { fromRoot, pathOf } from "./paths.ts";

const LIST = "_tools/public_names.txt";

interface Member {
  name: string;
  accessibility?: string;
  jsDoc?: { tags?: { kind: string }[] };
}

interface Declaration {
  kind: string;
  jsDoc?: { tags?: { kind: string }[] };
  def?: { methods?: Member[]; properties?: Member[] };
}

/** What `deno doc --json` says of a file, as far as it matters here. */
export interface Documented {
  symbols: { name: string; declarations: Declaration[] }[];
}

/** The names that an entry point exports: `Lock class`, `Lock.locked`, …, in order. */
export function namesOf({ symbols }: Documented): string[] {
  const names = new Set<string>();
  for (const { name, declarations } of symbols) {
    for (const { kind, def, jsDoc } of declarations) {
      if (kind === "import" || isInternal({ name, ...jsDoc && { jsDoc } })) continue;
      names.add(`${name} ${kind}`);
      for (const member of [...def?.methods ?? [], ...def?.properties ?? []]) {
        if (!isInternal(member)) names.add(`${name}.${member.name}`);
      }
    }
  }
  return [...names].sort();
}

/** Not for users, whatever it is. */
function isInternal({ name, accessibility, jsDoc }: Member): boolean {
  return name.startsWith("_") || accessibility === "private" || accessibility === "protected" ||
    jsDoc?.tags?.some((tag) => tag.kind === "internal") === true;
}

/** What is in one list and not in the other, a line for each. */
export function compareNames(listed: string[], found: string[]): string[] {
  return [
    ...listed.filter((name) => !found.includes(name)).map((name) => `lost: ${name}`),
    ...found.filter((name) => !listed.includes(name)).map((name) => `new: ${name}`),
  ];
}

async function readNames(): Promise<string[]> {
  const config = JSON.parse(await Deno.readTextFile(fromRoot("deno.json")));
  const entries = Object.entries(config.exports as Record<string, string>);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...entries.map(([, path]) => path)],
    cwd: pathOf(fromRoot("")),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
    nodes: Record<string, Documented>;
  };
  return entries.flatMap(([entry, path]) =>
    namesOf(nodes[fromRoot(path).href]!).map((name) => `${entry} ${name}`)
  );
}

if (import.meta.main) {
  const found = await readNames();
  if (Deno.args.includes("--write")) {
    await Deno.writeTextFile(fromRoot(LIST), found.join("\n") + "\n");
  } else {
    const listed = (await Deno.readTextFile(fromRoot(LIST))).trimEnd().split("\n");
    const problems = compareNames(listed, found);
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) {
      console.error(`If that is meant: deno task check:names --write, and a line in CHANGELOG.md`);
    }
    console.log(`${found.length} public names`);
    Deno.exit(problems.length > 0 ? 1 : 0);
  }
}
