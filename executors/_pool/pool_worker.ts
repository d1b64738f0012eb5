/**
 * One worker, as its pool sees it.
 *
 * Invariants: `#calls` are the calls it was sent and hasn't answered, in the order
 * of their numbers; answers come in that order, and none is taken but the next. A call is
 * in one place only: a pool's queue, one worker's `#calls`, or settled. After the end
 * nothing is sent or taken. What comes is data: if it isn't of the protocol it is told to
 * the user and dropped, if it is and makes no sense the worker is ended; taking it never
 * throws. What can't be sent fails its own call, and the others go.
 * While calls are being taken back no batch is sent, until all that were sent have
 * ended: only then is it known which of them the worker skipped.
 *
 * No end is silent: it fails a call, or the pool is told that it failed none. A call that
 * hadn't started when its worker ended goes back to the pool. Whether one had is known
 * by the memory that is shared with the worker, or by its farewell; if by neither, a call
 * counts as started, lest it run twice, and its error says that it is in doubt.
 */

import { describe, serializationError, unreadable } from "../_wire/clone.ts";
import { decodeError, type EncodedError, encodeError, isReason } from "../_wire/error_codec.ts";
import { Deque } from "../../deque.ts";
import { JobStream } from "./job_stream.ts";
import { LineClosed, type WorkerEnd, type WorkerHost, type WorkerLink } from "../_wire/link.ts";
import { type Post, sendAlone } from "../_wire/parcel.ts";
import { type CallHolder, type PoolFuture, withOrigin } from "./pool_future.ts";
import * as protocol from "../_wire/protocol.ts";
import type { FunctionProfile } from "./profile.ts";
import { RunMessage, uncloneableArguments } from "../_wire/run_message.ts";
import { RuntimeError, TimeoutError } from "../../errors.ts";

/** What a worker tells its pool. */
export interface WorkerOwner {
  /** It can be sent work. */
  started(worker: PoolWorker): void;
  /** It has room for a batch. */
  freed(worker: PoolWorker): void;
  /** Calls that it had and never started. */
  returned(calls: PoolFuture[]): void;
  /** A call returned or threw; `elapsed` is its share of its batch. */
  finished(call: PoolFuture, elapsed: number, failed: boolean): void;
  /**
   * It is gone: ended by itself, by {@linkcode PoolWorker.kill}, or it never started.
   * `lost` calls failed by it.
   */
  ended(worker: PoolWorker, end: WorkerEnd, expected: boolean, lost: number): void;
  /** Something came from it that is no message of the protocol: a job sent it. */
  strayed(worker: PoolWorker, what: string): void;
  /** The error for a call that its worker took with it, if it had started: that may be in doubt. */
  brokenBy(call: PoolFuture, end: WorkerEnd, inDoubt: boolean): unknown;
}

/** So many workers may end when they are about to start a call. */
const MAX_LOST = 3;

/** A worker and what it has to do. */
export class PoolWorker implements CallHolder {
  /** Where it is in its life. `doomed`: told to end, and not yet gone. */
  state: "starting" | "ready" | "doomed" | "ended" = "starting";
  /** Batches that it was sent and hasn't ended. */
  batches = 0;
  /** Calls that it was sent in its life. */
  sent = 0;
  /** How many messages of its jobs' own it sent. */
  strays = 0;
  /** Since when it has nothing to do. */
  idleSince = 0;
  /** Since when it is at the batch that it runs. */
  batchSince = 0;
  /** Whether it ever was ready. */
  wasReady = false;
  /** Whether all that it has is quick. */
  quick = true;
  readonly name: string;
  readonly #owner: WorkerOwner;
  readonly #host: WorkerHost;
  readonly #startTimeout: number;
  readonly #link: WorkerLink;
  readonly #control: Int32Array | null;
  readonly #calls: Deque<PoolFuture> = new Deque();
  readonly #defined: Set<number> = new Set();
  /** What its messages end with. */
  readonly #key = Math.random();
  readonly #post: Post;
  #nextNumber = 0;
  #answered = 0;
  /** What came ahead of the message that is about it, or why that couldn't be read. */
  #held: { values: unknown[] } | { error: unknown } | null = null;
  #limited = false;
  #stream: { call: PoolFuture; side: JobStream } | null = null;
  #startTimer: ReturnType<typeof setTimeout> | undefined;
  #startError: unknown;
  /** What it said when it was about to end. */
  #farewell: { next: number; reason: { error?: unknown } } | null = null;

