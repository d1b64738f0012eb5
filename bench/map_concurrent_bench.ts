/** `mapConcurrent`: jobs, ten at a time. @module */

import { suite } from "./_harness/suite.ts";
import { SYNC } from "./_sync/cases.ts";

await suite(SYNC, "map", 1000, "native: ten loops over one iterator");
