// How fast each socket goes, out of counters that only ever rise: what came between two snapshots, by the time between.
// Invariant: a rate is never negative; a socket that was not there before has none yet.

import type { LiveSnapshot, LiveSocket } from "../../hub.js";

/** Both directions together, each second. */
export interface Rates {
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
}

/** One point of the plots. */
export interface Point {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly connections: number;
  readonly sessions: number;
}

export const still: Rates = { messagesPerSecond: 0, bytesPerSecond: 0 };

/** By the sockets' ids. */
export function ratesBetween(before: LiveSnapshot | undefined, now: LiveSnapshot): Map<number, Rates> {
  const seconds = secondsBetween(before, now);
  const earlier = new Map(before?.sockets.map((socket) => [socket.id, socket]));
  return new Map(now.sockets.map((socket) => [socket.id, rates(earlier.get(socket.id), socket, seconds)]));
}

/** Undefined for the first snapshot, which has nothing to be measured against. */
export function pointBetween(before: LiveSnapshot | undefined, now: LiveSnapshot): Point | undefined {
  const seconds = secondsBetween(before, now);
  if (before === undefined || seconds === 0) return undefined;
  const per = (name: "messagesIn" | "messagesOut" | "bytesIn" | "bytesOut") =>
    Math.max(0, now.totals[name] - before.totals[name]) / seconds;
  return {
    at: now.at,
    messagesIn: per("messagesIn"),
    messagesOut: per("messagesOut"),
    bytesIn: per("bytesIn"),
    bytesOut: per("bytesOut"),
    connections: now.totals.open,
    sessions: now.totals.sessions,
  };
}

function rates(before: LiveSocket | undefined, now: LiveSocket, seconds: number): Rates {
  if (before === undefined || seconds === 0) return still;
  const risen = (one: number, other: number) => Math.max(0, other - one) / seconds;
  return {
    messagesPerSecond: risen(before.messagesIn, now.messagesIn) + risen(before.messagesOut, now.messagesOut),
    bytesPerSecond: risen(before.bytesIn, now.bytesIn) + risen(before.bytesOut, now.bytesOut),
  };
}

function secondsBetween(before: LiveSnapshot | undefined, now: LiveSnapshot): number {
  return before === undefined ? 0 : Math.max(0, now.at - before.at) / 1_000;
}