  constructor(
    owner: WorkerOwner,
    host: WorkerHost,
    setup: Omit<protocol.WorkerSetup, "control" | "key">,
    initArgs: readonly unknown[],
    startTimeout: number,
  ) {
    this.#owner = owner;
    this.#startTimeout = startTimeout;
    this.#host = host;
    const post: WorkerLink["post"] = (...sent) => this.#link.post(...sent);
    this.#post = Object.assign(post, { sharesMemory: host.sharesMemory });
    this.name = setup.name;
    const bytes = protocol.CONTROL_WORDS * 4;
    const shared = host.sharesMemory && typeof SharedArrayBuffer === "function"
      ? new SharedArrayBuffer(bytes)
      : null;
    this.#control = shared === null ? null : new Int32Array(shared);
    this.#link = this.#start();
    try {
      this.#holdInitArgs([...initArgs]);
      this.#post([protocol.INIT, { ...setup, control: shared, key: this.#key }], []);
    } catch (error) {
      this.#startError = error;
      this.kill();
    }
    // Without need no timer is made: on Deno the first one takes 5 ms of a cold start.
    if (setup.initializer !== null || !host.startsSurely) this.#limitStart();
  }

  /** Whether it can be sent a batch now. */
  get isOpen(): boolean {
    return this.state === "ready" && !this.#limited;
  }

  /** Whether it can be given a call to begin with: one that can be had back, should another be free first. */
  get isPromising(): boolean {
    return this.state === "starting" && this.#control !== null && this.batches === 0;
  }

  /** Calls that it has. */
  get load(): number {
    return this.#calls.length;
  }

  /** Whether calls that it hasn't started can be had back. */
  get canGiveBack(): boolean {
    const can = this.#control !== null || this.#link.recall !== undefined;
    return can && !this.#limited && this.#calls.length > 1;
  }

