/** An edge worker: each path of it tries something. @module */

import {
  createTask,
  currentTask,
  gather,
  Queue,
  run,
  sleep,
  taskGroup,
  timeout,
  until,
} from "../../../mod.ts";
import { InlineExecutor, ThreadPoolExecutor } from "../../../executors/mod.ts";

const PATHS: Record<string, () => Promise<unknown>> = {
  "/tasks": () =>
    run(async () => {
      const log: unknown[] = [];
      const first = async () => {
        await sleep(5);
        log.push(currentTask()!.getName());
      };
      const second = function* () {
        yield* sleep(2);
        log.push("generator");
      };
      await gather([createTask(first, { name: "async" }), second()]);
      const slow = timeout(10, () => sleep(1000));
      log.push(await slow.then(() => "in time", (error) => (error as Error).name));
      await taskGroup(async (group) => {
        const queue = new Queue<string>();
        group.createTask(() => queue.put("item"));
        log.push(await queue.get());
      });
      await until(new Promise((resolve) => setTimeout(resolve, 3)));
      log.push(currentTask() !== null);
      return log;
    }),
  "/busy": () =>
    run(function* () {
      let count = 0;
      const body = function* () {
        for (let i = 0; i < 50_000; i++) {
          yield;
          count++;
        }
      };
      const [a, b] = [createTask(body), createTask(body)];
      yield* a;
      yield* b;
      return count;
    }),
  "/outside": async () => await sleep(1),
  "/threads": async () => {
    await Promise.resolve();
    return new ThreadPoolExecutor();
  },
  "/inline": async () => {
    await using pool = new InlineExecutor();
    return await pool.submit((a: number, b: number) => a + b, 1, 2);
  },
};

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return Response.json(await PATHS[new URL(request.url).pathname]!());
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};
