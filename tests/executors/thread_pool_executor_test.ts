import { ThreadPoolExecutor } from "../../executors/mod.ts";
import { contract } from "./_contract.ts";

contract("ThreadPoolExecutor", (options) => new ThreadPoolExecutor(options), {
  parallel: true,
  shared: true,
  transfers: true,
  kills: true,
});
