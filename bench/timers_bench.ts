/** Timers that are armed and cancelled, as those of timeouts are. @module */

import { CORE } from "./_core/cases.ts";
import { suite } from "./_harness/suite.ts";

await suite(CORE, "timers", 1000, "native: setTimeout, cleared");
