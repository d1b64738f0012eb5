/**
 * `deno task test`: the suite on Deno, Bun and Node, one after the other.
 *
 * ```sh
 * deno task test                        # everything
 * deno task test --only=deno,bun        # on these runtimes
 * deno task test tasks/gather sync      # the files whose path contains one of these
 * deno task test --filter="cancel"      # the tests whose name matches
 * deno task test --verbose              # a line for each test
 * deno task test --time-limit=20        # seconds for each runtime
 * ```
 *
 * @module
 */

import { parseArgs } from "node:util";
import { copyConfig, findRuntimes, install, type Runtime, type RuntimeName } from "./install.ts";
import { closingLine, type Counts, countTests } from "./junit.ts";
import { filesUnder, fromRoot, pathOf } from "./paths.ts";

/** How a runtime's runner is told what to do. */
interface Run {
  files: string[];
  report: string;
  filter: string | undefined;
  verbose: boolean;
}

const NAMES: RuntimeName[] = ["deno", "bun", "node"];

const TITLES: Record<RuntimeName, string> = { deno: "Deno", bun: "Bun", node: "Node" };

const ARGS: Record<RuntimeName, (run: Run) => string[]> = {
  // Types are checked by `deno task check`, so that one error doesn't stop every test.
  deno: ({ files, report, filter, verbose }) => [
    ...["test", "--allow-all", "--no-check", "--parallel", `--junit-path=${report}`],
    ...filter === undefined ? [] : [`--filter=/${filter}/`],
    ...verbose ? [] : ["--reporter=dot"],
    ...files,
  ],
  bun: ({ files, report, filter, verbose }) => [
    ...["test", "--parallel=2", "--reporter=junit", `--reporter-outfile=${report}`],
    ...filter === undefined ? [] : [`--test-name-pattern=${filter}`],
    ...verbose ? [] : ["--dots"],
    // Without the `./` they would be patterns.
    ...files.map((file) => `./${file}`),
  ],
  node: ({ files, report, filter, verbose }) => [
    ...["--test", "--test-concurrency=2"],
    ...[`--test-reporter=${verbose ? "spec" : "dot"}`, "--test-reporter-destination=stdout"],
    ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
    ...filter === undefined ? [] : [`--test-name-pattern=${filter}`],
    ...files,
  ],
};

const { values: options, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    only: { type: "string", default: NAMES.join(",") },
    filter: { type: "string" },
    verbose: { type: "boolean", short: "v", default: false },
    "time-limit": { type: "string", default: "400" },
  },
});

Deno.exit(
  await main().catch((error: Error) => {
    console.error(error.message);
    return 2;
  }),
);

async function main(): Promise<number> {
  const names = options.only.split(",") as RuntimeName[];
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new TypeError(`Cannot test on '${unknown}': no such runtime`);

  const files = await filesUnder("tests", (path) =>
    path.endsWith("_test.ts") &&
    (positionals.length === 0 || positionals.some((part) => path.includes(part))));
  if (files.length === 0) throw new TypeError("Cannot test: no file matches");

  for (const file of await copyConfig()) console.log(`${file} now says what deno.json says`);
  // Deno finds everything without.
  const problem = names.join() === "deno" ? undefined : await install();
  if (problem !== undefined) console.error(problem);
  const runtimes = await findRuntimes();

  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const lines: string[] = [];
  for (const name of names) {
    const [line, counts] = await testOn(name, runtimes[name], files);
    lines.push(line);
    for (const key of ["passed", "failed", "skipped"] as const) total[key] += counts[key];
  }
  console.log(`\n${lines.join("\n")}\n${closingLine(total)}`);
  return total.failed > 0 ? 1 : 0;
}

/** Runs the files on a runtime, and tells how it went. */
async function testOn(
  name: RuntimeName,
  runtime: Runtime,
  files: string[],
): Promise<[line: string, counts: Counts]> {
  if ("missing" in runtime) {
    // In CI a runtime that can't be had must not go unnoticed.
    const kind = Deno.env.get("CI") ? "failed" : "skipped";
    const counts = { passed: 0, failed: 0, skipped: 0, [kind]: 1 };
    return [`${TITLES[name]}: ${kind}, as there is none: ${runtime.missing}`, counts];
  }

  const title = `${TITLES[name]} ${runtime.version}`;
  console.log(`\n── ${title}`);
  const started = performance.now();
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const args = ARGS[name]({
    files,
    report,
    filter: options.filter,
    verbose: options.verbose,
  });
  const outcome = await runStreamed(runtime.command, args);
  const counts = countTests(await Deno.readTextFile(report));
  await Deno.remove(report);

  let note = "";
  if (outcome.timedOut) {
    note = `stopped after ${options["time-limit"]} s: a test hangs (--verbose shows where)`;
  } else if (outcome.code !== 0 && counts.failed === 0) {
    note = `the runner ended with code ${outcome.code}`;
  } else if (counts.passed + counts.failed + counts.skipped === 0) {
    note = "no test was run";
  }
  if (note !== "") counts.failed++;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return [`${title}: ${closingLine(counts)} (${seconds} s)${note && ` — ${note}`}`, counts];
}

/** Runs a program in the project's root, passing on what it prints. */
async function runStreamed(
  command: string,
  args: string[],
): Promise<{ code: number; timedOut: boolean }> {
  const child = new Deno.Command(command, {
    args,
    cwd: pathOf(fromRoot(".")),
    stdin: "null",
    stdout: "piped",
    env: Deno.noColor || !Deno.stdout.isTerminal() ? { NO_COLOR: "1" } : { FORCE_COLOR: "1" },
  }).spawn();

  let timedOut = false;
  // Asked first, as Node names the file that was running; made to, if that doesn't help.
  const limit = Number(options["time-limit"]) * 1000;
  const timers = (["SIGTERM", "SIGKILL"] as const).map((signal, index) =>
    setTimeout(() => {
      timedOut = true;
      child.kill(signal);
    }, limit + index * 3000)
  );
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    // Deno prints each dot on a line of its own when it doesn't write to a terminal.
    const dots = text.replace(/^([.,!])\n(?=[.,!]\n|$)/gm, "$1");
    await Deno.stdout.write(new TextEncoder().encode(dots));
  }
  const { code } = await child.status;
  for (const timer of timers) clearTimeout(timer);
  return { code, timedOut };
}
