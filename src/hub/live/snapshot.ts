// What whoever watches is shown once a second: made once for all of them, but for the rows that are a watcher's own.
// Invariant: a snapshot is one message of a bounded size, however many sockets there are.

import { limits } from "../../core/limits.js";
import type { LiveSocket, LiveTotals } from "../page/messages.js";
import type { Traffic, Visitor } from "../visitor.js";
import type { Visitors } from "../visitors.js";
import type { Entry, Ledger } from "./ledger.js";

/** Together they fit the 256 KiB that a message may have at most. */
const rowsBytesMax = 163_840;
const closedBytesMax = 65_536;

export interface SnapshotSource {
  readonly ledger: Ledger;
  readonly visitors: Visitors;
  readonly totals: () => LiveTotals;
}

interface Row {
  readonly entry: Entry;
  readonly visitor: Visitor | undefined;
  /** Moved since it was looked at last. */
  readonly moving: number;
}

interface Shown<Item> {
  readonly item: Item;
  readonly json: string;
}

export class Snapshot {
  /** Those that move most come first. */
  readonly #rows: Row[] = [];
  readonly #shown: readonly Shown<Row>[];
  readonly #head: string;
  readonly #tail: string;
  readonly #now: number;

  constructor({ ledger, visitors, totals }: SnapshotSource, now: number, at: number) {
    const bySocket = socketsOf(visitors);
    this.#now = now;
    for (const entry of ledger.sockets) {
      const visitor = bySocket.get(entry.session ?? entry.id);
      const { bytesIn, bytesOut } = trafficOf(entry, visitor);
      const movedBytes = bytesIn + bytesOut;
      this.#rows.push({ entry, visitor, moving: movedBytes - entry.movedBytes });
      entry.movedBytes = movedBytes;
    }
    this.#rows.sort((one, other) => other.moving - one.moving || other.entry.id - one.entry.id);
    // Of all the others, nothing else is looked at.
    this.#shown = fitting(this.#rows.slice(0, limits.liveSocketsMax), rowsBytesMax, (row) =>
      socketOf(row, now),
    );
    const closed = fitting(ledger.closed, closedBytesMax, (socket) => socket);
    this.#head = `{"type":"snapshot","at":${at},"socketsTotal":${ledger.size},"sockets":[`;
    this.#tail = `],"closed":[${closed.map(({ json }) => json).join(",")}],"totals":${JSON.stringify(totals())}}`;
  }

  /** A `LiveSnapshot`, with the rows of this visitor as its own, whether or not they are among those that move most. */
  for(watcher: Visitor): Uint8Array {
    const own = this.#rows.filter(({ visitor }) => visitor === watcher);
    const rows = [
      ...own.map((row) => JSON.stringify({ ...socketOf(row, this.#now), isYou: true } satisfies LiveSocket)),
      ...this.#shown.filter(({ item }) => item.visitor !== watcher).map(({ json }) => json),
    ];
    return encoder.encode(this.#head + rows.join(",") + this.#tail);
  }
}

/** Each visitor by what its events are told under: a connection's number, or a session's own id; and by its link's. */
function socketsOf(visitors: Visitors): Map<number | string, Visitor> {
  const bySocket = new Map<number | string, Visitor>();
  for (const visitor of visitors) {
    bySocket.set(visitor.id, visitor);
    if (visitor.link !== undefined) bySocket.set(visitor.link.id, visitor);
  }
  return bySocket;
}

function socketOf({ entry, visitor }: Row, now: number): LiveSocket {
  const { id, kind, door, session, local, remote, timeline, since } = entry;
  const { state = entry.state, ...moved } = trafficOf(entry, visitor);
  const ageMs = Math.round(now - since);
  const base = { id, kind, door, session, local, remote, state, ageMs, isYou: false, timeline };
  if (visitor === undefined || !isOf(visitor, entry))
    return { ...base, messagesIn: 0, messagesOut: 0, ...moved };
  const { messagesIn, messagesOut, throttledBytesPerSecond } = visitor;
  return { ...base, messagesIn, messagesOut, ...moved, throttledBytesPerSecond };
}

function trafficOf(entry: Entry, visitor: Visitor | undefined): Traffic {
  if (visitor !== undefined && isOf(visitor, entry)) return visitor.traffic;
  const { bytesReceived: bytesIn = 0, bytesSent: bytesOut = 0 } = visitor?.link ?? {};
  return { bytesIn, bytesOut, pendingBytes: 0, unreadBytes: 0 };
}

/** The visitor itself, and not its link. */
function isOf(visitor: Visitor, { session, id }: Entry): boolean {
  return visitor.id === (session ?? id);
}

/** The first of them that fit, each with its JSON. */
function fitting<Item>(
  items: readonly Item[],
  bytesMax: number,
  shownOf: (item: Item) => unknown,
): Shown<Item>[] {
  const all: Shown<Item>[] = [];
  let room = bytesMax;
  for (const item of items) {
    const json = JSON.stringify(shownOf(item));
    room -= encoder.encode(json).length;
    if (room < 0) break;
    all.push({ item, json });
  }
  return all;
}

const encoder = new TextEncoder();
