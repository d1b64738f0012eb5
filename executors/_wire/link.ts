/** What a pool needs of a runtime to have workers: the seam that `_runtime/` fills. */

import type { Kind } from "./parcel.ts";

/** How a worker ended. */
export interface WorkerEnd {
  /** Such as `it exited with code 3` or `it was ended by SIGKILL`. */
  how: string;
  /** The error that did it, where one is known. */
  error?: unknown;
  /** By a Ctrl-C, which was meant for this process. */
  interrupted?: boolean;
  /** It couldn't be stopped and still runs. */
  abandoned?: boolean;
}

/** What a worker tells its pool. Nothing comes after `ended`. */
export interface WorkerEvents {
  /** Something came: a message, or what a job sent. */
  message(message: unknown): void;
  /** Something came that can't be read. */
  unreadable(error: unknown): void;
  /** The worker's guard answers: of the calls up to `end`, none from `from` on will start. */
  recalled(from: number, end: number): void;
  /** The worker is no more, whatever ended it. */
  ended(end: WorkerEnd): void;
}

/** The line to one worker. */
export interface WorkerLink {
  /**
   * Sends a message, whose values are of that kind.
   *
   * @throws {LineClosed} If the worker can't be reached any more.
   * @throws If something in it can't be cloned; then nothing was sent.
   */
  post(message: unknown[], transfer: Transferable[], kind?: Kind): void;
  /** Ends the worker, whatever it does; `ended` tells when it is gone. */
  kill(): void;
  /** Ends a worker that has nothing to do. */
  close(): void;
  /** Keeps this process alive for the worker's sake. */
  hold(): void;
  /** Lets this process end while the worker lives. */
  release(): void;
  /** Has the guard of a worker without shared memory keep calls from starting, if it has one. */
  recall?(from: number, end: number): void;
  /** Has that guard show a busy job that it is to stop. */
  flagAbort?(number: number): void;
}

/** Starts workers of one kind. */
export interface WorkerHost {
  /** Whether a SharedArrayBuffer can be sent. */
  readonly sharesMemory: boolean;
  /** Whether nothing but an initializer can keep a worker from starting. */
  readonly startsSurely: boolean;
  /** After how many idle milliseconds a worker is ended, if nobody says. */
  readonly idleTimeout: number;
  /** Starts one; throws if it can't be. */
  start(name: string, events: WorkerEvents): WorkerLink;
}

/** There is nobody at the other end. */
export class LineClosed extends Error {}
