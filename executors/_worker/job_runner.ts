/**
 * A worker's side of the protocol: runs what it is sent, one call after the other.
 *
 * Invariants: calls start in the order of their numbers and are answered in it, each once:
 * what a job returns is adopted as `await` adopts it, whatever it gives or how often. One
 * call runs at a time, a stream until its end; a call that the pool took back doesn't
 * start. A batch whose calls return at once runs without a promise. A result is copied or
 * sent before the next call runs. Nothing here throws because of a value of a job's.
 */

import { describe, unreadable } from "../_wire/clone.ts";
import { decodeError, type EncodedError, encodeError } from "../_wire/error_codec.ts";
import type { WorkerLink } from "../_wire/link.ts";
import { type Post, sendAlone } from "../_wire/parcel.ts";
import * as protocol from "../_wire/protocol.ts";
import { type JobScope, setJobScope } from "../job.ts";
import { isTransferred, unwrapTransferred } from "../transfer.ts";
import { Functions, type Job } from "./functions.ts";
import { Outbox, uncloneable } from "./outbox.ts";
import { type AnyGenerator, isGenerator, StreamSource } from "./stream_source.ts";

/** How long results may wait for others to be sent with. */
const FLUSH_AFTER = 1;

/** Runs the calls of one worker. */
export class JobRunner implements JobScope {
  readonly #post: Post;
  /** Whether jobs have to begin in a macrotask. */
  readonly #defer: boolean;
  readonly #outbox: Outbox;
  readonly #functions = new Functions();
  /** What the messages to the pool end with; none are sent before it is known. */
  #key: number | null = null;
  /** What came ahead of the message that is about it, or why that couldn't be read. */
  #held: { values: unknown[] } | { error: unknown } | null = null;
  #control: Int32Array | null = null;
  /** Whether it is a guard that looks at the memory, and a moment later. */
  #isGuarded = false;
  /** Messages that came while one was being worked on. */
  readonly #waiting: unknown[][] = [];
  /** Nothing runs before the initializer has. */
  #busy = true;
  // Where the batch stands.
  #batch: unknown[] = [];
  #at = 0;
  #job: Job = () => {};
  #argc = 0;
  #left = 0;
  /** The number after that of the call that runs. */
  #next = 0;
  #flushed = 0;
  /** Whether the pool was told that the batch has ended, with its last outcome. */
  #saidEnd = false;
  // What the running job asked for.
  #controller: AbortController | null = null;
  #stream: StreamSource | null = null;
  /** Reasons that came before their calls started. */
  readonly #reasons: Map<number, unknown> = new Map();

