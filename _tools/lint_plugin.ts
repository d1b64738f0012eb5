/**
 * House rules that `deno lint` holds, in the editor too. Those about which file may
 * import which are in import_rules.ts, as they need to see all files at once.
 *
 * @module
 */

import { fromRoot, pathOf } from "./paths.ts";

/** A node of the syntax tree. (Deno's own types for it are unstable, so no check knows them.) */
interface AstNode {
  type: string;
  parent: AstNode;
  // deno-lint-ignore no-explicit-any
  [field: string]: any;
}

interface RuleContext {
  filename: string;
  report(problem: { node: AstNode; message: string; hint: string }): void;
}

interface Rule {
  create(context: RuleContext): Record<string, (node: AstNode) => void>;
}

const NOT_SHIPPED = /^(_tools|tests|bench|examples|conformance|node_modules)\//;

/** A file's path inside the project, if it is one that users get. */
function shippedPath(filename: string): string | undefined {
  const root = pathOf(fromRoot(""));
  const path = (filename.startsWith(root) ? filename.slice(root.length) : filename)
    .replaceAll("\\", "/");
  return NOT_SHIPPED.test(path) ? undefined : path;
}

const RUNTIME_GLOBALS = new Set(["Deno", "Bun", "process", "Buffer", "require"]);

/** Only files under a `_runtime/` folder name a runtime, so that all others run anywhere. */
const runtimeNames: Rule = {
  create(context) {
    const path = shippedPath(context.filename);
    if (path === undefined || path.includes("_runtime/")) return {};
    const report = (node: AstNode, name: string) =>
      context.report({
        node,
        message: `'${name}' belongs to some runtimes only`,
        hint: "Put what needs it into a file under a _runtime/ folder",
      });
    return {
      Identifier(node) {
        if (RUNTIME_GLOBALS.has(node["name"]) && !isJustAKey(node)) report(node, node["name"]);
      },
      Literal(node) {
        if (typeof node["value"] === "string" && /^(node|bun|deno):\w/.test(node["value"])) {
          report(node, node["value"]);
        }
      },
    };
  },
};

/** Whether an identifier only names a property or a member, as in `task.process`. */
function isJustAKey(node: AstNode): boolean {
  const { parent } = node;
  if (parent.type === "MemberExpression" && parent["property"] === node && !parent["computed"]) {
    // `globalThis.process` is the global, however it is spelled.
    return parent["object"].name !== "globalThis";
  }
  return parent["key"] === node && !parent["computed"] && !parent["shorthand"];
}

/** A `mod.ts` is a list of what its folder offers; code in it has no name to be found by. */
const modReexports: Rule = {
  create(context) {
    const path = shippedPath(context.filename);
    if (path === undefined || !/(^|\/)mod\.ts$/.test(path)) return {};
    return {
      Program(program) {
        for (const node of program.body) {
          const isReexport = node.type === "ExportAllDeclaration" ||
            node.type === "ExportNamedDeclaration" && node.source !== null;
          if (isReexport) continue;
          context.report({
            node,
            message: "A mod.ts only re-exports",
            hint: "Move this to a file that is named after it, and re-export it from there",
          });
        }
      },
    };
  },
};

const plugin: { name: string; rules: Record<string, Rule> } = {
  name: "house",
  rules: { "runtime-names": runtimeNames, "mod-reexports": modReexports },
};

export default plugin;
