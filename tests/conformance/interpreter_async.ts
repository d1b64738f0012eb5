/**
 * Interprets programs of the conformance language with native async functions.
 *
 * Made of `interpreter_generator.ts` by `make_async.ts`: change that one.
 *
 * @module
 */

import * as asyncio from "@aio/asyncio";
import { Frame, handlesOf, type Op, type ProgramRun, Return } from "./program.ts";
import { lazy, start } from "./kind_async.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

/** Runs the coroutines of one program. */
export class Interpreter {
  readonly #run: ProgramRun;

  constructor(run: ProgramRun) {
    this.#run = run;
  }

  /** Runs a coroutine of the program. */
  async coroutine(name: string): Promise<unknown> {
    const run = this.#run;
    run.line(`enter ${name}`);
    let value: unknown = null;
    try {
      const returned = await this.block(run.program.coros[name]!, new Frame());
      if (returned !== undefined) value = returned.value;
    } catch (error) {
      run.line(`exit ${name} raise ${run.showError(error)}`);
      throw error;
    }
    run.line(`exit ${name} -> ${run.show(value)}`);
    return value;
  }

  /** Runs ops in order, until a `return`. */
  async block(ops: Op[], frame: Frame): Promise<Return | undefined> {
    for (const op of ops) {
      const returned = await this.#op(op, frame);
      if (returned !== undefined) return returned;
    }
    return undefined;
  }

  async #op(op: Op, frame: Frame): Promise<Return | undefined> {
    const run = this.#run;
    const [head, ...args] = op;
    for (const handle of handlesOf(op)) {
      if (run.handle(handle) === undefined) {
        run.line(`${head} unbound ${handle}`);
        return undefined;
      }
    }
    const control = this.#controls[head];
    if (control !== undefined) return await control(frame, ...args);
    if (head in this.#awaitables) {
      frame.last = await start(this.#awaitable(op, frame));
    } else {
      frame.last = run.action(head, args.map((arg) => run.value(arg, frame)));
    }
    const title = typeof args[0] === "string" ? `${head} ${args[0]}` : head;
    run.line(`${title} -> ${run.show(frame.last)}`);
    return undefined;
  }

