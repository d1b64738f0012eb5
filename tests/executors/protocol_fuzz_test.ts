/**
 * Whatever a worker sends, at whatever time: the main program never throws, no call gets
 * another's result, and the pool goes on or says why not.
 */

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  BrokenExecutorError,
  BrokenThreadPool,
  type ConcurrentFuture,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
} from "../../executors/mod.ts";
import type { WorkerEvents, WorkerHost, WorkerLink } from "../../executors/_wire/link.ts";
import type { Kind } from "../../executors/_wire/parcel.ts";
import { readThreadMessage, threadMessage } from "../../executors/_runtime/thread_message.ts";
import { JobRunner } from "../../executors/_worker/job_runner.ts";
import { WorkerPool } from "../../executors/_pool/worker_pool.ts";
import { setJobScope } from "../../executors/job.ts";
import type { PoolOptions } from "../../executors/pool_options.ts";
import { randomNumbers } from "../_random.ts";
import { jobs } from "./_contract_jobs.ts";
import { ValueMaker } from "./_values.ts";

declare const process: { env: Record<string, string | undefined> };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const readSeed = (): number => Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** A pool over workers that are in this thread, so that their lines can be tampered with. */
class TamperedPool extends WorkerPool {
  constructor(host: WorkerHost, options: PoolOptions) {
    super({ name: "TamperedPool", broken: BrokenThreadPool }, host, options);
  }
}

/** A line whose worker also sends what `tamper` makes of its messages. */
function tamperedHost(tamper: (message: unknown[]) => unknown[]): WorkerHost {
  const start = (_name: string, events: WorkerEvents): WorkerLink => {
    let over = false;
    const soon = (act: () => void): void => queueMicrotask(() => over || act());
    const runner = new JobRunner((message, transfer, kind) => {
      for (const sent of tamper(copy(message, transfer, kind))) {
        soon(() => {
          if (sent === UNREADABLE) events.unreadable(new Error("unreadable"));
          else events.message(sent);
        });
      }
    }, false);
    const end = (): void => {
      if (over) return;
      over = true;
      queueMicrotask(() => events.ended({ how: "it was ended" }));
    };
    return {
      post: (message, transfer, kind) => {
        const sent = copy(message, transfer, kind);
        soon(() => runner.receive(sent));
      },
      kill: end,
      close: end,
      hold: () => {},
      release: () => {},
    };
  };
  return { sharesMemory: false, startsSurely: true, idleTimeout: Infinity, start };
}

/** What arrives of a message. */
function copy(message: unknown[], transfer: Transferable[], kind?: Kind): unknown[] {
  return readThreadMessage(
    structuredClone(threadMessage(message, kind), { transfer }),
  ) as unknown[];
}

const UNREADABLE = Symbol("unreadable");

