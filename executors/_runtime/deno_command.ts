/**
 * How a worker process of Deno's is started: with the permissions, the configuration and
 * the options of this process.
 *
 * Invariants: a worker may nothing that this process may not, so a permission that holds for
 * some paths or names only is handed on for those that were asked for one by one; what
 * can't be asked for is left out. Nothing here throws for want of a permission.
 */

import { globals } from "./builtins.ts";

/** A command line without the runtime, and what goes with it. */
export interface ProcessCommand {
  /** The arguments. */
  args: string[];
  /** What is written to its input; nothing if the source is among the arguments. */
  input: string | null;
  /** The folder that it starts in, if not this process's. */
  cwd?: string;
}

const NAMES = ["read", "write", "net", "env", "run", "sys", "ffi", "import"];

/** What a runtime, and much of what runs in it, may want to know. */
const VARIABLES = [
  ...["PATH", "HOME", "USER", "SHELL", "TERM", "LANG", "LC_ALL", "TZ", "TMPDIR", "TMP", "TEMP"],
  ...["SYSTEMROOT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CACHE_HOME"],
  ...["NO_COLOR", "FORCE_COLOR", "NODE_ENV", "NODE_OPTIONS", "NODE_EXTRA_CA_CERTS"],
  ...["DENO_DIR", "DENO_CERT", "DENO_TLS_CA_STORE", "DENO_AUTH_TOKENS", "DENO_CONDITIONS"],
  ...["DENO_NO_PACKAGE_JSON", "DENO_V8_FLAGS", "NPM_CONFIG_REGISTRY", "JSR_URL"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"],
];

/** Options that decide what modules there are and how they run. */
const INHERITED =
  /^(?:-c|--(?:config|no-config|import-map|no-remote|no-npm|node-modules-dir|node-modules-linker|vendor|lock|no-lock|frozen|frozen-lockfile|cert|unsafely-ignore-certificate-errors|cached-only|location|v8-flags|seed|preload|require|conditions|no-code-cache|use-env-proxy|min-dep-age|unstable(?:-[\w-]+)?))(?:=|$)/;

/** Options whose value is the next argument. */
const WITH_VALUE =
  /^(?:-c|--(?:config|import-map|cert|location|seed|preload|require|conditions|node-modules-linker|min-dep-age|ext|filter))$/;

/** The environment, as far as this process may read it. */
export function readableEnvironment(): Record<string, string | undefined> {
  if (isGranted({ name: "env" })) return { ...globals.process!.env };
  const env: Record<string, string> = {};
  for (const variable of readableVariables()) {
    const value = globals.Deno!.env.get(variable);
    if (value !== undefined) env[variable] = value;
  }
  return env;
}

/** The command line of a worker with this source. */
export function denoCommand(source: string, limits: string[], execArgv: string[]): ProcessCommand {
  const named = execArgv.some((arg) => /^(?:-A|-P|--permission-set|--allow-)/.test(arg));
  const options = [
    ...["run", "--quiet", "--no-prompt"],
    ...ownOptions(),
    ...named ? [] : permissions(),
    ...limits,
    ...execArgv,
  ];
  const folder = programFolder();
  if (folder === null) {
    // Such a program has no configuration that Deno would look for, nor a lock file.
    return { args: [...options, "--no-lock", dataUrl(source)], input: null };
  }
  // From its input, a program has the configuration of the folder that it is started in.
  const command = { args: [...options, "--ext=js", "-"], input: source };
  const here = globals.Deno!.cwd();
  const home = projectOf(folder);
  if (home === null || home.folder === projectOf(here)?.folder || isConfigured(options)) {
    return command;
  }
  if (home.config !== null) command.args.splice(1, 0, `--config=${home.config}`);
  else if (isGranted({ name: "read", path: here })) {
    // There is no option for a package.json; going back takes that permission.
    const input = `Deno.chdir(${JSON.stringify(here)});\n${source}`;
    return { ...command, input, cwd: home.folder };
  }
  return command;
}

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

function isGranted(descriptor: { name: string; path?: string; variable?: string }): boolean {
  try {
    const status = globals.Deno!.permissions.querySync(descriptor);
    return status.state === "granted" && status.partial !== true;
  } catch {
    return false;
  }
}

function readableVariables(): string[] {
  return VARIABLES.filter((variable) => isGranted({ name: "env", variable }));
}

function permissions(): string[] {
  const granted = NAMES.filter((name) => isGranted({ name }));
  if (granted.length === NAMES.length) return ["--allow-all"];
  const options = granted.map((name) => `--allow-${name}`);
  if (!granted.includes("env")) {
    const variables = readableVariables();
    if (variables.length > 0) options.push(`--allow-env=${variables.join(",")}`);
  }
  for (const name of ["read", "write"]) {
    if (granted.includes(name)) continue;
    // There is no way to write a comma in a path.
    const paths = folders().filter((path) => !path.includes(",") && isGranted({ name, path }));
    if (paths.length > 0) options.push(`--allow-${name}=${paths.join(",")}`);
  }
  // Where no option speaks of permissions, Deno's `node:child_process` grants all of them.
  return options.length > 0 ? options : ["--deny-ffi"];
}

/** Folders that a program is likely to be let into. */
function folders(): string[] {
  const found = new Set([globals.Deno!.cwd()]);
  const folder = programFolder();
  if (folder !== null) found.add(folder);
  const home = folder === null ? null : projectOf(folder);
  if (home !== null) found.add(home.folder);
  return [...found];
}

/** Where the program is, if it is a file: then its configuration is looked for there and above. */
function programFolder(): string | null {
  const { mainModule } = globals.Deno!;
  // Threads don't know.
  if (mainModule === undefined) return globals.Deno!.cwd();
  if (!mainModule.startsWith("file:")) return null;
  const path = decodeURIComponent(new URL(".", mainModule).pathname);
  const folder = path.replace(/^\/([A-Za-z]:)/, "$1");
  return folder.length > 1 ? folder.replace(/\/$/, "") : folder;
}

/** The next folder above that has a configuration, as Deno looks for it, if that may be read. */
function projectOf(folder: string): { folder: string; config: string | null } | null {
  for (let at = folder;; at = at.replace(/[\\/][^\\/]*$/, "")) {
    for (const name of ["deno.json", "deno.jsonc", "package.json"]) {
      const path = `${at}/${name}`;
      if (isReadable(path)) {
        return { folder: at || "/", config: name === "package.json" ? null : path };
      }
    }
    if (!/[\\/]/.test(at)) return null;
  }
}

function isReadable(path: string): boolean {
  try {
    globals.Deno!.readTextFileSync(path);
    return true;
  } catch {
    return false;
  }
}

function isConfigured(options: string[]): boolean {
  return options.some((option) => /^(?:-c|--config|--no-config)(?:=|$)/.test(option));
}

/** This process's own options. Only Linux tells them, and only a process that may everything. */
function ownOptions(): string[] {
  let args: string[];
  try {
    args = globals.Deno!.readTextFileSync("/proc/self/cmdline").split("\0").slice(1, -1);
  } catch {
    return [];
  }
  const options: string[] = [];
  if (/^\w/.test(args[0] ?? "")) args.shift();
  for (let i = 0; i < args.length && args[i]!.startsWith("-") && args[i]!.length > 1; i++) {
    const parts = WITH_VALUE.test(args[i]!) ? args.slice(i, i + 2) : [args[i]!];
    if (INHERITED.test(args[i]!)) options.push(...parts);
    i += parts.length - 1;
  }
  return options;
}
