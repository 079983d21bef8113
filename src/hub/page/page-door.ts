// The page's door: a browser takes part in the room over a session, in JSON; beside it, on streams, it watches the hub's
// sockets and runs the lab's experiments.
// Invariant: what a page sends is read strictly, costs what lines cost, and ends nobody's visit but its own.

import { SocketError } from "../../core/errors.js";
import { reportMistake } from "../../core/report.js";
import type { SessionLimits } from "../../protocol/session/session-limits.js";
import type { Session } from "../../session/session.js";
import type { SessionStream } from "../../session/stream.js";
import type { LabDesk } from "../lab-desk.js";
import type { Live } from "../live/live.js";
import type { News } from "../news.js";
import { keptBytesMax, SessionVisitor } from "../session-door.js";
import type { Hall } from "../visitor.js";
import { readPageMessage } from "./read.js";

/** A page needs few streams, for orders of a few bytes each. */
export const pageDoorLimits: Partial<SessionLimits> = {
  outboxBytesMax: keptBytesMax,
  messageBytesMax: 65_536,
  mainCreditBytes: 262_144,
  streamCreditBytes: 65_536,
  streamsMax: 8,
};

export interface PageHall extends Hall {
  readonly live: Live;
  readonly lab: LabDesk;
}

/** One page's visit, until it ends. Returns when it should be closed. @throws as `receive` does. */
export function visitByPage(session: Session, hall: PageHall, signal: AbortSignal): Promise<void> {
  return new PageVisitor(session, hall).visit(signal);
}

/** JSON may write a character with six: a line of the longest, and what is around it. */
const escapedBytes = 6;
const aroundBytes = 128;

class PageVisitor extends SessionVisitor {
  readonly #session: Session;
  readonly #hall: PageHall;

  constructor(session: Session, hall: PageHall) {
    super(session, hall);
    this.#session = session;
    this.#hall = hall;
  }

  protected override *messagesOf({ json }: News): Iterable<Uint8Array> {
    yield json;
  }

  protected override async listen(signal: AbortSignal): Promise<void> {
    void this.#takeStreams(signal);
    await super.listen(signal);
  }

  protected override hear(bytes: Uint8Array): void {
    const { room, lineBytesMax } = this.hall;
    const isWhole = bytes.length <= lineBytesMax * escapedBytes + aroundBytes;
    const message = isWhole ? readPageMessage(bytes) : undefined;
    if (message === undefined) this.refuse();
    else if ("problem" in message) {
      room.note(this, message.problem);
      this.charge(bytes.length, 0);
    } else if (message.type === "name") this.charge(bytes.length, room.rename(this, message.name));
    else {
      const text = encoder.encode(message.text);
      if (text.length > lineBytesMax) this.refuse(message.id);
      else this.say(text, message.id);
    }
  }

  /** Until the session ends, or the hub drains. */
  async #takeStreams(signal: AbortSignal): Promise<void> {
    for await (const stream of this.#session.streams()) {
      if (signal.aborted) stream.abort("the hub is closing");
      else void this.#serve(stream, signal);
    }
  }

  async #serve(stream: SessionStream, signal: AbortSignal): Promise<void> {
    const end = () => stream.abort("the hub is closing");
    signal.addEventListener("abort", end, { once: true });
    try {
      const { live, lab } = this.#hall;
      if (stream.name === "live") await live.watch(stream, this);
      else if (stream.name.startsWith("lab.")) await lab.run(stream, this);
      else stream.abort("there is live, and lab. with an experiment's name");
    } catch (error) {
      stream.abort(error instanceof SocketError ? error : "the hub made a mistake");
      if (!(error instanceof SocketError)) reportMistake(error);
    } finally {
      signal.removeEventListener("abort", end);
    }
  }
}

const encoder = new TextEncoder();
