// One session, as the checker sees it: its lanes, and whether what each side says at its end is true.
// Invariant: every message that was taken has come out, or is reported as unacknowledged or unread, or somebody gave its
// lane up.

import type { SessionClosed } from "../../src/session/ending.js";
import type { Lane } from "./lane.js";

export type Role = "client" | "server";
export type Report = Pick<SessionClosed<Uint8Array>, "error" | "reason" | "unacknowledged" | "unread">;

interface SideEnd {
  readonly report: Report;
  readonly unacknowledged: ReadonlyMap<Lane, number>;
}

export class Line {
  readonly id: string;
  readonly #newLane: (name: string) => Lane;
  /** By who sends, and the stream's name; "" for the session itself. */
  readonly #lanes: { readonly [from in Role]: Map<string, Lane> } = { client: new Map(), server: new Map() };
  readonly #ends: { [from in Role]?: SideEnd } = {};
  /** One side has asked for a close, or for one in a storm, or has aborted the session. */
  isClosing = false;
  isClosingInStorm = false;
  isAborted = false;

  /** @param id What it is called in failures. */
  constructor(id: string, newLane: (name: string) => Lane) {
    this.id = id;
    this.#newLane = newLane;
  }

  lane(from: Role, stream: string): Lane {
    const lanes = this.#lanes[from];
    let lane = lanes.get(stream);
    if (lane === undefined) {
      lane = this.#newLane(`${this.id}, ${stream === "" ? "main" : stream} from the ${from}`);
      lanes.set(stream, lane);
    }
    return lane;
  }

  *lanes(from?: Role): IterableIterator<Lane> {
    if (from !== "server") yield* this.#lanes.client.values();
    if (from !== "client") yield* this.#lanes.server.values();
  }

  /** One of its readers has stopped for good. */
  get isStalled(): boolean {
    return [...this.lanes()].some(({ isStalled }) => isStalled);
  }

  /** A flush of this side has begun; call what it returns when it has succeeded. */
  flushing(from: Role): () => void {
    const taken = [...this.lanes(from)].map((lane) => [lane, lane.taken] as const);
    return () => {
      for (const [lane, count] of taken) lane.flushed(count);
    };
  }

  /** This side is told that the session is over. @param mayFail Whether there is a reason for an end that is not in order. */
  closed(from: Role, report: Report, mayFail: boolean): void {
    const { error, unacknowledged } = report;
    if (error !== undefined && !mayFail) this.#fail(from, `it ended without a reason: ${error.message}`);
    if (error?.name === "ProtocolError") this.#fail(from, `it broke the protocol: ${error.message}`);
    const list = unacknowledged.list();
    const bytes = list.reduce((sum, { message }) => sum + (message?.length ?? 0), 0);
    if (list.length !== unacknowledged.messages || bytes !== unacknowledged.bytes) {
      this.#fail(from, `${unacknowledged.messages} unacknowledged messages are ${list.length} in the list`);
    }
    if (error === undefined && list.length > 0)
      this.#fail(from, "it ended in order, with unacknowledged messages");
    const byLane = new Map<Lane, Uint8Array[]>();
    for (const { stream = "", message = new Uint8Array() } of list) {
      const lane = this.lane(from, stream);
      byLane.set(lane, [...(byLane.get(lane) ?? []), message]);
    }
    const counts = new Map<Lane, number>();
    for (const [lane, messages] of byLane) {
      lane.unacknowledged(messages);
      counts.set(lane, messages.length);
    }
    this.#ends[from] = { report, unacknowledged: counts };
  }

  /** At the very end, when nobody reads any more. @param isCalm It was closed in order, with nothing under way. */
  judge(from: Role, isCalm: boolean): void {
    const end = this.#ends[from];
    if (end === undefined) return;
    const { report, unacknowledged } = end;
    let missing = 0;
    let unread = 0;
    for (const [name, lane] of this.#lanes[from]) {
      const { outstanding } = lane;
      const isFree = name !== "" && lane.isEnded && this.lane(other(from), name).isEnded;
      if (!lane.isGivenUp && !isFree) missing += Math.max(0, outstanding - (unacknowledged.get(lane) ?? 0));
      // Nobody is told what was read of a stream whose sender has ended it.
      unread += lane.isEnded ? lane.taken : outstanding;
    }
    const said = report.unread.messages;
    if (missing > said)
      this.#fail(from, `${missing} messages are missing, and ${said} are said to be unread`);
    if (isCalm && said > unread)
      this.#fail(from, `${said} messages are said to be unread, which ${unread} are`);
  }

  #fail(from: Role, what: string): never {
    throw new Error(`${this.id}, at the ${from}: ${what}`);
  }
}

export function other(role: Role): Role {
  return role === "client" ? "server" : "client";
}
