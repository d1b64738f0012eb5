/**
 * One worker, as its pool sees it.
 *
 * Invariants: a call is in one place only: a pool's queue, one worker's calls
 * (`sent_calls.ts`), or settled. After the end nothing is sent or taken. What can't be sent
 * fails its own call, and the others go.
 *
 * No end is silent: it fails a call, or the pool is told that it failed none. A call that
 * hadn't started when its worker ended goes back to the pool. If nobody knows whether one
 * had, its error says that it is in doubt.
 */

import { RuntimeError, TimeoutError } from "../../errors.ts";
import { decodeError, type EncodedError, encodeError } from "../_wire/error_codec.ts";
import type { WorkerEnd, WorkerHost, WorkerLink } from "../_wire/link.ts";
import { type Post, sendAlone } from "../_wire/parcel.ts";
import * as protocol from "../_wire/protocol.ts";
import { Answers } from "./answers.ts";
import { type Arrival, Inbox, type Reader } from "./inbox.ts";
import { loseCalls, type LossOwner } from "./lost_calls.ts";
import { OpenStream } from "./open_stream.ts";
import type { CallHolder, PoolFuture } from "./pool_future.ts";
import { Sender, Unsendable } from "./sender.ts";
import { SentCalls } from "./sent_calls.ts";
import { limitLoading, startClock } from "./time_limits.ts";
import { sendSetup, sharedWords, startLink } from "./worker_start.ts";

