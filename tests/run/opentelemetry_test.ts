/** OpenTelemetry's own context, as its users have it: a span's parent is who started the work. */

import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { asyncKind, generatorKind, type Kind } from "../tasks/_kinds.ts";
import { context, trace } from "@opentelemetry/api";
import {
  type Future,
  gather,
  getEventLoop,
  mapConcurrent,
  run,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
  timeout,
  until,
} from "@aio/asyncio";
import { assertEquals } from "@std/assert";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const REQUESTS = 20;

/** The names of the spans, by their ids: an id's place is its number. */
let names: string[] = [];
/** What was started within what, for each trace. */
let started = new Map<string, string[]>();

function activeName(): string {
  const active = trace.getSpan(context.active());
  return active === undefined ? "none" : names[parseInt(active.spanContext().spanId, 16)]!;
}

/** Notes who is the parent of what starts here. */
function note(name: string): void {
  const request = trace.getSpan(context.active())?.spanContext().traceId ?? "none";
  const line = `${name} of ${activeName()}`;
  started.set(request, [...started.get(request) ?? [], line]);
}

/** Starts a span, and calls `fn` within it. */
function within<T>(name: string, fn: () => T): T {
  const active = trace.getSpan(context.active())?.spanContext();
  if (active !== undefined) note(name);
  const id = names.push(name) - 1;
  const traceId = active?.traceId ?? id.toString(16).padStart(32, "f");
  const spanId = id.toString(16).padStart(16, "0");
  const span = trace.wrapSpanContext({ traceId, spanId, traceFlags: 1 });
  return context.with(trace.setSpan(context.active(), span), fn);
}

/** What a request does, in all the ways there are to start something. */
function work(coro: Kind) {
  /** A part that waits for the platform, for a timer, and for a task that it makes within a span. */
  const part = (name: string) =>
    coro(function* () {
      note(name);
      yield sleep(1);
      note(`${name}, slept`);
      yield until(new Promise((resolve) => setTimeout(resolve, 1)));
      const inner = coro(function* () {
        yield sleep(0);
        note(`inner of ${name}`);
      });
      yield within(`span of ${name}`, () => getEventLoop().createTask(inner));
      note(`${name}, done`);
    });

  return coro(function* () {
    const loop = getEventLoop();
    const called = (name: string, schedule: (callback: () => void) => unknown) => {
      const future = loop.createFuture<void>() as Future<void>;
      const callback = () => {
        note(name);
        const task = loop.createTask(part(`task of ${name}`)) as Task<void>;
        task.addDoneCallback(() => future.setResult());
      };
      within(`span of ${name}`, () => schedule(callback));
      return future;
    };
    note("start");
    const tasks = ["a", "b"].map((name) =>
      within(`span ${name}`, () => loop.createTask(part(`task ${name}`)))
    );
    yield gather([part("gathered"), ...["c", "d"].map((name) => part(`gathered ${name}`))]);
    yield taskGroup((group: TaskGroup) => {
      group.createTask(part("of a group"));
      return within("span of a group", () => group.createTask(part("within a group")));
    });
    yield mapConcurrent([1, 2, 3], (n) => part(`item ${n}`)(), { concurrency: 2 }).toArray();
    yield timeout(10_000, part("within a limit"));
    yield called("callSoon", (callback) => loop.callSoon(callback));
    yield called("callLater", (callback) => loop.callLater(1, callback));
    yield called(
      "done",
      (callback) => (loop.createTask(sleep(1)) as Task<void>).addDoneCallback(callback),
    );
    for (const task of tasks) yield task;
    note("end");
  });
}

/** The lines that each request leaves, whatever the order. */
function expectedLines(): string[] {
  const part = (name: string, parent: string) => [
    ...[name, `${name}, slept`, `span of ${name}`, `${name}, done`].map((each) =>
      `${each} of ${parent}`
    ),
    `inner of ${name} of span of ${name}`,
  ];
  const plain = ["gathered", "gathered c", "gathered d", "of a group", "within a limit"];
  return [
    ...["start", "end"].map((name) => `${name} of request`),
    ...[...plain, "item 1", "item 2", "item 3"].flatMap((name) => part(name, "request")),
    ...["a", "b"].flatMap((
      name,
    ) => [`span ${name} of request`, ...part(`task ${name}`, `span ${name}`)]),
    "span of a group of request",
    ...part("within a group", "span of a group"),
    ...["callSoon", "callLater", "done"].flatMap((name) => [
      `span of ${name} of request`,
      `${name} of span of ${name}`,
      ...part(`task of ${name}`, `span of ${name}`),
    ]),
  ].sort();
}

describe("OpenTelemetry", () => {
  const manager = new AsyncLocalStorageContextManager();

  beforeAll(() => {
    manager.enable();
    context.setGlobalContextManager(manager);
  });

  afterAll(() => context.disable());

  const ways = {
    "in a run() for each request": (main: () => Promise<void>) => run(main),
    "in the ambient loop": async (main: () => Promise<void>) => {
      await getEventLoop().createTask(main);
    },
  };
  const kinds = { "generators": generatorKind, "async functions": asyncKind };

  for (const [where, handle] of Object.entries(ways)) {
    for (const [kind, coro] of Object.entries(kinds)) {
      it(`sees the right parents of a server's spans ${where} (${kind})`, async () => {
        names = [];
        started = new Map();
        const main = work(coro);
        const server = createServer(async (_, response) => {
          const outcome = await within("request", () => handle(main)).then(
            () => "fine",
            (error) => String(error),
          );
          response.end(outcome);
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo;
        const ask = async () => await (await fetch(`http://127.0.0.1:${port}/`)).text();
        try {
          const answers = await Promise.all(Array.from({ length: REQUESTS }, ask));
          assertEquals(answers, Array(REQUESTS).fill("fine"));
        } finally {
          server.closeAllConnections();
          await new Promise((resolve) => server.close(resolve));
        }
        const wanted = expectedLines();
        for (const lines of started.values()) assertEquals(lines.sort(), wanted);
        assertEquals(started.size, REQUESTS);
      });
    }
  }
});
