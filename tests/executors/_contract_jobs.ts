/** The tests' jobs, as pools know them. */

import { type WorkerModule, workerModule } from "../../executors/mod.ts";
import type * as Jobs from "./jobs.ts";

export const jobs: WorkerModule<typeof Jobs> = workerModule(new URL("./jobs.ts", import.meta.url));
