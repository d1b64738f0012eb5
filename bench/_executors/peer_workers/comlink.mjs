import { expose } from "comlink";
import { block, noop } from "./jobs.mjs";
expose({ noop, block });
