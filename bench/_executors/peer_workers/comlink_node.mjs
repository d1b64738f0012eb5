import { parentPort } from "node:worker_threads";
import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { block, noop } from "./jobs.mjs";
expose({ noop, block }, nodeEndpoint(parentPort));
