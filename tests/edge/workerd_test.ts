import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { arch, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

declare const Bun: {
  build(options: Record<string, unknown>): Promise<{ success: boolean }>;
};

const workerd = fileURLToPath(
  new URL(
    `../../node_modules/@cloudflare/workerd-linux-${arch() === "x64" ? "64" : arch()}/bin/workerd`,
    import.meta.url,
  ),
);
/** Bun bundles what workerd runs. */
const ignore = !("Bun" in globalThis) || !existsSync(workerd);

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function config(port: number, flags: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .main) ],
  sockets = [ (name = "http", address = "127.0.0.1:${port}", http = (), service = "main") ]
);
const main :Workerd.Worker = (
  modules = [ (name = "main", esModule = embed "worker.js") ],
  compatibilityDate = "2025-01-01",
  compatibilityFlags = [${flags}]
);`;
}

/** Serves the worker while `body` runs. */
async function serve(
  flags: string,
  body: (get: (path: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  const outdir = mkdtempSync(join(tmpdir(), "workerd-"));
  let server: ChildProcess | undefined;
  try {
    const entrypoints = [fileURLToPath(new URL("./programs/worker.ts", import.meta.url))];
    assertEquals((await Bun.build({ entrypoints, outdir, target: "browser" })).success, true);
    const port = await freePort();
    writeFileSync(join(outdir, "config.capnp"), config(port, flags));
    server = spawn(workerd, ["serve", join(outdir, "config.capnp")], { stdio: "inherit" });
    const get = async (path: string): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return await response.text();
    };
    for (let i = 0; i < 100; i++) {
      const isUp = await get("/inline").then(() => true, () => false);
      if (isUp) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await body(get);
  } finally {
    server?.kill("SIGKILL");
    rmSync(outdir, { recursive: true });
  }
}

describe("workerd", { ignore }, () => {
  for (const [name, flags] of [["with", '"nodejs_als"'], ["without", ""]]) {
    it(`runs a loop for each request, ${name} AsyncLocalStorage`, async () => {
      await serve(flags!, async (get) => {
        const tasks = JSON.stringify(["generator", "async", "TimeoutError", "item", true]);
        assertEquals(await get("/tasks"), tasks);
        assertEquals(await get("/busy"), "100000");
        const many = await Promise.all(Array.from({ length: 20 }, () => get("/tasks")));
        assertEquals(many, Array(20).fill(tasks));
        assertEquals(await get("/inline"), "3");
        assertStringIncludes(await get("/outside"), "wrap the handler's body in run(() => …)");
        assertStringIncludes(await get("/threads"), "use an InlineExecutor");
      });
    });
  }
});
