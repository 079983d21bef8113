// The rules of a conversation: what ends it, and what is still finished then.
// Invariant: when a peer ends, all that it sent has been written before the conversation is over.

import { type Connection, DisconnectedError, TimeoutError } from "../../index.js";
import { ConnectionEnd } from "./connection-end.js";
import { copy, rethrow, type Tap, type WriteFailure } from "./end.js";
import { type Format, untouched } from "./format.js";
import { OutputClosed } from "./stdout.js";
import type { Terminal } from "./terminal.js";

export interface Taps {
  readonly sent: readonly Tap[];
  readonly received: readonly Tap[];
}

/**
 * The terminal and a connection, until the peer has ended and, unless a person types it, stdin is sent to its end or
 * to the first failed write.
 * @throws what cut the connection short; what was wrong with stdin or stdout.
 */
export async function talk(
  terminal: Terminal,
  connection: Connection,
  format: Format,
  taps: Taps,
): Promise<void> {
  const end = new ConnectionEnd(connection, format);
  const sending = copy(terminal, end, taps.sent).then(unlessLost);
  const receiving = copy(end, terminal, taps.received).then(rethrow);
  try {
    await Promise.race([receiving, onlyFailure(sending)]);
    if (!terminal.isTyped) await sending;
    await connection.close();
  } catch (error) {
    await leave(connection, error);
  }
}

/** Two connections, until both directions are done. @throws what cut either short. */
export async function join(left: Connection, right: Connection, taps: Taps): Promise<void> {
  const [a, b] = [new ConnectionEnd(left, untouched), new ConnectionEnd(right, untouched)];
  try {
    // A write that fails after its peer's own end only says that nobody reads any more; before it, reading fails too.
    await Promise.all([copy(a, b, taps.sent), copy(b, a, taps.received)]);
    await Promise.all([left.close(), right.close()]);
  } catch (error) {
    await Promise.all([cut(left, error), cut(right, error)]);
    throw error;
  }
}

/** Ends it now; resolves once its end has been told. */
export async function cut(connection: Connection, reason: unknown): Promise<void> {
  connection.abort(reason);
  await connection.closed;
}

/** A connection that can take no more is for the receiving side to tell, which still reads what has arrived. */
export function unlessLost(failure: WriteFailure): void {
  if (failure === undefined) return;
  const { error } = failure;
  if (!(error instanceof DisconnectedError || error instanceof TimeoutError)) throw error;
}

/** Rejects if `outcome` does; its success is no news. */
export function onlyFailure(outcome: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => void outcome.catch(reject));
}

/** @throws `error`, unless it says no more than that nobody reads our stdout. */
async function leave(connection: Connection, error: unknown): Promise<void> {
  const isQuiet = error instanceof OutputClosed;
  // What we have sent may still go out, but no answer is waited for.
  if (isQuiet && connection.stats.pendingBytes > 0) await connection.close();
  await cut(connection, error);
  if (!isQuiet) throw error;
}
