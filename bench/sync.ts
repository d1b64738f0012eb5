/**
 * `deno task bench:sync`: locks, queues and `mapConcurrent` against CPython, uvloop, Effect,
 * async-mutex, p-map, p-limit and p-queue, side by side in one run.
 *
 * ```sh
 * deno task bench:sync                      # everything, medians of 5 processes
 * deno task bench:sync --quick              # of 3
 * deno task bench:sync --only=deno          # deno and bun by default; node, too
 * deno task bench:sync --case=queue,lock
 * ```
 *
 * @module
 */

import { bench } from "./_harness/command.ts";
import { SYNC } from "./_sync/cases.ts";

Deno.exit(await bench(SYNC));