describe("A pool's side of the protocol", () => {
  it("takes whatever comes without throwing or mixing up results", async () => {
    const seed = readSeed();
    console.log(`protocol: SEED=${seed}`);
    const random = randomNumbers(seed);
    const maker = new ValueMaker(random);
    const below = (n: number): number => Math.floor(random() * n);
    let told = 0;
    let strays = 0;
    const garbage = (key: unknown): unknown => {
      switch (below(6)) {
        case 0:
          return maker.make(10);
        case 1:
          return UNREADABLE;
        case 2:
          // As the protocol's, without the key.
          return [below(10), below(50), true, below(50), below(4), below(3), below(9)];
        case 3:
          return [below(10), ...Array.from({ length: below(4) }, () => maker.make(3)), key];
        case 4:
          // For a call that was never made.
          return [2, 0, random() < 0.5, 1e6 + below(50), below(4), 1, "forged", key];
        default:
          return [below(12), -below(50) - 1, "forged", key];
      }
    };
    /** Lines that were tampered with by using their keys must end. */
    const rate = [0.02];
    const host = tamperedHost((message) => {
      const sent: unknown[] = [message];
      if (random() > rate[0]!) return sent;
      const key = random() < 0.7 ? undefined : message.at(-1);
      if (key === undefined) strays += 1;
      const extra = random() < 0.2 ? message.slice() : garbage(key);
      // Before it or after it; a value's own message must follow it at once.
      if (message[0] === 8 || random() < 0.5) sent.unshift(extra);
      else sent.push(extra);
      return sent;
    });
    const pool = new TamperedPool(host, {
      maxWorkers: 3,
      onWarning: () => {
        told += 1;
        if (random() < 0.1) throw new Error("a user's mistake");
      },
    });
    const { error } = console;
    console.error = () => {};
    const counts = { right: 0, broken: 0 };
    try {
      for (let round = 0; round < 60; round++) {
        rate[0] = round % 3 === 0 ? 0.3 : 0.02;
        const calls: [unknown, ConcurrentFuture<unknown>][] = [];
        for (let i = 0; i < 40; i++) {
          const n = round * 100 + i;
          const dice = random();
          if (dice < 0.6) calls.push([n, pool.submit(jobs.identity, n)]);
          else if (dice < 0.8) calls.push([{ n }, pool.submit(jobs.identity, { n })]);
          else calls.push([new Map([[n, n]]), pool.submit(jobs.identity, new Map([[n, n]]))]);
        }
        for (const [expected, call] of calls) {
          const failure = await call.then(() => null, (error) => error);
          if (failure === null) {
            assertEquals(call.result(), expected, `SEED=${seed}`);
            counts.right += 1;
          } else {
            assert(
              failure instanceof BrokenExecutorError || failure instanceof TypeError,
              `${failure}, SEED=${seed}`,
            );
            counts.broken += 1;
          }
        }
      }
    } finally {
      console.error = error;
    }
    rate[0] = 0;
    await pool.shutdown();
    setJobScope(undefined);
    assert(counts.right > counts.broken, JSON.stringify(counts));
    assert(told > 0 && strays > 0, `${told} of ${strays} strays were told of`);
    assertEquals([pool.stats().running, pool.stats().queued], [0, 0]);
  });
});

/** Sends a value as code that was written for a worker of its own would. */
async function sendFromJob(value: unknown, how: number): Promise<number> {
  const scope = globalThis as unknown as {
    __aioLine?: string;
    postMessage?: (value: unknown) => void;
    process: {
      send(value: unknown): void;
      getBuiltinModule(name: string): {
        parentPort: { postMessage(value: unknown): void } | null;
      };
    };
  };
  const port = scope.__aioLine === "port"
    ? scope.process.getBuiltinModule("node:worker_threads").parentPort
    : null;
  const send = (): void => {
    if (port !== null) {
      // Past what stands in front of it, too.
      const { postMessage } = how % 2 === 0 ? port : Object.getPrototypeOf(port);
      postMessage.call(port, value);
    } else if (scope.__aioLine === "process") scope.process.send(value);
    else scope.postMessage!(value);
  };
  if (how < 2) send();
  else if (how < 4) await Promise.resolve().then(send);
  else setTimeout(send, how);
  return how;
}

for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  describe(`${Pool.name}: messages of a job's own`, () => {
    it("are told of and dropped, whatever they are", async () => {
      const seed = readSeed();
      console.log(`${Pool.name}: SEED=${seed}`);
      const random = randomNumbers(seed);
      const maker = new ValueMaker(random);
      const warnings: string[] = [];
      const pool = new Pool({
        maxWorkers: 2,
        onWarning: (warning) => warnings.push(warning.message),
      });
      for (let i = 0; i < 100; i++) {
        const dice = random();
        const value = dice < 0.4
          ? maker.make(20)
          : dice < 0.7
          ? [Math.floor(random() * 10), 0, true, i, 0, 1, "forged"]
          : dice < 0.8
          ? maker.chain(2500)
          : ["u[1", "text", "[2,0,true]", null, [], [[]], [[], []], { lock: "x" }][i % 8];
        const how = Math.floor(random() * 8);
        const sent = pool.submit(sendFromJob, value, how);
        const beside = [1, 2, 3].map((n) => pool.submit(jobs.add, n, i));
        // What can't be read here can't be sent there either, on some runtimes.
        const outcome = await sent.then((got) => got, (error) => error);
        if (outcome !== how) assertInstanceOf(outcome, TypeError, `${outcome}, SEED=${seed}`);
        assertEquals(await Promise.all(beside), [1 + i, 2 + i, 3 + i], `SEED=${seed}`);
      }
      await pause(20);
      await pool.shutdown();
      assert(warnings.length >= 20, `${warnings.length} warnings`);
      assert(warnings.every((text) => text.includes("which is no message of the pool's")));
      assertEquals(pool.stats().crashes, 0);
    });
  });
}
