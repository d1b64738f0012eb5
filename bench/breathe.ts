/**
 * `deno task bench:breathe`: does the platform breathe while the loop is busy?
 *
 * ```sh
 * deno task bench:breathe              # medians of 5 processes
 * deno task bench:breathe --quick      # of one
 * deno task bench:breathe --only=deno --case=tasks
 * ```
 *
 * Programs that are always busy run beside an interval of 1 ms and an echo over TCP on
 * loopback, in the same process. For comparison: the two without a program, the tasks
 * alone, and the tasks on a loop that never lets the platform run.
 *
 * @module
 */

import { bench } from "./_harness/command.ts";
import { BREATHE } from "./_breathe/cases.ts";

Deno.exit(await bench(BREATHE));
