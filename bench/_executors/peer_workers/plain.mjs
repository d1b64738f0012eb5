export { block, noop } from "./jobs.mjs";
