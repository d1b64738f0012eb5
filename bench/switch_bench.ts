/** Switching between two tasks. @module */

import { CORE } from "./_core/cases.ts";
import { suite } from "./_harness/suite.ts";

await suite(CORE, "switch", 10_000, "native: await null");
