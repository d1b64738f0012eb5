/** `gather` and `taskGroup`: many at once, and pairs one after the other. @module */

import { CORE } from "./_core/cases.ts";
import { suite } from "./_harness/suite.ts";
import { SERVER } from "./_server/cases.ts";

await suite(CORE, "gather", 1000, "native: Promise.all, await null");
await suite(SERVER, "pair", 1000, "native: Promise.all");
