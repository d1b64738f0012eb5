/** Runs the files that it is told, which register their benches, by mitata. @module */

import { argv, exit, stdout } from "node:process";
import { run } from "mitata";

for (const file of argv.slice(2)) await import(`../${file}`);
await run({ throw: true, colors: stdout.isTTY === true });
// The pools' workers don't keep the process.
exit(0);
