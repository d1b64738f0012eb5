/** Spawning and joining tasks: all alive at once, and one after the other. @module */

import { CORE } from "./_core/cases.ts";
import { suite } from "./_harness/suite.ts";

await suite(CORE, "spawn", 1000, "native: async functions, await null");
await suite(CORE, "one", 1000, "native: async functions, await null");
