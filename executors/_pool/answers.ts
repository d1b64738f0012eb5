/** From a worker's results to the futures of its calls. */

import { RuntimeError } from "../../errors.ts";
import { unreadable } from "../_wire/clone.ts";
import { decodeError, type EncodedError, isReason } from "../_wire/error_codec.ts";
import * as protocol from "../_wire/protocol.ts";
import type { Inbox } from "./inbox.ts";
import { type PoolFuture, withOrigin } from "./pool_future.ts";
import type { FunctionProfile } from "./profile.ts";
import type { SentCalls } from "./sent_calls.ts";

/** Who is told what became of calls. */
export interface AnswersOwner {
  /** A call returned or threw; `elapsed` is its share of its batch. */
  finished(call: PoolFuture, elapsed: number, failed: boolean): void;
  /** Calls that the worker had and never started. */
  returned(calls: PoolFuture[]): void;
}

/** Settles one worker's calls. */
export class Answers {
  readonly #calls: SentCalls;
  readonly #inbox: Inbox;
  readonly #owner: AnswersOwner;
  readonly #openStream: (call: PoolFuture) => void;

  constructor(
    calls: SentCalls,
    inbox: Inbox,
    owner: AnswersOwner,
    openStream: (call: PoolFuture) => void,
  ) {
    this.#calls = calls;
    this.#inbox = inbox;
    this.#owner = owner;
    this.#openStream = openStream;
  }

  /** Takes a message of results; tells whether a batch has ended. */
  take(message: unknown[]): boolean {
    const { answered } = this.#calls;
    if (message.length > 4 && message[3] !== answered) {
      throw new RuntimeError(`It answered call ${message[3]}, and ${answered} was the next`);
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
            const held = this.#inbox.valueAt(message, i);
            if ("value" in held) value = held.value;
            else failure = held;
          }
        }
        const call = this.#calls.takeAnswered();
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
    return message[2] === true;
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
}
