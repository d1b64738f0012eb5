/** An HTTP server, and the load on it. @module */

import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Contender } from "../_harness/peer.ts";

/** Answers a request: what the two that it asks in turn said. */
export type Handler = () => PromiseLike<[number, number]>;

const CONNECTIONS = "64";

/** Somebody else's service, which takes a millisecond. */
export async function up(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return 1;
}

/** Loads a server of the runtime's own kind for so many milliseconds, after half of that to warm up. */
export function serve(handler: Handler): Contender {
  return async (milliseconds) => {
    let wrong = 0;
    const port = await listen(async () => {
      const [one, two] = await handler();
      if (one + two !== 2) wrong++;
      return `${one + two}`;
    });
    const url = `http://127.0.0.1:${port}/`;
    if (await (await fetch(url)).text() !== "2") throw new Error("It doesn't answer");
    await load(url, milliseconds / 2);
    const { requests, p99, problems } = await load(url, milliseconds);
    return { value: milliseconds, n: requests, also: { p99 }, check: wrong + problems };
  };
}

/** Starts a server; it ends with the process. */
async function listen(answer: () => Promise<string>): Promise<number> {
  // deno-lint-ignore no-explicit-any
  const { Deno, Bun } = globalThis as any;
  if (Deno !== undefined) {
    const respond = async () => new Response(await answer());
    return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, respond).addr.port;
  }
  if (Bun !== undefined) {
    const fetch = async () => new Response(await answer());
    return Bun.serve({ port: 0, hostname: "127.0.0.1", fetch }).port;
  }
  const server = createServer(async (_, response) => void response.end(await answer()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** What wrk counted. */
interface Load {
  requests: number;
  /** How long 99 of 100 requests took at most, in milliseconds. */
  p99: number;
  /** Answers that were none, and what else went wrong. */
  problems: number;
}

async function load(url: string, milliseconds: number): Promise<Load> {
  const args = ["--threads=1", `--connections=${CONNECTIONS}`, "--latency"];
  const text = await new Promise<string>((resolve, reject) => {
    const duration = `--duration=${Math.max(1, Math.round(milliseconds / 1000))}s`;
    execFile("wrk", [...args, duration, url], (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(text)![1]);
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)\b/.exec(text)!;
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(text);
  const problems = [...errors?.slice(1) ?? [], ...refused?.slice(1) ?? []].map(Number);
  return {
    requests: rate * milliseconds / 1000,
    p99: Number(p99) * { us: 0.001, ms: 1, s: 1000 }[unit as "us" | "ms" | "s"],
    problems: problems.reduce((sum, count) => sum + count, 0),
  };
}
