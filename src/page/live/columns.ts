// The columns of Live's table: what each is called, what it shows of a socket, and how rows are sorted by it.
// Invariant: sorting is stable, and what has no value stands below what has one, whichever way it is sorted.

import type { LiveSocket } from "../../hub.js";
import { count, duration, rate, size } from "../parts/format.js";
import { type Rates, still } from "./rates.js";

export interface Row {
  readonly socket: LiveSocket;
  readonly rates: Rates;
}

export interface Column {
  readonly id: string;
  readonly title: string;
  /** What it says, for whoever points at it. */
  readonly about: string;
  readonly isNumber: boolean;
  show(row: Row): string;
  /** What rows are sorted by. */
  key(row: Row): number | string | undefined;
}

export interface Order {
  readonly column: string;
  readonly isDescending: boolean;
}

const nothing = "–";

/** A column of milliseconds that are not always known. */
function time(id: string, title: string, about: string, key: (row: Row) => number | undefined): Column {
  const show = (row: Row) => {
    const ms = key(row);
    return ms === undefined ? nothing : duration(ms);
  };
  return { id, title, about, isNumber: true, show, key };
}

function number(
  id: string,
  title: string,
  about: string,
  key: (row: Row) => number,
  format: (value: number) => string,
): Column {
  return { id, title, about, isNumber: true, show: (row) => format(key(row)), key };
}

/** The peer's own column and the state's are drawn by the table itself; these say how they sort. */
export const columns: readonly Column[] = [
  {
    id: "peer",
    title: "Peer",
    about: "Who is at the other end, and at which door it came in",
    isNumber: false,
    show: ({ socket }) => socket.remote,
    key: ({ socket }) => socket.remote,
  },
  {
    id: "state",
    title: "State",
    about: "Where it stands in its life cycle",
    isNumber: false,
    show: ({ socket }) => socket.state,
    key: ({ socket }) => socket.state,
  },
  time("age", "Age", "Since it was opened", ({ socket }) => socket.ageMs),
  number("messages", "Messages/s", "In and out, each second", ({ rates }) => rates.messagesPerSecond, rate),
  number("bytes", "Bytes/s", "In and out, each second", ({ rates }) => rates.bytesPerSecond, size),
  number("pending", "Pending", "Queued here for the peer", ({ socket }) => socket.pendingBytes, size),
  number("unread", "Unread", "Arrived here and not read yet", ({ socket }) => socket.unreadBytes, size),
  time("trip", "Round trip", "Of the last heartbeat", ({ socket }) => socket.roundTripMs),
  time("silent", "Heard", "Since the last byte came in", ({ socket }) => socket.silentMs),
];

export function rowsOf(sockets: readonly LiveSocket[], rates: ReadonlyMap<number, Rates>): Row[] {
  return sockets.map((socket) => ({ socket, rates: rates.get(socket.id) ?? still }));
}

export function sorted(rows: readonly Row[], { column, isDescending }: Order): Row[] {
  const { key } = columns.find(({ id }) => id === column) ?? { key: () => undefined };
  return [...rows].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    const difference = typeof a === "number" && typeof b === "number" ? a - b : compare(String(a), String(b));
    return isDescending ? -difference : difference;
  });
}

/** A click on a column's title: the same one again turns it round. */
export function reordered(order: Order, column: string): Order {
  return { column, isDescending: order.column === column && !order.isDescending };
}

/** What a peer has sent and was sent, in words, below its row. */
export function totalsOf({ socket }: Row): string {
  const { messagesIn, messagesOut, bytesIn, bytesOut } = socket;
  return `in ${count(messagesIn)} messages, ${size(bytesIn)}; out ${count(messagesOut)} messages, ${size(bytesOut)}`;
}

function compare(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
