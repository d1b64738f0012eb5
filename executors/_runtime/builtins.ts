/** What this runtime is and has, without importing anything of it. */

interface Builtins {
  Deno?: {
    unrefTimer(id: number): void;
    execPath(): string;
    permissions: DenoPermissions;
    build: { standalone?: boolean };
    /** None in a thread. */
    mainModule?: string;
    cwd(): string;
    readTextFileSync(path: string): string;
    env: { get(name: string): string | undefined };
    errors: object;
  };
  Bun?: unknown;
  process?: {
    getBuiltinModule?(name: string): unknown;
    versions?: { node?: string };
    execPath: string;
    execArgv: string[];
    env: Record<string, string | undefined>;
    on(event: string, listener: () => void): void;
    off(event: string, listener: () => void): void;
  };
}

/** The part of `Deno.permissions` that is used. */
export interface DenoPermissions {
  querySync(
    descriptor: { name: string; path?: string; variable?: string },
  ): { state: string; partial?: boolean };
}

/** This runtime's globals. */
export const globals: Builtins = globalThis as unknown as Builtins;

/** Which of the known runtimes this is. */
export const runtime: "deno" | "bun" | "node" | "web" = globals.Deno !== undefined
  ? "deno"
  : globals.Bun !== undefined
  ? "bun"
  : globals.process?.versions?.node !== undefined
  ? "node"
  : "web";

/** A `node:` module, where there is one. */
export function builtin<T>(name: string): T | undefined {
  return globals.process?.getBuiltinModule?.(name) as T | undefined;
}

/** Lets the process end before the timer fires. */
export function unrefTimer(timer: ReturnType<typeof setTimeout>): void {
  const { unref } = timer as unknown as { unref?(): void };
  if (typeof unref === "function") unref.call(timer);
  else if (globals.Deno !== undefined) globals.Deno.unrefTimer(timer as unknown as number);
}

/** How many workers a pool has if nobody says. */
export function defaultWorkers(): number {
  return Math.max(1, globalThis.navigator?.hardwareConcurrency ?? 1);
}