  /** Runs a body within a block; a line says how that was left. */
  async #inside(
    title: string,
    enter: (body: Any) => Any,
    body: Op[],
    frame: Frame,
    entering: (value: unknown) => void,
  ): Promise<Return | undefined> {
    const run = this.#run;
    const block = () => this.block(body, frame);
    let entered = false;
    let returned: Return | undefined;
    try {
      await enter(async function (value: unknown) {
        entered = true;
        entering(value);
        returned = await block();
      });
    } catch (error) {
      if (entered) run.line(`${title} raise ${run.showError(error)}`);
      throw error;
    }
    run.line(`${title} ok`);
    return returned;
  }

  async #try(
    frame: Frame,
    body: Op[],
    clauses: { except?: [string[], Op[]][]; else?: Op[]; finally?: Op[] },
  ): Promise<Return | undefined> {
    let returned: Return | undefined;
    let failed = false;
    let thrown: unknown;
    try {
      returned = await this.#tryExcept(frame, body, clauses);
    } catch (error) {
      failed = true;
      thrown = error;
    }
    const replacing = await this.block(clauses.finally ?? [], frame);
    if (replacing !== undefined) return replacing;
    if (failed) throw thrown;
    return returned;
  }

  async #tryExcept(
    frame: Frame,
    body: Op[],
    clauses: { except?: [string[], Op[]][]; else?: Op[] },
  ): Promise<Return | undefined> {
    const run = this.#run;
    let returned: Return | undefined;
    try {
      returned = await this.block(body, frame);
    } catch (error) {
      const clause = clauses.except?.find(([names]) => names.some((name) => run.isA(error, name)));
      if (clause === undefined) throw error;
      run.line(`caught ${run.showError(error)}`);
      frame.handling.push(error);
      try {
        return await this.block(clause[1], frame);
      } finally {
        frame.handling.pop();
      }
    }
    if (returned !== undefined) return returned;
    return await this.block(clauses.else ?? [], frame);
  }

  async #asCompleted(
    frame: Frame,
    aws: (Op | string)[],
    timeout: number | null,
    mode: string,
    onError: string,
    body: Op[],
  ): Promise<Return | undefined> {
    const run = this.#run;
    const completed = asyncio.asCompleted<Any>(this.#all(aws, frame), { timeout });
    if (mode === "plain") {
      for (const item of completed) {
        const returned = await this.#completed(frame, "as_completed", item, onError, body);
        if (returned !== undefined) return returned;
      }
    } else {
      const iterator = completed[Symbol.asyncIterator]() as Any;
      for (;;) {
        const next = await iterator.next();
        if (next.done) break;
        const title = `as_completed ${run.name(next.value)}`;
        const returned = await this.#completed(frame, title, next.value, onError, body);
        if (returned !== undefined) return returned;
      }
    }
    run.line("as_completed end");
    return undefined;
  }

  async #completed(
    frame: Frame,
    title: string,
    item: Any,
    onError: string,
    body: Op[],
  ): Promise<Return | undefined> {
    const run = this.#run;
    try {
      frame.last = await item;
      run.line(`${title} -> ${run.show(frame.last)}`);
    } catch (error) {
      if (onError === "stop" || !run.isA(error, "Exception")) throw error;
      run.line(`${title} raise ${run.showError(error)}`);
    }
    return await this.block(body, frame);
  }

  async #repeat(
    frame: Frame,
    count: number,
    ops: Op[],
  ): Promise<Return | undefined> {
    for (let i = 0; i < count; i++) {
      const returned = await this.block(ops, frame);
      if (returned !== undefined) return returned;
    }
    return undefined;
  }

  /** An op that doesn't wait, as a control op. */
  async #now(result: Return | void): Promise<Return | undefined> {
    await this.#run.done; // which waits for nothing
    return result ?? undefined;
  }

  readonly #controls: Record<string, (frame: Frame, ...args: Any[]) => Any> = {
    log: (_, text) => this.#now(this.#run.line(`log ${text}`)),
    return: (frame, value) => this.#now(new Return(this.#run.value(value, frame))),
    raise: (_, name, message) => {
      throw this.#run.makeError(name, message);
    },
    reraise: (frame) => {
      throw frame.handling.at(-1);
    },
    repeat: (frame, count, ops) => this.#repeat(frame, count, ops),
    try: (frame, body, clauses) => this.#try(frame, body, clauses),
    with: (frame, name, body) => {
      const prim = this.#run.prims.get(name);
      const title = `with ${name}`;
      const isBarrier = "nWaiting" in prim;
      const entering = (value: unknown) =>
        this.#run.line(`${title} enter -> ${isBarrier ? this.#run.show(value) : "null"}`);
      return this.#inside(title, (block) => prim.withLock(block), body, frame, entering);
    },
    timeout: (frame, name, delay, body) => {
      const bind = (limit: unknown) => void this.#run.handles.set(name, limit);
      const enter = (block: Any) => asyncio.timeout(delay, block);
      return this.#inside(`timeout ${name}`, enter, body, frame, bind);
    },
    timeout_at: (frame, name, when, body) => {
      const bind = (limit: unknown) => void this.#run.handles.set(name, limit);
      const enter = (block: Any) => asyncio.timeoutAt(when, block);
      return this.#inside(`timeout_at ${name}`, enter, body, frame, bind);
    },
    taskgroup: (frame, name, body) => {
      const bind = (group: unknown) => void this.#run.handles.set(name, group);
      return this.#inside(`taskgroup ${name}`, asyncio.taskGroup, body, frame, bind);
    },
    as_completed: (frame, aws, timeout, mode, onError, body) =>
      this.#asCompleted(frame, aws, timeout, mode, onError, body),
    let: (frame, name, aw) => this.#let(frame, name, aw),
    spawn: (frame, name, coro, context) => {
      this.#run.line(`spawn ${name}`);
      const options = { name, ...this.#run.context(context) };
      return this.#bind(name, () => asyncio.createTask(this.#awaitable(coro, frame), options));
    },
    spawn_eager: (frame, name, coro) => {
      this.#run.line(`spawn_eager ${name}`);
      const options = { name, eagerStart: true };
      return this.#bind(name, () => asyncio.createTask(this.#awaitable(coro, frame), options));
    },
    tg_spawn: (frame, group, name, coro, context) => {
      this.#run.line(`tg_spawn ${group} ${name}`);
      const options = { name, ...this.#run.context(context) };
      const make = () => this.#run.handle(group).createTask(this.#awaitable(coro, frame), options);
      return this.#bind(name, make);
    },
  };

  /** Makes a task and binds it, after its first step if it is eager. */
  async #bind(name: string, make: () => Any): Promise<undefined> {
    const made = make();
    // An await of what is done waits for nothing but the first steps of eager tasks.
    await this.#run.done;
    this.#run.handles.set(name, made);
  }

  async #let(frame: Frame, name: string, aw: Op): Promise<undefined> {
    const future = this.#awaitable(aw, frame);
    await this.#run.done;
    this.#run.handles.set(name, future);
    this.#run.label(future, name);
    this.#run.line(`let ${name}`);
  }

  // Awaitables: awaited when used as an op, handed over when nested in another

  #all(aws: (Op | string)[], frame: Frame): Any[] {
    return aws.map((aw) => this.#awaitable(aw, frame));
  }

  #awaitable(aw: Op | string, frame: Frame): Any {
    if (typeof aw === "string") return this.#run.handle(aw);
    const [head, ...args] = aw;
    return this.#awaitables[head]!(frame, ...args.map((arg) => this.#run.value(arg, frame)));
  }

  #prim(name: string): Any {
    return this.#run.prims.get(name);
  }

  readonly #awaitables: Record<string, (frame: Frame, ...args: Any[]) => Any> = {
    await: (_, name) => this.#run.handle(name),
    call: (_, name) => lazy(() => this.coroutine(name)),
    sleep: (_, delay, value = null) => asyncio.sleep(delay, value),
    gather: (frame, aws, returnExceptions) =>
      asyncio.gather(this.#all(aws, frame), { returnExceptions }),
    wait: (frame, aws, timeout, returnWhen) =>
      asyncio.wait(this.#all(aws, frame), { timeout, returnWhen }),
    wait_for: (frame, aw, limit) => asyncio.waitFor(this.#awaitable(aw, frame), limit),
    shield: (frame, aw) => asyncio.shield(this.#awaitable(aw, frame)),
    acquire: (_, prim) => this.#prim(prim).acquire(),
    event_wait: (_, event) => this.#prim(event).wait(),
    cond_wait: (_, condition) => this.#prim(condition).wait(),
    cond_wait_for: (_, condition, counter, least) =>
      this.#prim(condition).waitFor(this.#run.predicate(condition, counter, least)),
    barrier_wait: (_, barrier) => this.#prim(barrier).wait(),
    barrier_reset: (_, barrier) => this.#prim(barrier).reset(),
    barrier_abort: (_, barrier) => this.#prim(barrier).abort(),
    put: (_, queue, item) => this.#prim(queue).put(item),
    get: (_, queue) => this.#prim(queue).get(),
    join: (_, queue) => this.#prim(queue).join(),
  };
}
