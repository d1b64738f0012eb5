import { ThreadWorker } from "poolifier";
import { block, noop } from "./jobs.mjs";
export default new ThreadWorker({ noop, block });
