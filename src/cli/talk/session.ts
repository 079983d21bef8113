// The terminal and a session, or a WebSocket, which has messages and no half-close either: each line of stdin is a message, each message that comes is a line of stdout.
// Invariant: a link that breaks is no end; when the session ends, all that had come has been written before that is told.

import { setImmediate as turn } from "node:timers/promises";

import { ClosedError } from "../../index.js";
import type { Signals } from "../signals.js";
import { copy, type End, rethrow, type WriteFailure } from "./end.js";
import type { InputFormat, MessageFormat } from "./format.js";
import { join } from "./lines.js";
import { Silence } from "./silence.js";
import { OutputClosed } from "./stdout.js";
import { onlyFailure, type Taps, unlessLost } from "./talk.js";
import type { Terminal } from "./terminal.js";

export interface SessionTalk {
  readonly format: MessageFormat;
  readonly taps: Taps;
  /** Silence after which the session is closed. Without it: at the end of stdin, once all has arrived. */
  readonly idleMs: number | undefined;
}

/** What a session and a connection have in common. */
export interface Messages {
  batches(): AsyncIterator<Uint8Array[], undefined>;
  send(message: Uint8Array): Promise<void>;
  flush?(): Promise<void>;
  close(): Promise<void>;
  abort(reason?: unknown): void;
  readonly closed: Promise<{ readonly error?: Error | undefined }>;
}

/**
 * Until either side has closed the session. A session has no half-close: whoever waits for answers to its last lines
 * says how long, by `idleMs`.
 * @throws how the session was lost; what was wrong with stdin or stdout.
 */
export async function talkSession(terminal: Terminal, session: Messages, talk: SessionTalk): Promise<void> {
  const { format, taps, idleMs } = talk;
  const silence = new Silence(idleMs);
  const end = new SessionEnd(session, format, idleMs === undefined ? undefined : silence.reached);
  const broken = () => silence.broken();
  const sending = copy(terminal, end, [...taps.sent, broken]).then(unlessOver);
  const receiving = copy(end, terminal, [...taps.received, broken]).then(rethrow);
  try {
    await Promise.race([receiving, onlyFailure(sending)]);
    await session.close();
  } catch (error) {
    await leave(session, error);
  } finally {
    silence.stop();
  }
  const { error } = await session.closed;
  if (error !== undefined) throw error;
}

/** A signal ends it at once: the other side is told, and does not wait for us to come back. What it returns takes it back. */
export function abortOnExit(
  session: Pick<Messages, "abort">,
  signals: Pick<Signals, "beforeExit">,
): () => void {
  return signals.beforeExit(() => abortNow(session, "interrupted"));
}

/** Resolves once the other side has been told, if there is a link: the process may exit then. */
export async function abortNow(session: Pick<Messages, "abort">, reason: unknown): Promise<void> {
  session.abort(reason);
  await turn();
}

class SessionEnd implements End {
  readonly #session: Messages;
  readonly #format: MessageFormat;
  readonly #input: InputFormat;
  readonly #silent: Promise<void> | undefined;
  readonly #batches: AsyncIterator<Uint8Array[], undefined>;

  constructor(session: Messages, format: MessageFormat, silent: Promise<void> | undefined) {
    this.#session = session;
    this.#format = format;
    this.#input = format.openInput();
    this.#silent = silent;
    this.#batches = session.batches();
    void silent?.then(() => session.close());
  }

  async read(): Promise<Uint8Array | undefined> {
    const { value: messages } = await this.#batches.next();
    if (messages === undefined) return undefined;
    return join(messages.flatMap((message) => [message, this.#format.trailer]));
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (const message of this.#input.push(chunk)) await this.#session.send(message);
  }

  async end(): Promise<void> {
    for (const message of this.#input.rest()) await this.#session.send(message);
    await this.#session.flush?.();
    if (this.#silent === undefined) await this.#session.close();
  }
}

/** A session that has ended can take no more, which is for the receiving side to tell. */
function unlessOver(failure: WriteFailure): void {
  if (!(failure?.error instanceof ClosedError)) unlessLost(failure);
}

/** @throws `error`, unless it says no more than that nobody reads our stdout. */
async function leave(session: Messages, error: unknown): Promise<void> {
  // What we have sent may still go out, but no answer is waited for.
  if (error instanceof OutputClosed) return session.close();
  await abortNow(session, error);
  throw error;
}
