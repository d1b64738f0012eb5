/**
 * A small web site to crawl, on loopback: a few hundred pages that link to each
 * other, some of them slow, some failing, some stuck.
 *
 * @module
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** How many pages there are. */
const PAGES = 300;

/** What a page does, at its `visit`th request, counted from 0. */
function behaviour(page: number, visit: number): "answer" | "fail" | "hang" {
  if (page % 97 === 96) return "fail"; // for ever
  if (page % 89 === 88) return "hang"; // for ever
  if (visit === 0 && page % 7 === 5) return "fail";
  if (visit === 0 && page % 16 === 11) return "hang";
  return "answer";
}

/** How long a page takes to answer, in milliseconds: most are fast, some are slow. */
function latency(page: number): number {
  return page % 9 === 4 ? 120 : 15 + page * 37 % 30;
}

/** The pages that a page links to: those that come next, and some further on. */
function linksOf(page: number): number[] {
  return [page + 1, page + 2, 2 * page + 1, (7 * page + 3) % PAGES].filter((to) => to < PAGES);
}

/** A running site, and what it saw. */
export class Site {
  /** Requests that came. */
  requests = 0;
  /** Requests that it left without an answer, on purpose. */
  hung = 0;
  /** Requests whose client went away before the answer was sent. */
  aborted = 0;
  /** Requests that are neither answered nor aborted. */
  open = 0;
  readonly #server: Server;
  readonly #visits = new Map<number, number>();

  private constructor() {
    this.#server = createServer((request, response) => {
      this.requests++;
      this.open++;
      response.on("close", () => {
        this.open--;
        if (!response.writableFinished) this.aborted++;
      });

      const page = Number(/\d+/.exec(request.url!));
      const visit = this.#visits.get(page) ?? 0;
      this.#visits.set(page, visit + 1);
      const what = behaviour(page, visit);
      if (what === "hang") {
        this.hung++;
        return;
      }
      const timer = setTimeout(() => {
        response.writeHead(what === "fail" ? 503 : 200, { "content-type": "text/html" });
        response.end(
          what === "fail"
            ? "Try again later"
            : linksOf(page).map((to) => `<a href="/${to}">`).join(),
        );
      }, latency(page));
      response.on("close", () => clearTimeout(timer));
    });
  }

  /** Starts a site on a free port. */
  static async start(): Promise<Site> {
    const site = new Site();
    await new Promise<void>((resolve) => site.#server.listen(0, "127.0.0.1", resolve));
    return site;
  }

  /** Where it is. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Stops it. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
