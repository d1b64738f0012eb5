/** From a producer to a consumer. @module */

import { suite } from "./_harness/suite.ts";
import { SYNC } from "./_sync/cases.ts";

await suite(SYNC, "queue", 1000, "native: TransformStream");
