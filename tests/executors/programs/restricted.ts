/** Runs jobs in processes, whatever this program may, and prints what became of them. @module */

import { ProcessPoolExecutor } from "../../../executors/mod.ts";
import { jobs } from "../_contract_jobs.ts";

interface DenoPart {
  env: { get(name: string): string | undefined };
  permissions: {
    querySync(descriptor: { name: string }): { state: string; partial?: boolean };
  };
}
declare const Deno: DenoPart;

async function show(name: string, job: () => PromiseLike<unknown>): Promise<void> {
  try {
    console.log(`${name}: ${await job()}`);
  } catch (error) {
    console.log(`${name}: ${(error as Error).name} ${(error as Error).message}`);
  }
}

function getVariable(name: string): string | undefined {
  return (globalThis as unknown as { Deno: DenoPart }).Deno.env.get(name);
}

/** What may be done without any exception. */
function granted(): string[] {
  const { permissions } = (globalThis as unknown as { Deno: DenoPart }).Deno;
  return ["read", "write", "net", "env", "run", "sys", "ffi"].filter((name) => {
    const { state, partial } = permissions.querySync({ name });
    return state === "granted" && partial !== true;
  });
}

const own = granted();
const pool = new ProcessPoolExecutor({ maxWorkers: 1, onWarning: () => {} });
await show("sum", () => pool.submit((a: number, b: number) => a + b, 1, 2));
await show("module", () => pool.submit(jobs.add, 1, 2));
await show("path", () => pool.submit(getVariable, "PATH"));
await show("home", async () => {
  return await pool.submit(getVariable, "HOME") === Deno.env.get("HOME") ? "same" : "another";
});
await show("more", async () => {
  return (await pool.submit(granted)).filter((name) => !own.includes(name)).join(" ");
});
await pool.shutdown();
