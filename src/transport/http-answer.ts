// An HTTP answer to who gets nothing else, and the end of its connection behind it.
// Invariant: whoever is turned away can read why, and holds its socket for `lingerMs` more at the most.

import http from "node:http";
import type { Duplex } from "node:stream";

import type { Clock } from "../core/clock.js";
import { limits } from "../core/limits.js";

/**
 * Answers, ends, and discards what still comes: closing with unread input would reset the connection, and the reset
 * could overtake the answer (RFC 1122 section 4.2.2.13).
 * @param text One line, for a person.
 */
export function turnAway(
  socket: Duplex,
  clock: Clock,
  status: number,
  text: string,
  headers: { readonly [name: string]: string } = {},
): void {
  const body = `${text}\n`;
  const all = {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(body)),
    Connection: "close",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const timer = clock.setTimer(() => socket.destroy(), limits.lingerMs);
  socket.on("error", () => {}).once("close", () => clock.clearTimer(timer));
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
  socket.resume();
}
