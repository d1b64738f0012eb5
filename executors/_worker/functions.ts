/** The functions that a worker was told of, loaded when they are first needed. */

import { serializationError } from "../_wire/clone.ts";
import type { Definition } from "../_wire/protocol.ts";
import { isTransferred, transfer, unwrapTransferred } from "../transfer.ts";

// deno-lint-ignore no-explicit-any -- functions of any shape
export type Job = (...args: any[]) => any;

/** Functions by their id. */
export class Functions {
  /** The id of a function that throws its argument. */
  static readonly THROW = 0;

  readonly #jobs: Map<number, Job> = new Map([[Functions.THROW, (error: unknown): never => {
    throw error;
  }]]);
  #allow: Set<string> | null = null;

  /** Keeps the worker to these modules. */
  restrict(allow: string[] | null): void {
    this.#allow = allow === null ? null : new Set(allow);
  }

  /** The function of that id. */
  get(id: number): Job {
    return this.#jobs.get(id)!;
  }

  /** As `load`, with a function that is at hand. */
  async loadWith(definition: Definition, job: Job | undefined): Promise<void> {
    const [id, , , , isChunked] = definition;
    if (this.#jobs.has(id)) return;
    if (job === undefined) return await this.load(definition);
    this.#jobs.set(id, isChunked ? (argLists: unknown[][]) => runChunk(job, argLists) : job);
  }

  /** Loads a function; one that can't be had throws when it is called. */
  async load(definition: Definition): Promise<void> {
    const [id, , , , isChunked] = definition;
    let job: Job;
    try {
      job = await this.#find(definition);
    } catch (error) {
      job = () => {
        throw error;
      };
    }
    this.#jobs.set(id, isChunked ? (argLists: unknown[][]) => runChunk(job, argLists) : job);
  }

  async #find([, url, nameOrSource, name]: Definition): Promise<Job> {
    if (url === null) {
      if (this.#allow !== null) {
        throw new TypeError(
          `Cannot run '${name}': this pool only runs functions of allowed modules`,
        );
      }
      return compile(nameOrSource, name);
    }
    if (this.#allow !== null && !this.#allow.has(url)) {
      throw new TypeError(`Cannot run '${name}': ${url} isn't among the pool's allowed modules`);
    }
    const module = await import(url);
    const job = module[name];
    if (typeof job === "function") return job;
    const functions = Object.keys(module).filter((key) => typeof module[key] === "function");
    throw new TypeError(
      `Cannot run '${name}': ${url} exports no such function, only ${
        functions.join(", ") || "none at all"
      }`,
    );
  }
}

function compile(source: string, name: string): Job {
  // Indirect eval: the source sees globals only.
  const job = (0, eval)(`"use strict"; (${source}\n)`) as Job;
  const explain = (error: unknown): unknown => explainClosure(error, name);
  // deno-lint-ignore no-explicit-any -- arguments of any shape
  return (...args: any[]) => {
    try {
      const result = job(...args);
      return result instanceof Promise ? explainLater(result) : result;
    } catch (error) {
      throw explain(error);
    }
  };
  async function explainLater(result: Promise<unknown>): Promise<unknown> {
    try {
      return await result;
    } catch (error) {
      throw explain(error);
    }
  }
}

/** A name that the source's check let pass but that isn't there. */
function explainClosure(error: unknown, name: string): unknown {
  if (!isReferenceError(error)) return error;
  const missing = /^(?:Can't find variable: )?([\w$]+)(?: is not defined)?$/.exec(error.message)
    ?.[1];
  if (missing === undefined) return error;
  return new TypeError(
    `Cannot run '${name}' in a worker: it closes over '${missing}'; pass it as an argument, or ` +
      `export the function from a module and name that with workerModule()`,
    { cause: error },
  );
}

function isReferenceError(error: unknown): error is ReferenceError {
  try {
    return error instanceof ReferenceError && typeof error.message === "string";
  } catch {
    // Whatever was thrown, it is a proxy, or has a getter.
    return false;
  }
}

/** Calls of one chunk are one job; their results have nothing in common all the same. */
function runChunk(job: Job, argLists: unknown[][]): unknown {
  const results: unknown[] = [];
  const list: Transferable[] = [];
  for (let i = 0; i < argLists.length; i++) {
    const result = job(...argLists[i]!);
    if (mayBeThenable(result)) return finishChunk(job, argLists, results, list, result);
    results.push(keep(result, list));
  }
  return list.length > 0 ? transfer(results, list) : results;
}

async function finishChunk(
  job: Job,
  argLists: unknown[][],
  results: unknown[],
  list: Transferable[],
  first: unknown,
): Promise<unknown[]> {
  results.push(keep(await first, list));
  while (results.length < argLists.length) {
    results.push(keep(await job(...argLists[results.length]!), list));
  }
  return list.length > 0 ? transfer(results, list) : results;
}

function mayBeThenable(result: unknown): boolean {
  return typeof result === "object" && result !== null && !isTransferred(result) &&
    (result instanceof Promise || "then" in result);
}

/** A result as it is now: the next call of the chunk may change the object. */
function keep(result: unknown, list: Transferable[]): unknown {
  if (isTransferred(result)) return unwrapTransferred(result, list);
  if (typeof result !== "object" || result === null) return result;
  try {
    return structuredClone(result);
  } catch (cause) {
    throw serializationError(result, "result of the job", "result", cause);
  }
}