/** What a worker tells its pool. */
export interface WorkerOwner extends LossOwner {
  /** It can be sent work. */
  started(worker: PoolWorker): void;
  /** It has room for a batch. */
  freed(worker: PoolWorker): void;
  /**
   * It is gone: ended by itself, by {@linkcode PoolWorker.kill}, or it never started.
   * `lost` calls failed by it.
   */
  ended(worker: PoolWorker, end: WorkerEnd, expected: boolean, lost: number): void;
  /** Something came from it that is no message of the protocol: a job sent it. */
  strayed(worker: PoolWorker, what: string): void;
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
  readonly #startTimeout: number;
  readonly #link: WorkerLink;
  readonly #post: Post;
  readonly #calls: SentCalls;
  readonly #sender: Sender;
  readonly #inbox: Inbox;
  readonly #answers: Answers;
  readonly #stream: OpenStream;
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
    const post: WorkerLink["post"] = (...sent) => this.#link.post(...sent);
    this.#post = Object.assign(post, { sharesMemory: host.sharesMemory });
    this.name = setup.name;
    const control = sharedWords(host);
    // What its messages end with.
    const key = Math.random();
    this.#calls = new SentCalls(control);
    this.#sender = new Sender(this.#post, host.sharesMemory);
    this.#inbox = new Inbox(key, this.#reader());
    this.#stream = new OpenStream({
      post: (message) => void (this.state === "ready" && this.#post(message, [])),
      finished: (call, elapsed, failed) => owner.finished(call, elapsed, failed),
    });
    const openStream = (call: PoolFuture): void => this.#openStream(call);
    this.#answers = new Answers(this.#calls, this.#inbox, owner, openStream);
    this.#link = startLink(host, this.name, {
      message: (message) => {
        if (this.state !== "ended") this.#inbox.receive(message);
      },
      unreadable: (error) => this.#inbox.receiveUnreadable(error),
      recalled: (from, end) => this.#recalled(from, end),
      ended: (end) => this.#end(end),
    });
    try {
      sendSetup(this.#post, { ...setup, control, key }, [...initArgs]);
    } catch (error) {
      this.#startError = error;
      this.kill();
    }
    // Without need no timer is made: on Deno the first one takes 5 ms of a cold start.
    if (setup.initializer !== null || !host.startsSurely) this.#limitStart();
  }

  /** Whether it can be sent a batch now. */
  get isOpen(): boolean {
    return this.state === "ready" && !this.#calls.isLimited;
  }

  /** Whether it can be given a call to begin with: one that can be had back, should another be free first. */
  get isPromising(): boolean {
    return this.state === "starting" && this.#calls.areSeen && this.batches === 0;
  }

  /** Calls that it has. */
  get load(): number {
    return this.#calls.length;
  }

  /** Whether calls that it hasn't started can be had back. */
  get canGiveBack(): boolean {
    const can = this.#calls.areSeen || this.#link.recall !== undefined;
    return can && !this.#calls.isLimited && this.#calls.length > 1;
  }

  /** Sends a batch; each call of it that can't be sent fails, and the others go. */
  send(calls: PoolFuture[], now: number): void {
    // Without shared memory only the worker can tell that a call has started.
    const announce = calls.length === 1 &&
      (calls[0]!.limits !== null || (!this.#calls.areSeen && !this.quick));
    for (let at = 0; at < calls.length;) {
      if (this.#calls.isLimited || (this.state !== "ready" && this.state !== "starting")) {
        return this.#owner.returned(calls.slice(at));
      }
      at += this.#sendSome(calls, at, announce, now);
    }
  }

  /** Sends those of `calls` from `at` on that can travel together; gives how many are dealt with. */
  #sendSome(calls: PoolFuture[], at: number, announce: boolean, now: number): number {
    let count: number;
    try {
      count = this.#sender.send(calls, at, this.#calls.next, announce);
    } catch (error) {
      if (error instanceof Unsendable) {
        this.#owner.finished(calls[at]!, 0, true);
        calls[at]!.setException(error.error);
        return 1;
      }
      // Not the arguments' fault: the calls go to another worker.
      this.#startError ??= error;
      this.kill();
      this.#owner.returned(calls.slice(at));
      return calls.length - at;
    }
    for (let i = at; i < at + count; i++) {
      const call = calls[i]!;
      this.#calls.add(call, this, announce);
      if (announce && call.limits !== null) limitLoading(call, this, this.#startTimeout);
    }
    this.sent += count;
    if (this.batches++ === 0) {
      this.batchSince = now;
      this.#link.hold();
    }
    return count;
  }

  /** Takes back all that hasn't started: of a worker that does no longer start, all but the first. */
  takeBackAll(): PoolFuture[] {
    const first = this.#calls.peek();
    if (first === undefined) return [];
    return this.#takeBack(this.state === "starting" ? first.number : (first.number + 1) | 0);
  }

  /** Has it give back all that it hasn't started but for the first: now, or when its guard has answered. */
  giveBack(): void {
    const first = this.#calls.peek();
    if (this.#calls.areSeen) return this.#owner.returned(this.takeBackAll());
    if (first === undefined || this.state !== "ready") return;
    this.#calls.isLimited = true;
    this.#link.recall?.((first.number + 1) | 0, this.#calls.next);
  }

  #takeBack(from: number): PoolFuture[] {
    if (this.state !== "ready" && this.state !== "starting") return [];
    return this.#calls.takeBack(from);
  }

  takeOut(call: PoolFuture): boolean {
    if (!this.#calls.areSeen || call.done() || this.hasStarted(call)) return false;
    const taken = this.#takeBack(call.number);
    const others = taken.filter((each) => each !== call);
    this.#owner.returned(others);
    if (others.length === taken.length) return false;
    call.holder = null;
    call.backToPending();
    return true;
  }

  hasStarted(call: PoolFuture): boolean {
    return this.#calls.hasStarted(call);
  }

  stop(call: PoolFuture, reason: unknown, killAfter: number | undefined): void {
    call.stopped ??= { reason };
    if (this.state !== "ready") return;
    if (killAfter !== undefined && killAfter <= 0) return this.#killFor(call);
    if (!this.#calls.flagAbort(call)) this.#link.flagAbort?.(call.number);
    const message = [protocol.ABORT, call.number];
    try {
      sendAlone(this.#post, message, [encodeError(reason)], [], protocol.HOLD);
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

  /** The guard's answer. Once a later batch was sent, all that it speaks of were answered. */
  #recalled(from: number, end: number): void {
    if (this.state !== "ready" || end !== this.#calls.next) return;
    this.#owner.returned(this.#calls.truncate(from));
  }

  #limitStart(): void {
    const timeout = this.#startTimeout;
    if (timeout === Infinity) return;
    this.#startTimer = setTimeout(() => {
      this.#startError = new TimeoutError(`Cannot start ${this.name}: no answer in ${timeout} ms`);
      this.kill();
    }, timeout);
  }

  #reader(): Reader {
    return {
      ready: () => this.#ready(),
      failed: (error) => {
        this.#startError = "value" in error
          ? decodeError(error.value as EncodedError)
          : error.error;
        this.kill();
      },
      started: (number) => {
        const call = this.#calls.peek();
        if (call === undefined || call.number !== number) return;
        call.begun = true;
        startClock(call, this);
      },
      reported: (number, report) => this.#reported(number, report),
      answered: (message) => {
        if (this.#answers.take(message)) this.#endBatch();
      },
      yielded: (number, item) => this.#stream.receive(number, item),
      streamEnded: (number, kind, value) => this.#stream.end(number, kind, value),
      tookLeave: (next, error) => this.#tookLeave(next, error),
      strayed: (what) => this.#strayed(what),
      erred: (error) => {
        this.#startError ??= error;
        this.kill();
      },
    };
  }

  #ready(): void {
    // Deno loads its timers at the first call, if only to clear none.
    if (this.#startTimer !== undefined) clearTimeout(this.#startTimer);
    if (this.state !== "starting") return;
    this.state = "ready";
    this.wasReady = true;
    this.#owner.started(this);
  }

  #reported(number: unknown, report: Arrival): void {
    const call = this.#stream.callOf(number) ?? this.#calls.peek();
    if (call === undefined || call.number !== number) return;
    if ("value" in report) call.progress(report.value);
    else this.#strayed("a report that can't be read");
  }

  #tookLeave(next: unknown, error: Arrival): void {
    const reason = !("value" in error)
      ? error
      : error.value === null
      ? {}
      : { error: decodeError(error.value as EncodedError) };
    this.#farewell = typeof next === "number" ? { next, reason } : null;
  }

  /** What didn't come from this worker's side of the protocol. */
  #strayed(what: string): void {
    if (this.state !== "ended") this.#owner.strayed(this, what);
  }

  #endBatch(): void {
    if (this.batches === 0) throw new RuntimeError("It ended a batch that it hasn't");
    this.batches -= 1;
    const now = performance.now();
    this.batchSince = now;
    if (this.batches === 0) {
      this.idleSince = now;
      this.#calls.lift();
    }
    if (this.state === "ready") this.#owner.freed(this);
  }

  #openStream(call: PoolFuture): void {
    call.holder = this;
    const stream = this.#stream.open(call);
    call.profile.stream();
    // Time starts anew for what goes on, and whoever is behind this call mustn't wait for it.
    startClock(call, this);
    this.#owner.returned(this.#takeBack((call.number + 1) | 0));
    if (!call.done()) call.setResult(stream);
  }

  /** Ends the worker for one call's sake: the others that it had started are lost. */
  #killFor(call: PoolFuture): void {
    if (this.state !== "ready" || call.holder !== this) return;
    // Nothing may come from it any more: what follows decides every call.
    const unstarted = this.#takeUnstarted();
    this.kill();
    this.#owner.returned(unstarted);
    const end: WorkerEnd = { how: `it was ended to stop '${call.profile.definition[3]}'` };
    loseCalls(this.#calls, this.#stream, this.#owner, end, false);
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
      this.#calls.keep(next);
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
    const isUnknown = !this.#calls.areSeen && farewell === null;
    const lost = loseCalls(this.#calls, this.#stream, this.#owner, end, isUnknown);
    this.#owner.ended(this, end, expected, lost);
  }

  #takeUnstarted(): PoolFuture[] {
    return this.#calls.takeUnstarted(this.#farewell?.next ?? null, this.state === "ready");
  }
}
