/**
 * `deno task bench:core`: the core against the platform, CPython, uvloop, Effect and
 * Effection, side by side in one run.
 *
 * ```sh
 * deno task bench:core                      # everything, medians of 5 processes
 * deno task bench:core --quick              # of 3
 * deno task bench:core --only=deno,bun
 * deno task bench:core --case=spawn,switch
 * ```
 *
 * @module
 */

import { bench } from "./_harness/command.ts";
import { CORE } from "./_core/cases.ts";

Deno.exit(await bench(CORE));
