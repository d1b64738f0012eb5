/**
 * `deno task demo`: crawls a web site whose pages are fast, slow, failing or stuck.
 *
 * It starts the site itself, on loopback, and follows every link from the first
 * page on: each page is a task of one group, at most {@link CONCURRENCY} of them
 * request at a time, each request has a time limit that aborts it, and what fails is
 * tried again after a pause. Ctrl-C ends it early, and nothing is left behind.
 *
 * @module
 */

import {
  createTask,
  run,
  Semaphore,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
  timeout,
  TimeoutError,
  until,
} from "@aio/asyncio";
import { Site } from "./demo/site.ts";

const CONCURRENCY = 16;
const TIME_LIMIT = 250;
const ATTEMPTS = 3;
const FIRST_PAUSE = 40;

/** What the crawler did. */
class Crawl {
  readonly seen = new Set<string>();
  readonly givenUp = new Map<string, string>();
  read = 0;
  inFlight = 0;
  peak = 0;
  requests = 0;
  retries = 0;
  failures = 0;
  timeouts = 0;
  readonly #group: TaskGroup;
  readonly #limit = new Semaphore(CONCURRENCY);

  constructor(group: TaskGroup) {
    this.#group = group;
  }

  /** Has a page visited, unless it was seen before. */
  add(url: string): Task<void> | undefined {
    if (this.seen.has(url)) return undefined;
    this.seen.add(url);
    return this.#group.createTask(() => this.#visit(url), { name: url });
  }

  async #visit(url: string): Promise<void> {
    for (let attempt = 1;; attempt++) {
      try {
        const html = await this.#limit.withLock(() => this.#fetch(url));
        this.read++;
        for (const [, path] of html.matchAll(/href="(.*?)"/g)) this.add(new URL(path!, url).href);
        return;
      } catch (error) {
        if (error instanceof TimeoutError) this.timeouts++;
        else if (error instanceof HttpError) this.failures++;
        else throw error;
        if (attempt === ATTEMPTS) return void this.givenUp.set(url, error.message);
      }
      this.retries++;
      await sleep(FIRST_PAUSE * 2 ** (attempt - 1));
    }
  }

  async #fetch(url: string): Promise<string> {
    this.requests++;
    this.peak = Math.max(this.peak, ++this.inFlight);
    try {
      return await timeout(TIME_LIMIT, () =>
        until(async (signal) => {
          const response = await fetch(url, { signal });
          const text = await response.text();
          if (!response.ok) throw new HttpError(`${response.status} ${text}`);
          return text;
        }));
    } finally {
      this.inFlight--;
    }
  }
}

/** The server answered, but not with a page. */
class HttpError extends Error {}

async function main(): Promise<void> {
  const started = performance.now();
  const elapsed = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;

  const site = await until(Site.start());
  console.log(`Crawling ${site.url}, at most ${CONCURRENCY} requests at a time`);
  let crawl: Crawl | undefined;
  let outcome = "Interrupted";
  const progress = createTask(async () => {
    for (;;) {
      await sleep(500);
      console.log(`  ${elapsed()}: ${crawl?.read} pages read of ${crawl?.seen.size} seen`);
    }
  });
  try {
    await taskGroup(async (group) => {
      crawl = new Crawl(group);
      await crawl.add(`${site.url}/0`);
    });
    outcome = "Done";
  } finally {
    progress.cancel();
    const took = elapsed();
    // The last aborts are still on their way to the server.
    for (let i = 0; i < 100 && site.open > 0; i++) await sleep(10);
    console.log(`\n${outcome} after ${took}\n${report(crawl!, site)}`);
    await until(site.stop());
  }
}

function report(crawl: Crawl, site: Site): string {
  const lines = [
    ["pages", `${crawl.read} read, ${crawl.givenUp.size} given up`],
    ["requests", `${crawl.requests}, of which ${crawl.retries} are retries`],
    ["failed", `${crawl.failures} (the server said 503)`],
    ["timed out", `${crawl.timeouts} (after ${TIME_LIMIT} ms)`],
    ["server side", `${site.requests} requests, ${site.aborted} aborted by us, ${site.open} open`],
    ["concurrency", `${crawl.peak} at most`],
  ];
  for (const [url, why] of crawl.givenUp) lines.push(["given up", `${url}: ${why}`]);
  return lines.map(([what, value]) => `  ${what!.padEnd(12)} ${value}`).join("\n");
}

await run(main);
