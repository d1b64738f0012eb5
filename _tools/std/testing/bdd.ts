/**
 * The part of `jsr:@std/testing/bdd` that the tests use, over the runtime's own
 * test runner: `Deno.test`, `bun:test` or `node:test`.
 *
 * On Deno each `it()` is a test of its own, so that the sanitizers look at each
 * one; there, `beforeAll` and `afterAll` run when the file's tests begin and end.
 * Options that only Deno knows are ignored elsewhere.
 *
 * @module
 */

/** What runs before or after tests. */
export type Hook = () => void | Promise<void>;

/** What a test does. */
export type TestBody = () => void | Promise<void>;

/** How to run a test, or all tests of a suite. */
export interface TestOptions {
  /** Skip it. */
  ignore?: boolean;
  /** Run only it, and fail the run, so that it isn't left in. */
  only?: boolean;
  /** Deno: fail if it leaves asynchronous operations behind. */
  sanitizeOps?: boolean;
  /** Deno: fail if it leaves resources open. */
  sanitizeResources?: boolean;
  /** Deno: fail if it ends the process. */
  sanitizeExit?: boolean;
}

/** Registers something with a name. */
export interface Register<Body> {
  /** Registers it. */
  (name: string, body: Body): void;
  /** Registers it with options. */
  (name: string, options: TestOptions, body: Body): void;
}

/** {@linkcode it} or {@linkcode describe}. */
export interface Definer<Body> extends Register<Body> {
  /** Registers it as the only one to run. */
  only: Register<Body>;
  /** Registers it as one not to run. */
  skip: Register<Body>;
  /** The same as `skip`. */
  ignore: Register<Body>;
}

/** What every runtime's runner is reduced to. The options of suites have been given to tests. */
interface Runner {
  describe(name: string, body: () => void): void;
  it(name: string, options: TestOptions, body: TestBody): void;
  beforeAll(hook: Hook): void;
  afterAll(hook: Hook): void;
  beforeEach(hook: Hook): void;
  afterEach(hook: Hook): void;
}

/** A test that takes longer, in milliseconds, hangs. (Bun and Node can't stop one that spins.) */
const TIME_LIMIT = 30_000;

/** Deno knows tests and no suites, so suites are kept here, as a stack. */
function denoRunner(): Runner {
  interface Suite {
    names: string[];
    before: Hook[];
    after: Hook[];
  }
  let suite: Suite = { names: [], before: [], after: [] };

  return {
    describe(name, body) {
      const outer = suite;
      suite = {
        names: [...outer.names, name],
        before: [...outer.before],
        after: [...outer.after],
      };
      try {
        body();
      } finally {
        suite = outer;
      }
    },
    it(name, options, body) {
      const { names, before, after } = suite;
      Deno.test({
        timeout: TIME_LIMIT,
        ...options,
        name: [...names, name].join(" > "),
        fn: async () => {
          try {
            for (const hook of before) await hook();
            await body();
          } finally {
            for (const hook of after) await hook();
          }
        },
      });
    },
    beforeAll: (hook) => Deno.test.beforeAll(hook),
    afterAll: (hook) => Deno.test.afterAll(hook),
    beforeEach: (hook) => void suite.before.push(hook),
    afterEach: (hook) => void suite.after.unshift(hook),
  };
}

async function bunRunner(): Promise<Runner> {
  // A variable, or else Deno's type check looks for the module.
  const specifier = "bun:test";
  const bun = await import(specifier);
  return {
    describe: (name, body) => bun.describe(name, () => body()),
    it: (name, options, body) =>
      (options.ignore ? bun.it.skip : options.only ? bun.it.only : bun.it)(
        name,
        async () => await body(),
        TIME_LIMIT,
      ),
    beforeAll: (hook) => bun.beforeAll(async () => await hook()),
    afterAll: (hook) => bun.afterAll(async () => await hook()),
    beforeEach: (hook) => bun.beforeEach(async () => await hook()),
    afterEach: (hook) => bun.afterEach(async () => await hook()),
  };
}

async function nodeRunner(): Promise<Runner> {
  const node = await import("node:test");
  return {
    describe: (name, body) => void node.describe(name, () => body()),
    it: (name, { ignore: skip = false, only = false }, body) =>
      void node.it(name, { skip, only, timeout: TIME_LIMIT }, () => body()),
    beforeAll: (hook) => node.before(() => hook()),
    afterAll: (hook) => node.after(() => hook()),
    beforeEach: (hook) => node.beforeEach(() => hook()),
    afterEach: (hook) => node.afterEach(() => hook()),
  };
}

const runner: Runner = "Deno" in globalThis
  ? denoRunner()
  : "Bun" in globalThis
  ? await bunRunner()
  : await nodeRunner();

/** What the suites around say. */
let inherited: TestOptions = {};

function defineSuite(name: string, options: TestOptions, body: () => void): void {
  const all = { ...inherited, ...options };
  // Set where the body runs, as Bun runs it later.
  runner.describe(name, () => {
    const outer = inherited;
    inherited = all;
    try {
      body();
    } finally {
      inherited = outer;
    }
  });
}

function defineTest(name: string, options: TestOptions, body: TestBody): void {
  runner.it(name, { ...inherited, ...options }, body);
}

function definer<Body>(
  define: (name: string, options: TestOptions, body: Body) => void,
): Definer<Body> {
  const register = (forced: TestOptions): Register<Body> => (name: string, ...rest: unknown[]) => {
    const body = rest.pop() as Body;
    define(name, { ...rest[0] as TestOptions | undefined, ...forced }, body);
  };
  return Object.assign(register({}), {
    only: register({ only: true }),
    skip: register({ ignore: true }),
    ignore: register({ ignore: true }),
  });
}

/** Registers a suite: tests that belong together. */
export const describe: Definer<() => void> = definer(defineSuite);

/** Registers a test. */
export const it: Definer<TestBody> = definer(defineTest);

/** The same as {@linkcode it}. */
export const test: Definer<TestBody> = it;

/** Runs `hook` once before the suite's tests. */
export function beforeAll(hook: Hook): void {
  if (!inherited.ignore) runner.beforeAll(hook);
}

/** Runs `hook` once after the suite's tests. */
export function afterAll(hook: Hook): void {
  if (!inherited.ignore) runner.afterAll(hook);
}

/** Runs `hook` before each of the suite's tests. */
export function beforeEach(hook: Hook): void {
  if (!inherited.ignore) runner.beforeEach(hook);
}

/** Runs `hook` after each of the suite's tests. */
export function afterEach(hook: Hook): void {
  if (!inherited.ignore) runner.afterEach(hook);
}
