import { InlineExecutor } from "../../executors/mod.ts";
import { contract } from "./_contract.ts";

contract("InlineExecutor", () => new InlineExecutor(), {
  parallel: false,
  shared: true,
  transfers: true,
  kills: false,
});
