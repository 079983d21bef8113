// The session door: a program takes part in the room over a session, which outlives its links. On stream 0, both ways,
// a message is one line of UTF-8 without a line break: the same lines as at the plain door.
// Invariant: a member whose link breaks stays a member; what is said meanwhile waits in its session, within its credit.

import { LimitError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import type { SessionLimits } from "../protocol/session/session-limits.js";
import type { Session, SessionLinkInfo } from "../session/session.js";
import type { News } from "./news.js";
import { type Hall, type Traffic, Visitor } from "./visitor.js";

/**
 * What the room keeps for a member that has no link, or does not read: as much as one takes that has not asked for more,
 * since what a stranger asks for would be held as often as it opens sessions.
 */
export const keptBytesMax: number = limits.mainCreditBytes;

/** No streams, since nobody would read them; and little unread, since whoever floods the room is read more slowly. */
export const sessionDoorLimits: Partial<SessionLimits> = {
  outboxBytesMax: keptBytesMax,
  mainCreditBytes: limits.messageBytesMax,
  streamsMax: 0,
};

/** One session's visit, until it ends. Returns when it should be closed. @throws as `receive` does. */
export function visitBySession(session: Session, hall: Hall, signal: AbortSignal): Promise<void> {
  return new SessionVisitor(session, hall).visit(signal);
}

const lineFeed = 0x0a;

export class SessionVisitor extends Visitor {
  readonly #session: Session;

  constructor(session: Session, hall: Hall) {
    super(session, hall);
    this.#session = session;
  }

  get id(): string {
    return this.#session.id;
  }

  get traffic(): Traffic {
    const { stats, state } = this.#session;
    const { bytesReceived, bytesSent, unacknowledgedBytes, unreadBytes, roundTripMs, silentMs } = stats;
    return {
      bytesIn: bytesReceived,
      bytesOut: bytesSent,
      pendingBytes: unacknowledgedBytes,
      unreadBytes,
      roundTripMs,
      silentMs,
      state: state.name,
    };
  }

  override get link(): SessionLinkInfo | undefined {
    return this.#session.link;
  }

  cut(): void {
    this.#session.cutLink();
  }

  protected deliver(news: News): boolean {
    try {
      for (const message of this.messagesOf(news)) {
        if (!this.#session.trySend(message)) return this.#isEnding;
      }
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      // It takes no messages as long as this one, and so not all that the room says.
      this.#session.abort(error);
    }
    return true;
  }

  /** The news as messages of the session: a line each. */
  protected *messagesOf({ lines }: News): Iterable<Uint8Array> {
    for (let from = 0; from < lines.length; ) {
      const end = lines.indexOf(lineFeed, from);
      yield lines.subarray(from, end);
      from = end + 1;
    }
  }

  protected async listen(signal: AbortSignal): Promise<void> {
    this.enter();
    while (this.isHere) {
      const message = await this.#session.receive({ signal });
      if (message === undefined) return;
      await this.turn();
      if (!this.isHere) return;
      this.hear(message);
    }
  }

  /** What it sent. */
  protected hear(message: Uint8Array): void {
    if (message.length > this.hall.lineBytesMax) this.refuse();
    else this.say(message);
  }

  /** One that is ending reads slowly no more: our loop is about to find that. */
  get #isEnding(): boolean {
    return !this.#session.canSend;
  }
}
