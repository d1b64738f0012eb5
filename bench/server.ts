/**
 * `deno task bench:server`: what a request costs a server that handles it in a `run()`.
 *
 * ```sh
 * deno task bench:server               # medians of 5 processes
 * deno task bench:server --quick       # of 3
 * deno task bench:server --only=bun --case=http
 * ```
 *
 * The server is the runtime's own, in a process of its own; the load on it is made by wrk
 * (`apt install wrk`), without which that case is skipped.
 *
 * @module
 */

import { bench } from "./_harness/command.ts";
import { SERVER } from "./_server/cases.ts";

Deno.exit(await bench(SERVER));
