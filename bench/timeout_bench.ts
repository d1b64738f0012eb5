/** `timeout` around something that is in time. @module */

import { CORE } from "./_core/cases.ts";
import { suite } from "./_harness/suite.ts";

await suite(CORE, "timeout", 1000, "native: Promise.race with setTimeout");
