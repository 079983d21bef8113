// What the hub says of itself, made up: whatever a test does not care for is nothing.

import type { LiveSnapshot, LiveSocket, LiveTotals } from "../../src/hub.js";

export function socketOf(socket: Partial<LiveSocket> & { readonly id: number }): LiveSocket {
  return {
    kind: "connection",
    door: "plain",
    local: "tcp://127.0.0.1:12345",
    remote: `tcp://127.0.0.1:${50_000 + socket.id}`,
    state: "open",
    ageMs: 1_000,
    bytesIn: 0,
    bytesOut: 0,
    messagesIn: 0,
    messagesOut: 0,
    pendingBytes: 0,
    unreadBytes: 0,
    isYou: false,
    timeline: [],
    ...socket,
  };
}

type Given = Partial<Omit<LiveSnapshot, "totals" | "type">> & { readonly totals?: Partial<LiveTotals> };

export const noTotals: LiveTotals = {
  open: 0,
  sessions: 0,
  accepted: 0,
  refused: 0,
  members: 0,
  messagesIn: 0,
  messagesOut: 0,
  bytesIn: 0,
  bytesOut: 0,
};

export function snapshotOf({ totals, ...given }: Given): LiveSnapshot {
  const sockets = given.sockets ?? [];
  return {
    type: "snapshot",
    at: 0,
    sockets,
    socketsTotal: sockets.length,
    closed: [],
    totals: { ...noTotals, ...totals },
    ...given,
  };
}
