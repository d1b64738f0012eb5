/** Locks that are free. @module */

import { suite } from "./_harness/suite.ts";
import { SYNC } from "./_sync/cases.ts";

await suite(SYNC, "lock", 1000, "native: chain of promises");
