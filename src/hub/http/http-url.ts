// Where the HTTP door is, as its operator writes it: http://host:port, https://host:port, host:port, :port, *:port.

import { parseEndpoint, type WebSocketEndpoint } from "../../core/endpoint.js";
import { UsageError } from "../../core/errors.js";

/** As what listens there takes it. @throws UsageError for what is no such URL. */
export function parseHttpUrl(written: string): WebSocketEndpoint {
  const [, secure, place] = /^(?:http(s?):\/\/)?([^/]+)\/?$/i.exec(String(written)) ?? [];
  if (place === undefined) throw wrong(written, "it has a path, or another scheme", undefined);
  try {
    return parseEndpoint(`${secure ? "wss" : "ws"}://${place}`) as WebSocketEndpoint;
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw wrong(written, cause.reason.replace(/^bad endpoint ".*?": /, ""), cause);
  }
}

/** The same for people and browsers. */
export function httpUrlOf(endpoint: string): string {
  return endpoint.replace(/^ws/, "http").replace(/\/$/, "");
}

function wrong(written: string, reason: string, cause: unknown): UsageError {
  const advice = "write http://127.0.0.1:12380";
  return new UsageError(`http is ${JSON.stringify(written)}: ${reason}`, { op: "createHub", advice, cause });
}
