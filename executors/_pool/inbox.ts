/**
 * What comes from a worker, and what it says.
 *
 * Invariant: what comes is data. If it isn't of the protocol, it is told to the user and
 * dropped; if it is, and makes no sense, the worker is ended. Taking it never throws.
 */

import { RuntimeError } from "../../errors.ts";
import { describe } from "../_wire/clone.ts";
import * as protocol from "../_wire/protocol.ts";

/** A value that came, or why it can't be read. */
export type Arrival = { value: unknown } | { error: unknown };

/** Whoever is told. Numbers are those that the worker says: they may be wrong. */
export interface Reader {
  /** It can be sent work. */
  ready(): void;
  /** Its initializer threw. */
  failed(error: Arrival): void;
  /** That call has started. */
  started(number: unknown): void;
  /** That call has something to report. */
  reported(number: unknown, report: Arrival): void;
  /** Calls have ended. */
  answered(message: unknown[]): void;
  /** An item of that call's stream. */
  yielded(number: unknown, item: Arrival): void;
  /** That call's stream has ended. */
  streamEnded(number: unknown, kind: number, value: Arrival): void;
  /** It is about to end, and hasn't started anything from that number on. */
  tookLeave(next: unknown, error: Arrival): void;
  /** Something came that isn't of its side of the protocol. */
  strayed(what: string): void;
  /** A reply to what wasn't asked, or in no form that it could have. */
  erred(error: unknown): void;
}

/** Takes one worker's messages. */
export class Inbox {
  readonly #key: number;
  readonly #reader: Reader;
  /** What came ahead of the message that is about it, or why that couldn't be read. */
  #held: { values: unknown[] } | { error: unknown } | null = null;

  /** `key` is what the worker's messages end with. */
  constructor(key: number, reader: Reader) {
    this.#key = key;
    this.#reader = reader;
  }

  /** Takes something that came. */
  receive(message: unknown): void {
    if (!Array.isArray(message) || message.length < 2 || message.pop() !== this.#key) {
      return this.#reader.strayed(describe(message));
    }
    try {
      this.#take(message);
    } catch (error) {
      this.#reader.erred(error);
    }
  }

  /** Takes that something came that can't be read. */
  receiveUnreadable(error: unknown): void {
    if (this.#held !== null && "error" in this.#held) {
      this.#reader.strayed("what can't be read");
    }
    this.#held = { error };
  }

  /** A message's last value, which may have come ahead of it. */
  valueAt(message: unknown[], at: number): Arrival {
    if (at < message.length) return { value: message[at] };
    const held = this.#held ?? { error: new RuntimeError("It didn't come") };
    this.#held = null;
    return "error" in held ? held : { value: held.values[0] };
  }

  #take(message: unknown[]): void {
    const held = this.#held;
    const reader = this.#reader;
    if (held !== null && !lacksValues(message)) {
      if ("values" in held) throw new RuntimeError("It sent values that nothing was about");
      this.#held = null;
      reader.strayed("what can't be read");
    }
    switch (message[0]) {
      case protocol.RESULTS:
        return reader.answered(message);
      case protocol.HELD:
        this.#held = { values: message[1] as unknown[] };
        return;
      case protocol.STRAY:
        return reader.strayed(String(message[1]));
      case protocol.READY:
        return reader.ready();
      case protocol.FAILED:
        return reader.failed(this.valueAt(message, 1));
      case protocol.STARTED:
        return reader.started(message[1]);
      case protocol.REPORT:
        return reader.reported(message[1], this.valueAt(message, 2));
      case protocol.ITEMS:
        return reader.yielded(message[1], this.valueAt(message, 2));
      case protocol.ENDED:
        return reader.streamEnded(message[1], message[2] as number, this.valueAt(message, 3));
      case protocol.FAREWELL:
        return reader.tookLeave(message[1], this.valueAt(message, 2));
    }
  }
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