  /** Sends a batch; each call of it that can't be sent fails, and the others go. */
  send(calls: PoolFuture[], now: number): void {
    // Without shared memory only the worker can tell that a call has started.
    const announce = calls.length === 1 &&
      (calls[0]!.limits !== null || (this.#control === null && !this.quick));
    for (let at = 0; at < calls.length;) {
      if (this.#limited || (this.state !== "ready" && this.state !== "starting")) {
        return this.#owner.returned(calls.slice(at));
      }
      at += this.#sendSome(calls, at, announce, now);
    }
  }

  /** Sends those of `calls` from `at` on that can travel together; gives how many are dealt with. */
  #sendSome(calls: PoolFuture[], at: number, announce: boolean, now: number): number {
    const run = new RunMessage(
      this.#nextNumber,
      announce,
      this.#defined,
      this.#host.sharesMemory,
    );
    let end = at;
    try {
      while (end < calls.length && run.add(calls[end]!)) end += 1;
    } catch (error) {
      if (end === at) return this.#failToSend(calls[at]!, error);
    }
    try {
      if (end > at) run.send(this.#post);
      else run.sendAlone(calls[end++]!, this.#post);
    } catch (error) {
      if (run.count === 0 && !(error instanceof LineClosed)) {
        return this.#failToSend(calls[at]!, error);
      }
      // Not the arguments' fault: the calls go to another worker.
      this.#startError ??= error;
      this.kill();
      this.#owner.returned(calls.slice(at));
      return calls.length - at;
    }
    for (const [id] of run.fresh) this.#defined.add(id);
    let number = this.#nextNumber;
    for (let i = at; i < end; i++) {
      const call = calls[i]!;
      call.holder = this;
      call.number = number;
      call.begun = !announce;
      if (announce && call.limits !== null) this.#limitLoading(call);
      number = (number + 1) | 0;
      this.#calls.push(call);
    }
    this.#nextNumber = number;
    this.sent += end - at;
    if (this.batches++ === 0) {
      this.batchSince = now;
      this.#link.hold();
    }
    return end - at;
  }

  #failToSend(call: PoolFuture, error: unknown): 1 {
    this.#owner.finished(call, 0, true);
    call.setException(uncloneableArguments(call, this.#host.sharesMemory, error));
    return 1;
  }

  /** Takes back what hasn't started, from that number on. */
  takeBack(from: number): PoolFuture[] {
    const control = this.#control;
    if (control === null || (this.state !== "ready" && this.state !== "starting")) return [];
    const limit = this.#limited
      ? earlier(from, Atomics.load(control, protocol.CONTROL_LIMIT))
      : from;
    Atomics.store(control, protocol.CONTROL_LIMIT, limit);
    Atomics.store(control, protocol.CONTROL_LIMITED, 1);
    this.#limited = true;
    // The worker marks a call as started first and looks for the limit then: what isn't
    // marked by now will be skipped.
    const started = Atomics.load(control, protocol.CONTROL_STARTED);
    return this.#truncate(((limit - started) | 0) > 0 ? limit : started);
  }

  /** Takes back all that hasn't started: of a worker that does no longer start, all but the first. */
  takeBackAll(): PoolFuture[] {
    const first = this.#calls.peek();
    if (first === undefined) return [];
    return this.takeBack(this.state === "starting" ? first.number : (first.number + 1) | 0);
  }

  /** Has it give back all that it hasn't started but for the first: now, or when its guard has answered. */
  giveBack(): void {
    const first = this.#calls.peek();
    if (this.#control !== null) return this.#owner.returned(this.takeBackAll());
    if (first === undefined || this.state !== "ready") return;
    this.#limited = true;
    this.#link.recall?.((first.number + 1) | 0, this.#nextNumber);
  }

  takeOut(call: PoolFuture): boolean {
    if (this.#control === null || call.done()) return false;
    if (this.hasStarted(call)) return false;
    const taken = this.takeBack(call.number);
    const others = taken.filter((each) => each !== call);
    this.#owner.returned(others);
    if (others.length === taken.length) return false;
    call.holder = null;
    call.backToPending();
    return true;
  }

  hasStarted(call: PoolFuture): boolean {
    if (this.#control === null) return call.begun;
    return ((call.number - Atomics.load(this.#control, protocol.CONTROL_STARTED)) | 0) < 0;
  }

  stop(call: PoolFuture, reason: unknown, killAfter: number | undefined): void {
    call.stopped ??= { reason };
    if (this.state !== "ready") return;
    if (killAfter !== undefined && killAfter <= 0) return this.#killFor(call);
    if (this.#control === null) this.#link.flagAbort?.(call.number);
    else Atomics.store(this.#control, protocol.CONTROL_ABORTED, (call.number + 1) | 0);
    try {
      sendAlone(
        this.#post,
        [protocol.ABORT, call.number],
        [encodeError(reason)],
        [],
        protocol.HOLD,
      );
    } catch {
      // Nobody is there to be told.
    }
    if (killAfter === undefined || killAfter === Infinity) return;
    clearTimeout(call.timer);
    call.timer = setTimeout(() => this.#killFor(call), killAfter);
  }

  /** Ends it, whatever it does. */
  kill(): void {
    if (this.state === "ended") return;
    this.state = "doomed";
    // This process must see it end.
    this.#link.hold();
    this.#link.kill();
  }

  /** Ends it when it has nothing to do. */
  close(): void {
    if (this.state !== "ready") return this.kill();
    this.state = "doomed";
    this.#link.hold();
    this.#link.close();
  }

  /** Keeps the process alive. */
  hold(): void {
    this.#link.hold();
  }

  /** Lets the process end if nothing else holds it. */
  release(): void {
    this.#link.release();
  }

  /** Starts it. Whatever keeps it from starting is how it ends. */
  #start(): WorkerLink {
    try {
      return this.#host.start(this.name, {
        message: (message) => this.#receive(message),
        unreadable: (error) => this.#receiveUnreadable(error),
        recalled: (from, end) => this.#recalled(from, end),
        ended: (end) => this.#end(end),
      });
    } catch (error) {
      queueMicrotask(() => this.#end({ how: "it couldn't be started", error }));
      const nothing = (): void => {};
      return { post: nothing, kill: nothing, close: nothing, hold: nothing, release: nothing };
    }
  }

  /** The guard's answer. Once a later batch was sent, all that it speaks of were answered. */
  #recalled(from: number, end: number): void {
    if (this.state !== "ready" || end !== this.#nextNumber) return;
    this.#owner.returned(this.#truncate(from));
  }

  #holdInitArgs(args: unknown[]): void {
    if (args.length === 0) return;
    try {
      this.#post([protocol.HOLD, args], []);
    } catch (error) {
      const shared = this.#host.sharesMemory;
      throw serializationError(args, "arguments of the initializer", "args", error, shared);
    }
  }

  #limitStart(): void {
    const timeout = this.#startTimeout;
    if (timeout === Infinity) return;
    this.#startTimer = setTimeout(() => {
      this.#startError = new TimeoutError(`Cannot start ${this.name}: no answer in ${timeout} ms`);
      this.kill();
    }, timeout);
  }

  #receiveUnreadable(error: unknown): void {
    if (this.#held !== null && "error" in this.#held) this.#stray("what can't be read");
    this.#held = { error };
  }

  /** What didn't come from this worker's side of the protocol. */
  #stray(what: string): void {
    if (this.state !== "ended") this.#owner.strayed(this, what);
  }

  #receive(message: unknown): void {
    if (this.state === "ended") return;
    if (!Array.isArray(message) || message.length < 2 || message.pop() !== this.#key) {
      return this.#stray(describe(message));
    }
    try {
      this.#take(message);
    } catch (error) {
      // A reply to what wasn't asked, or in no form that it could have.
      this.#startError ??= error;
      this.kill();
    }
  }

  #take(message: unknown[]): void {
    const held = this.#held;
    if (held !== null && !lacksValues(message)) {
      if ("values" in held) throw new RuntimeError("It sent values that nothing was about");
      this.#held = null;
      this.#stray("what can't be read");
    }
    const call = this.#calls.peek();
    switch (message[0]) {
      case protocol.RESULTS:
        return this.#results(message);
      case protocol.HELD:
        this.#held = { values: message[1] as unknown[] };
        return;
      case protocol.STRAY:
        return this.#stray(String(message[1]));
      case protocol.READY:
        // Deno loads its timers at the first call, if only to clear none.
        if (this.#startTimer !== undefined) clearTimeout(this.#startTimer);
        if (this.state !== "starting") return;
        this.state = "ready";
        this.wasReady = true;
        return this.#owner.started(this);
      case protocol.FAILED: {
        const encoded = this.#valueAt(message, 1);
        this.#startError = "value" in encoded
          ? decodeError(encoded.value as EncodedError)
          : encoded.error;
        return this.kill();
      }
      case protocol.STARTED:
        if (call === undefined || call.number !== message[1]) return;
        call.begun = true;
        if (call.limits !== null) this.#startClock(call);
        return;
      case protocol.REPORT: {
        const of = this.#stream?.call.number === message[1] ? this.#stream!.call : call;
        const report = this.#valueAt(message, 2);
        if (of === undefined || of.number !== message[1]) return;
        if ("value" in report) of.progress(report.value);
        else this.#stray("a report that can't be read");
        return;
      }
      case protocol.ITEMS: {
        const item = this.#valueAt(message, 2);
        if (this.#stream === null || this.#stream.call.number !== message[1]) return;
        if ("value" in item) this.#stream.side.receive(item.value);
        else this.#failStream(unreadable("item of the job", item.error));
        return;
      }
      case protocol.ENDED: {
        const value = this.#valueAt(message, 3);
        if (this.#stream?.call.number !== message[1]) return;
        if ("value" in value) this.#endStream(message[2] as number, value.value);
        else this.#failStream(unreadable("result of the job", value.error));
        return;
      }
      case protocol.FAREWELL: {
        const next = message[1];
        const error = this.#valueAt(message, 2);
        const reason = !("value" in error)
          ? error
          : error.value === null
          ? {}
          : { error: decodeError(error.value as EncodedError) };
        this.#farewell = typeof next === "number" ? { next, reason } : null;
      }
    }
  }

  /** A message's last value, which may have come ahead of it. */
  #valueAt(message: unknown[], at: number): { value: unknown } | { error: unknown } {
    if (at < message.length) return { value: message[at] };
    const held = this.#held ?? { error: new RuntimeError("It didn't come") };
    this.#held = null;
    return "error" in held ? held : { value: held.values[0] };
  }

  #results(message: unknown[]): void {
    if (message.length > 4 && message[3] !== this.#answered) {
      throw new RuntimeError(`It answered call ${message[3]}, and ${this.#answered} was the next`);
    }
    let count = 0;
    for (let i = 4; i < message.length;) {
      const kind = message[i]!;
      const n = message[i + 1] as number;
      if (kind !== protocol.SKIPPED) count += n;
      i += kind === protocol.VALUES || kind === protocol.ERRORS ? n + 2 : 2;
    }
    const share = count === 0 ? 0 : (message[1] as number) / count;
    let profile: FunctionProfile | null = null;
    let alike = 0;
    for (let i = 4; i < message.length;) {
      const kind = message[i++] as number;
      const n = message[i++] as number;
      for (let k = 0; k < n; k++) {
        let value: unknown;
        let failure: { error: unknown } | null = null;
        if (kind === protocol.VALUES || kind === protocol.ERRORS) {
          if (i < message.length) value = message[i++];
          else {
            const held = this.#valueAt(message, i);
            if ("value" in held) value = held.value;
            else failure = held;
          }
        }
        const call = this.#takeAnswered();
        if (call === null) continue;
        if (call.profile !== profile) {
          profile?.record(share * alike, alike);
          profile = call.profile;
          alike = 0;
        }
        if (kind !== protocol.SKIPPED) alike += 1;
        if (failure !== null) this.#failToRead(call, failure.error, share);
        else if (kind === protocol.VALUES) this.#returned(call, value, share);
        else if (kind === protocol.ERRORS) this.#threw(call, value as EncodedError, share);
        else if (kind === protocol.SKIPPED) this.#owner.returned([call]);
        else this.#openStream(call);
      }
    }
    if (alike > 0) profile?.record(share * alike, alike);
    if (message[2] === true) this.#endBatch();
  }

  /** The call whose answer comes next, unless it was taken back. */
  #takeAnswered(): PoolFuture | null {
    const number = this.#answered;
    if (number === this.#nextNumber) throw new RuntimeError(`It answered a call that it hasn't`);
    this.#answered = (number + 1) | 0;
    const call = this.#calls.peek();
    if (call === undefined || call.number !== number) return null;
    this.#calls.shift();
    if (call.timer !== undefined) {
      clearTimeout(call.timer);
      call.timer = undefined;
    }
    call.holder = null;
    return call;
  }

  #returned(call: PoolFuture, value: unknown, share: number): void {
    this.#owner.finished(call, share, false);
    call.settleReturned(value);
  }

  #failToRead(call: PoolFuture, error: unknown, share: number): void {
    this.#owner.finished(call, share, true);
    if (call.done()) return;
    const name = call.profile.definition[3];
    call.setException(withOrigin(unreadable(`result of '${name}'`, error), call));
  }

  #threw(call: PoolFuture, encoded: EncodedError, share: number): void {
    this.#owner.finished(call, share, true);
    call.profile.mayThrow = true;
    if (call.stopped !== null && isReason(encoded)) call.settleStopped(call.stopped.reason);
    else if (!call.done()) call.setException(withOrigin(decodeError(encoded), call));
  }

  #endBatch(): void {
    if (this.batches === 0) throw new RuntimeError("It ended a batch that it hasn't");
    this.batches -= 1;
    const now = performance.now();
    this.batchSince = now;
    if (this.batches === 0) {
      this.idleSince = now;
      if (this.#limited) {
        if (this.#control !== null) Atomics.store(this.#control, protocol.CONTROL_LIMITED, 0);
        this.#limited = false;
      }
    }
    if (this.state === "ready") this.#owner.freed(this);
  }

  #openStream(call: PoolFuture): void {
    const { number } = call;
    call.holder = this;
    const post = (message: unknown[]): void => {
      if (this.#stream?.call !== call || this.state !== "ready") return;
      try {
        this.#post(message, []);
      } catch {
        // Nobody is there; its end will tell.
      }
    };
    const side = new JobStream({
      pull: (count) => post([protocol.PULL, number, count]),
      leave: () => post([protocol.LEAVE, number]),
    });
    this.#stream = { call, side };
    call.profile.stream();
    // Time starts anew for what goes on, and whoever is behind this call mustn't wait for it.
    if (call.limits !== null) this.#startClock(call);
    this.#owner.returned(this.takeBack((number + 1) | 0));
    if (!call.done()) call.setResult(side);
  }

  /** Takes the stream from the worker: it has ended. */
  #takeStream(failed: boolean): { call: PoolFuture; side: JobStream } | null {
    const stream = this.#stream;
    if (stream === null) return null;
    this.#stream = null;
    clearTimeout(stream.call.timer);
    stream.call.holder = null;
    this.#owner.finished(stream.call, Infinity, failed);
    return stream;
  }

  #endStream(kind: number, value: unknown): void {
    const stream = this.#takeStream(kind === protocol.ERRORS);
    if (stream === null) return;
    const { call, side } = stream;
    const stops = kind === protocol.VALUES || isReason(value as EncodedError);
    if (call.stopped !== null && stops) side.fail(call.stopped.reason);
    else side.finish(kind, value);
  }

