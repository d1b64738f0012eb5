/**
 * `deno task bench:executors`: the pools against bare workers, other people's pools and
 * CPython's, side by side in one run, all with two workers.
 *
 * ```sh
 * deno task bench:executors                       # everything, medians of 5 processes
 * deno task bench:executors --quick               # of 1
 * deno task bench:executors --only=deno,bun --case=noop,object
 * ```
 *
 * @module
 */

import { bench } from "./_harness/command.ts";
import { EXECUTORS } from "./_executors/cases.ts";

Deno.exit(await bench(EXECUTORS));
