/** A `run()` with nothing to do. @module */

import { suite } from "./_harness/suite.ts";
import { SERVER } from "./_server/cases.ts";

await suite(SERVER, "run", 100, "native: async function");
