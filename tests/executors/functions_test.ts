import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { freeNames } from "../../executors/_pool/free_names.ts";
import { addValues, PLAIN } from "../../executors/_wire/parcel.ts";
import { fromText, toText } from "../../executors/_wire/text_codec.ts";
import {
  InlineExecutor,
  ProcessPoolExecutor,
  report,
  ThreadPoolExecutor,
  workerModule,
} from "../../executors/mod.ts";
import { jobs } from "./_contract_jobs.ts";
import { runtime } from "./_runtimes.ts";

const SOURCES: [source: string, free: string[]][] = [
  ["(n) => n * 2", []],
  ["(n) => n * outer", ["outer"]],
  ["function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }", []],
  ["(a, { b, c: d = outer }, ...rest) => a + b + d + rest.length", ["outer"]],
  ["() => { const { x, y: { z } } = { x: 1, y: { z: 2 } }; let q = 1, r = help(2); }", ["help"]],
  ["() => { counter = counter + 1; }", ["counter"]],
  ["() => { class A { x = 1; static y = 2; #p = 3; get v() { return this.#p; } m(a) {} } }", []],
  ["() => ({ outer: 1, K })", ["K"]],
  ["() => `${outer} and ${`x${1}`} }`", ["outer"]],
  ["() => `no ${1} free ${`names ${2}`} in here`", []],
  [`() => /outer[/]"/.test("a") && "outer" // outer\n/* outer */`, []],
  [
    "async () => { for (const x of [1]) await x; for (let i = 0, j = 2; i < j; i++) continue; }",
    [],
  ],
  ["() => { try { throw 1; } catch (e) { return e; } }", []],
  ["function* g() { yield* [1, 2].map((v) => v + 1); }", []],
  ["() => { label: for (;;) { break label; } }", []],
  ["() => (outer ? helper : obj)[K]", ["outer", "helper", "obj", "K"]],
  [
    "() => { const o = { a: 1, m() {}, get z() {}, async *k() {}, ['x' + 1]: 3 }; return o?.a; }",
    [],
  ],
  ["() => { switch (Math.max(1, 2)) { case 1: return 1; default: return obj.x; } }", ["obj"]],
  ["(a) => { return a / 2 / 3; }", []],
  ["async () => { const { readFile } = await import('node:fs'); return readFile; }", []],
  ["() => new Thing(1).run()", ["Thing"]],
  ["() => typeof missing", ["missing"]],
  ["(x) => x ? first : second", ["first", "second"]],
];

describe("A function's free names", () => {
  for (const [source, free] of SOURCES) {
    it(`are [${free}] in ${source.replaceAll("\n", "⏎")}`, () => {
      assertEquals(freeNames(source), free);
    });
  }

  it("that the check doesn't see are named by the worker", async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    // Declared in a part that doesn't run, and used in another.
    const tricky = (): unknown => {
      // deno-lint-ignore no-constant-condition
      if (false) ((hidden: unknown) => hidden);
      return new Function("return hidden")();
    };
    await assertRejects(
      async () => await pool.submit(tricky),
      TypeError,
      "Cannot run 'tricky' in a worker: it closes over 'hidden'",
    );
  });
});

describe("workerModule()", () => {
  it("names functions, and calls none of them here", () => {
    assertThrows(() => jobs.add(1, 2), TypeError, "Cannot call 'add' here");
    assert(jobs.add === jobs.add);
    assertEquals(jobs.add.name, "add");
  });

  it("wants an absolute URL, and can be awaited by mistake", async () => {
    assertThrows(() => workerModule("./jobs.ts"), TypeError, "import.meta.url");
    assert(await jobs === jobs);
  });
});

describe("Messages as text", () => {
  it("are exact", () => {
    for (
      const message of [
        [1, "a", null, true],
        [undefined, 1, undefined],
        ["\ud800"],
        [0.1, 1e300],
        [],
        [{}, []],
        [{ a: [1, { b: null }], "": "\0u", 2: false }],
        [[["\0"], 1], undefined],
        [-0, NaN, -Infinity, 12n, "\0u", "\0", undefined, { a: 1 }, "u"],
        [JSON.parse('{"__proto__": {"a": 1}}')],
      ]
    ) {
      assertEquals(throughText(message), message);
    }
  });

  it("are not made of what would be changed, or can't be looked at", () => {
    const shared = { n: 1 };
    const circle: unknown[] = [];
    circle.push(circle);
    const inexact = [
      new Date(),
      new Map(),
      new Uint8Array(2),
      [-0],
      { a: NaN },
      { a: undefined },
      [, 1],
      "abc".match(/b/),
      [shared, shared],
      circle,
      new (class Point {})(),
      { toJSON: 1n },
      Object.setPrototypeOf(new Date(), Object.prototype),
      Object.setPrototypeOf(new Map(), Object.prototype),
      Object.setPrototypeOf(new Uint8Array(2), Object.prototype),
      Object.setPrototypeOf(Object.assign(new String("ab"), { a: 1 }), null),
      Object.setPrototypeOf({ a: 1 }, Array.prototype),
      Array(2000).fill(1),
    ];
    for (const value of inexact) assertEquals(throughText([value]), null);
  });

  it("keep parts that two values of a call share from being text", () => {
    const shared = { n: 1 };
    assertEquals(throughText([shared, shared]), null);
    assertEquals(throughText([shared, { shared }]), null);
  });
});

/** A message that was made text and read again; `null` if it can't be text. */
function throughText(values: unknown[]): unknown[] | null {
  const message: unknown[] = [];
  return addValues(message, values, true) > PLAIN ? null : fromText(toText(message)!);
}

// On Deno the first few objects aren't looked at.
for (let i = 0; i < 20; i++) throughText([{}]);

describe("A platform without workers", () => {
  it("is told so when a pool of threads is wanted", { ignore: runtime === "node" }, () => {
    const { Worker } = globalThis;
    Reflect.set(globalThis, "Worker", undefined);
    try {
      assertThrows(
        () => new ThreadPoolExecutor(),
        TypeError,
        "Cannot make a ThreadPoolExecutor: this platform has no Worker; use an InlineExecutor",
      );
    } finally {
      globalThis.Worker = Worker;
    }
  });
});

describe("Reports of a job", () => {
  for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
    it(`find their future in a batch of a ${Pool.name}`, async () => {
      await using pool = new Pool({ maxWorkers: 1 });
      for (let i = 0; i < 20; i++) await pool.submit(jobs.progress);
      const seen = await Promise.all(Array.from({ length: 50 }, async () => {
        const values: unknown[] = [];
        const future = pool.submit(jobs.progress);
        future.onProgress((value) => values.push(value));
        await future;
        return values.length;
      }));
      assertEquals(new Set(seen), new Set([2]));
    });
  }

  it("belong inside of a job", async () => {
    assertThrows(() => report(1), Error, "it belongs inside a job");
    await using pool = new InlineExecutor({ allowClosures: true });
    const seen: unknown[] = [];
    const future = pool.submit(() => report(seen.length));
    future.onProgress((value) => seen.push(value));
    await future;
    assertEquals(seen, [0]);
  });
});
