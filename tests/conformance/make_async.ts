/**
 * Makes `interpreter_async.ts`: the generator interpreter, written with native async
 * functions. Run it after a change of `interpreter_generator.ts`:
 *
 *     deno run -A tests/conformance/make_async.ts
 *
 * @module
 */

/** Rewrites a module of generator functions as one of async functions. */
export function toAsync(source: string): string {
  return source
    .replace(/^\/\*\*[\s\S]*?\*\/\n/, HEAD)
    .replaceAll("yield* ", "await ")
    .replaceAll("function* (", "async function (")
    .replaceAll(/^( +)\*(#?\w+)\(/gm, "$1async $2(")
    .replaceAll(/Generator<unknown, ([^,]+), unknown>/g, "Promise<$1>")
    .replaceAll("kind_generator", "kind_async");
}

const HEAD = `/**
 * Interprets programs of the conformance language with native async functions.
 *
 * Made of \`interpreter_generator.ts\` by \`make_async.ts\`: change that one.
 *
 * @module
 */
`;

if (import.meta.main) {
  const here = new URL(".", import.meta.url);
  const source = await Deno.readTextFile(new URL("interpreter_generator.ts", here));
  await Deno.writeTextFile(new URL("interpreter_async.ts", here), toAsync(source));
}
