import { describe, it } from "@std/testing/bdd";
import { assertType, type IsExact } from "@std/testing/types";
import {
  asCompleted,
  type ConcurrentFuture,
  type Executor,
  InlineExecutor,
  wait,
} from "../../executors/mod.ts";
import { jobs } from "./_contract_jobs.ts";

describe("Types of executors", () => {
  it("follow from the function that is submitted", async () => {
    await using inline = new InlineExecutor();
    const pool: Executor = inline;
    const sum = pool.submit(jobs.add, 1, 2);
    assertType<IsExact<typeof sum, ConcurrentFuture<number>>>(true);
    const text = pool.submit((n: number) => Promise.resolve(String(n)), 1);
    assertType<IsExact<typeof text, ConcurrentFuture<string>>>(true);
    const numbers = pool.submit(jobs.count, 3);
    assertType<IsExact<Awaited<typeof numbers>, AsyncGenerator<number, string, void>>>(true);
    await (await numbers).return("");
    for await (const n of pool.map(jobs.add, [1], [2])) assertType<IsExact<typeof n, number>>(true);
    for await (const n of pool.map(jobs.add, [1], [2], { chunksize: 2 })) {
      assertType<IsExact<typeof n, number>>(true);
    }
    const [done] = await wait([sum]);
    assertType<IsExact<typeof done, Set<ConcurrentFuture<number>>>>(true);
    for await (const future of asCompleted([sum, text])) {
      const result = future.result();
      assertType<IsExact<typeof result, string | number>>(true);
    }
  });

  it("refuse wrong arguments and what isn't a function", () => {
    const check = (pool: Executor): void => {
      // @ts-expect-error -- a number is wanted
      pool.submit(jobs.add, 1, "2");
      // @ts-expect-error -- one argument is missing
      pool.submit(jobs.add, 1);
      // @ts-expect-error -- there is no such export
      pool.submit(jobs.missing);
      // @ts-expect-error -- it is no function
      pool.submit(jobs.notAFunction);
      // @ts-expect-error -- strings where numbers are wanted
      pool.map(jobs.fib, ["1"]);
    };
    assertType<IsExact<typeof check, (pool: Executor) => void>>(true);
  });
});