  /** The stream lacks something: it fails, and its worker needn't go on with it. */
  #failStream(error: unknown): void {
    const stream = this.#stream;
    if (stream === null) return;
    stream.side.fail(error);
    this.#post([protocol.LEAVE, stream.call.number], []);
  }

  /** A call whose time is limited mustn't wait for ever for its module either. */
  #limitLoading(call: PoolFuture): void {
    const { timeout } = call.limits!;
    if (timeout === null || timeout === Infinity || this.#startTimeout === Infinity) return;
    call.timer = setTimeout(() => {
      const name = call.profile.definition[3];
      const time = `${this.#startTimeout} ms`;
      this.stop(
        call,
        new TimeoutError(`Cannot run '${name}': its module didn't load in ${time}`),
        0,
      );
    }, this.#startTimeout);
  }

  #startClock(call: PoolFuture): void {
    const { timeout, killAfter } = call.limits!;
    if (timeout === null || timeout === Infinity) return;
    clearTimeout(call.timer);
    call.timer = setTimeout(() => {
      call.timer = undefined;
      const name = call.profile.definition[3];
      const reason = new TimeoutError(`Cannot finish '${name}' in time: it ran for ${timeout} ms`);
      this.stop(call, reason, killAfter ?? 0);
    }, Math.max(0, timeout));
  }

  /** Ends the worker for one call's sake: the others that it had started are lost. */
  #killFor(call: PoolFuture): void {
    if (this.state !== "ready" || call.holder !== this) return;
    // Nothing may come from it any more: what follows decides every call.
    const unstarted = this.#takeUnstarted();
    this.kill();
    this.#owner.returned(unstarted);
    const end: WorkerEnd = { how: `it was ended to stop '${call.profile.definition[3]}'` };
    this.#loseCalls(end, false);
  }

  #end(end: WorkerEnd): void {
    if (this.state === "ended") return;
    // Before it was ready, it couldn't leave a Ctrl-C to this process.
    const expected = (this.state === "doomed" && this.#startError === undefined) ||
      (end.interrupted === true && !this.wasReady);
    clearTimeout(this.#startTimer);
    this.state = "ended";
    const farewell = this.#farewell;
    const next = this.#calls.peek();
    let unstarted = this.#takeUnstarted();
    // A call that ends worker after worker before it starts: its module does that.
    if (next !== undefined && unstarted[0] === next && !expected && ++next.lost >= MAX_LOST) {
      this.#calls.push(next);
      unstarted = unstarted.slice(1);
    }
    // What the platform says of its end tells more than that it couldn't be spoken to.
    if (!("error" in end)) {
      if (this.#startError !== undefined) {
        const how = this.wasReady ? end.how : "it couldn't start";
        end = { ...end, how, error: this.#startError };
      } else if (farewell !== null) end = { ...end, ...farewell.reason };
    }
    this.#owner.returned(unstarted);
    const lost = this.#loseCalls(end, this.#control === null && farewell === null);
    this.#owner.ended(this, end, expected, lost);
  }

  /**
   * Removes and returns the calls that surely never started. Where no memory is shared
   * only the worker's farewell tells which those are: without one none, lest a call run twice.
   */
  #takeUnstarted(): PoolFuture[] {
    const control = this.#control;
    if (control === null) {
      return this.#farewell === null ? [] : this.#truncate(this.#farewell.next);
    }
    const started = Atomics.load(control, protocol.CONTROL_STARTED);
    return this.state === "ready" ? this.takeBack(started) : this.#truncate(started);
  }

  /** Fails what it had and gives how many calls that were; of several, any may have started. */
  #loseCalls(end: WorkerEnd, unknown: boolean): number {
    const calls = this.#calls.drain();
    const inDoubt = unknown && calls.length > 1;
    for (const call of calls) {
      clearTimeout(call.timer);
      call.holder = null;
      this.#owner.finished(call, Infinity, true);
      if (call.done()) continue;
      if (call.stopped !== null) call.settleStopped(call.stopped.reason);
      else call.setException(withOrigin(this.#owner.brokenBy(call, end, inDoubt), call));
    }
    const stream = this.#takeStream(true);
    if (stream === null) return calls.length;
    const { call, side } = stream;
    side.fail(call.stopped?.reason ?? this.#owner.brokenBy(call, end, false));
    return calls.length + 1;
  }

  /** Removes calls from that number on. */
  #truncate(from: number): PoolFuture[] {
    const first = this.#calls.peek();
    if (first === undefined) return [];
    const taken = this.#calls.truncate((from - first.number) | 0);
    for (const call of taken) {
      call.holder = null;
      clearTimeout(call.timer);
      call.timer = undefined;
    }
    return taken;
  }
}

function earlier(a: number, b: number): number {
  return ((a - b) | 0) < 0 ? a : b;
}

/** Whether a message is about values that came ahead of it. */
function lacksValues(message: unknown[]): boolean {
  switch (message[0]) {
    case protocol.RESULTS:
      return message.length === 6 && (message[4] as number) <= protocol.ERRORS;
    case protocol.FAILED:
      return message.length === 1;
    case protocol.REPORT:
    case protocol.ITEMS:
    case protocol.FAREWELL:
      return message.length === 2;
    default:
      return message[0] === protocol.ENDED && message.length === 3;
  }
}