  constructor(post: WorkerLink["post"], sharesMemory: boolean, defer = false) {
    const sealed: WorkerLink["post"] = (message, transfer, kind) => {
      message.push(this.#key);
      post(message, transfer, kind);
    };
    this.#post = Object.assign(sealed, { sharesMemory });
    this.#defer = defer;
    this.#outbox = new Outbox(this.#post);
    setJobScope(this);
  }

  /** Takes a message of the pool's. */
  receive(message: unknown): void {
    if (!Array.isArray(message)) return;
    switch (message[0]) {
      case protocol.INIT:
        return void this.#init(message[1]);
      case protocol.HOLD:
        this.#held = { values: message[1] };
        return;
      case protocol.RUN:
        if (message.length === 7 && message[5] > 0) this.#takeHeld(message);
        if (this.#busy) this.#waiting.push(message);
        else this.#start(message);
        return;
      case protocol.ABORT:
        return this.#abort(message[1], this.#reasonIn(message));
      case protocol.PULL:
        if (this.#stream !== null && message[1] === this.#running) this.#stream.allow(message[2]);
        return;
      case protocol.LEAVE:
        if (this.#stream !== null && message[1] === this.#running) this.#stream.leave();
    }
  }

  /** Shares memory with a guard in place of the pool. */
  beGuarded(control: SharedArrayBuffer): void {
    this.#control = new Int32Array(control);
    this.#isGuarded = true;
  }

  /** Sends what there is, and how far it got: this worker ends. */
  farewell(error: EncodedError | null): void {
    if (this.#key === null) return;
    if (!this.#outbox.isEmpty) this.#flush(performance.now(), false);
    sendAlone(this.#post, [protocol.FAREWELL, this.#next], [error], [], protocol.HELD);
  }

  /** Takes the farewell back. */
  stay(): void {
    if (this.#key !== null) this.#post([protocol.FAREWELL, null, null], []);
  }

  /** Takes note that a message came that can't be read: values that were sent ahead. */
  receiveUnreadable(error: unknown): void {
    this.#held = { error };
  }

  /** Tells the pool that a job sent something that is no message between it and this worker. */
  stray(value: unknown): void {
    if (this.#key !== null) this.#post([protocol.STRAY, describe(value)], []);
  }

  signal(): AbortSignal {
    const controller = this.#controller ??= new AbortController();
    const flagged = this.#control !== null &&
      Atomics.load(this.#control, protocol.CONTROL_ABORTED) === this.#next;
    if (flagged && !controller.signal.aborted) {
      controller.abort(new DOMException("The job was told to stop", "AbortError"));
    }
    return controller.signal;
  }

  report(value: unknown): void {
    const transfer: Transferable[] = [];
    const sent = isTransferred(value) ? unwrapTransferred(value, transfer) : value;
    // The pool takes it for the call that is to be answered next.
    if (!this.#outbox.isEmpty) this.#flush(performance.now(), false);
    try {
      sendAlone(this.#post, [protocol.REPORT, this.#running], [sent], transfer, protocol.HELD);
    } catch (error) {
      throw uncloneable(sent, "value", error);
    }
  }

  get #running(): number {
    return (this.#next - 1) | 0;
  }

  async #init(setup: protocol.WorkerSetup): Promise<void> {
    this.#key = setup.key;
    this.#functions.restrict(setup.allow);
    if (setup.control !== null) this.#control = new Int32Array(setup.control);
    try {
      if (setup.initializer !== null) {
        const held = this.#held ?? { values: [] };
        this.#held = null;
        if ("error" in held) throw unreadable("initializer's arguments", held.error);
        await this.#functions.load(setup.initializer);
        await this.#functions.get(setup.initializer[0])(...held.values);
      }
      this.#post([protocol.READY], []);
      this.#startNext();
    } catch (error) {
      sendAlone(this.#post, [protocol.FAILED], [encodeError(error)], [], protocol.HELD);
    }
  }

  #reasonIn(message: unknown[]): unknown {
    if (message.length > 2) return decodeError(message[2] as EncodedError);
    const held = this.#held;
    this.#held = null;
    if (held === null || "error" in held) return new DOMException("Told to stop", "AbortError");
    return decodeError(held.values[0] as EncodedError);
  }

  /** Completes a message whose values came ahead of it. */
  #takeHeld(message: unknown[]): void {
    const held = this.#held ?? { error: new Error("They didn't come") };
    this.#held = null;
    if ("values" in held) message.push(...held.values);
    else {
      message[4] = Functions.THROW;
      message[5] = 1;
      message.push(unreadable("arguments", held.error));
    }
  }

  #start(message: unknown[]): void {
    this.#busy = true;
    this.#batch = message;
    this.#at = 4;
    this.#left = 0;
    this.#next = message[1] as number;
    if (message[3] === null) return this.#begin();
    const definitions = JSON.parse(message[3] as string) as protocol.Definition[];
    Promise.all(definitions.map((each) => this.#functions.load(each))).then(() => {
      if (this.#defer) setTimeout(() => this.#begin(), 0);
      else this.#begin();
    });
  }

  #begin(): void {
    if (this.#batch[2] === true) this.#post([protocol.STARTED, this.#next], []);
    this.#flushed = performance.now();
    this.#run();
  }

  /** Runs calls until the batch ends or one of them has to be waited for. */
  #run(): void {
    const control = this.#control;
    while (true) {
      if (this.#left === 0) {
        const batch = this.#batch;
        if (this.#at >= batch.length) return this.#endBatch();
        this.#job = this.#functions.get(batch[this.#at] as number);
        this.#argc = batch[this.#at + 1] as number;
        this.#left = batch[this.#at + 2] as number;
        this.#at += 3;
      }
      const at = this.#at;
      const argc = this.#argc;
      this.#at = at + argc;
      this.#left -= 1;
      const number = this.#next;
      this.#next = (number + 1) | 0;
      if (control !== null) {
        // Without a fence, which would cost a quick call a tenth, where nobody looks at once.
        if (this.#isGuarded) control[protocol.CONTROL_STARTED] = this.#next;
        else Atomics.store(control, protocol.CONTROL_STARTED, this.#next);
        if (
          Atomics.load(control, protocol.CONTROL_LIMITED) !== 0 &&
          ((number - Atomics.load(control, protocol.CONTROL_LIMIT)) | 0) >= 0
        ) {
          this.#reasons.delete(number);
          this.#outbox.add(number, protocol.SKIPPED, undefined);
          continue;
        }
      }
      if (this.#reasons.size > 0) this.#takeReason(number);
      try {
        const args = this.#batch;
        const job = this.#job;
        const result = argc === 1
          ? job(args[at])
          : argc === 2
          ? job(args[at], args[at + 1])
          : argc === 0
          ? job()
          : job(...args.slice(at, at + argc));
        if (typeof result === "object" && result !== null && !isTransferred(result)) {
          if (result instanceof Promise) return void this.#await(result);
          const { then } = result;
          if (typeof then === "function") return void this.#await(adopt(result, then));
          if (isGenerator(result)) return this.#open(result);
        }
        this.#returned(result);
      } catch (error) {
        this.#threw(error);
      }
      const now = performance.now();
      if (now - this.#flushed >= FLUSH_AFTER && (this.#left > 0 || this.#at < this.#batch.length)) {
        this.#flush(now, false);
      }
    }
  }

  #returned(result: unknown): void {
    this.#controller = null;
    const transfer: Transferable[] = [];
    if (isTransferred(result)) result = unwrapTransferred(result, transfer);
    this.#answer(protocol.VALUES, result, transfer);
  }

  #threw(error: unknown): void {
    const encoded = this.#encode(error);
    this.#controller = null;
    this.#answer(protocol.ERRORS, encoded, []);
  }

  /** Puts an outcome to the others, or sends it, so that nothing can change it any more. */
  #answer(kind: number, value: unknown, transfer: Transferable[]): void {
    const number = this.#running;
    try {
      if (transfer.length === 0 && this.#outbox.add(number, kind, value)) return;
    } catch (cause) {
      // An error always can be sent.
      const error = uncloneable(value, "result", cause);
      if (kind === protocol.VALUES) return this.#answer(protocol.ERRORS, encodeError(error), []);
    }
    if (!this.#outbox.isEmpty) this.#flush(performance.now(), false);
    const now = performance.now();
    const isLast = this.#left === 0 && this.#at >= this.#batch.length;
    this.#outbox.sendAlone(number, kind, value, transfer, now - this.#flushed, isLast);
    this.#flushed = now;
    this.#saidEnd = isLast;
  }

  /** An error, marked if it is the reason that the job was told to stop with. */
  #encode(error: unknown): EncodedError {
    const signal = this.#controller?.signal;
    return encodeError(error, signal?.aborted === true && isReason(error, signal));
  }

  /** Waits for what a job promised; `await` takes the first outcome only. */
  async #await(result: Promise<unknown>): Promise<void> {
    // Nothing may wait for an answer that is there already.
    if (!this.#outbox.isEmpty) this.#flush(performance.now(), false);
    let value: unknown;
    try {
      value = await result;
    } catch (error) {
      this.#threw(error);
      return this.#run();
    }
    if (isGenerator(value)) return this.#open(value);
    this.#returned(value);
    this.#run();
  }

  /** Runs a generator's stream to its end, then goes on. */
  #open(generator: AnyGenerator): void {
    this.#outbox.add(this.#running, protocol.STREAM, undefined);
    this.#flush(performance.now(), false);
    const stream = this.#stream = new StreamSource(generator, this.#running, this.#post);
    stream.run((error) => this.#encode(error)).then(() => {
      this.#stream = null;
      this.#controller = null;
      this.#run();
    });
  }

  #flush(now: number, ended: boolean): void {
    this.#outbox.flush(now - this.#flushed, ended);
    this.#flushed = now;
  }

  #endBatch(): void {
    this.#batch = [];
    if (!this.#saidEnd) this.#flush(performance.now(), true);
    this.#saidEnd = false;
    this.#startNext();
  }

  #startNext(): void {
    this.#busy = false;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#start(next);
  }

  #abort(number: number, reason: unknown): void {
    if (this.#busy && number === this.#running && this.#batch[2] !== undefined) {
      (this.#controller ??= new AbortController()).abort(reason);
      this.#stream?.leave();
    } else if (((number - this.#next) | 0) >= 0) this.#reasons.set(number, reason);
  }

  #takeReason(number: number): void {
    if (!this.#reasons.has(number)) return;
    (this.#controller ??= new AbortController()).abort(this.#reasons.get(number));
    this.#reasons.delete(number);
  }
}

/** A thenable's first outcome, and what that promises in its turn. */
function adopt(thenable: object, then: Job): Promise<unknown> {
  return new Promise((resolve, reject) => then.call(thenable, resolve, reject));
}

/** Whether a job threw what it was told to stop with. */
function isReason(error: unknown, signal: AbortSignal): boolean {
  try {
    return signal.reason === error ||
      (error instanceof DOMException && error.name === "AbortError");
  } catch {
    return false;
  }
}
