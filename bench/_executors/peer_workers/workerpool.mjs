import workerpool from "workerpool";
import { block, noop } from "./jobs.mjs";
workerpool.worker({ noop, block });
