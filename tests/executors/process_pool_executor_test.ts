import { ProcessPoolExecutor } from "../../executors/mod.ts";
import { contract } from "./_contract.ts";

contract("ProcessPoolExecutor", (options) => new ProcessPoolExecutor(options), {
  parallel: true,
  shared: false,
  transfers: false,
  kills: true,
});
