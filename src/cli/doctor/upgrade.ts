// The WebSocket upgrade (RFC 6455 section 4), by hand: what the peer answers, and what that means.

import { randomBytes } from "node:crypto";

import { type Connection, connect, formatEndpoint, ProtocolError } from "../../index.js";
import { visible } from "../talk/visible.js";
import { type Finding, failure } from "./finding.js";
import type { Patient, WebSocketEndpoint } from "./patient.js";

export async function checkUpgrade(patient: Patient): Promise<readonly Finding[]> {
  const { endpoint } = patient;
  if (endpoint.scheme !== "ws" && endpoint.scheme !== "wss") return [];
  try {
    await using connection = await openUpgrade(endpoint, patient.settings);
    const started = Date.now();
    const head = await upgrade(connection, endpoint, patient.settings.timeoutMs);
    const tookMs = Date.now() - started;
    const date = Date.parse(head.headers.get("date") ?? "");
    // The header has whole seconds: half a second has passed since, more or less.
    const aheadMs = date + 500 - (started + tookMs / 2);
    if (!Number.isNaN(date)) patient.clock = { aheadMs, doubtMs: 500 + tookMs / 2 };
    return [verdict(head)];
  } catch (error) {
    return [failure("http", error)];
  }
}

/** The connection that an upgrade begins on. */
export function openUpgrade(
  { scheme, host, port }: WebSocketEndpoint,
  settings: Patient["settings"],
): Promise<Connection> {
  if (scheme === "ws") return connect(formatEndpoint({ scheme: "tcp", host, port }), settings);
  const tls = { ...settings.tls, alpn: ["http/1.1"] };
  return connect(formatEndpoint({ scheme: "tls", host, port }), { ...settings, tls });
}

/** @throws SocketError: no answer, or none of HTTP's. */
export async function upgrade(
  connection: Connection,
  { host, port, path }: WebSocketEndpoint,
  timeoutMs: number,
): Promise<Head> {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host.includes(":") ? `[${host}]` : host}:${port}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    "Sec-WebSocket-Version: 13",
  ];
  await connection.send(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
  const deadline = performance.now() + timeoutMs;
  const decoder = new TextDecoder("latin1");
  let text = "";
  while (!text.includes("\r\n\r\n") && text.length < headBytesMax) {
    const chunk = await connection.receive({ timeoutMs: Math.max(0, deadline - performance.now()) });
    if (chunk === undefined) break;
    text += decoder.decode(chunk, { stream: true });
  }
  return headIn(text);
}

/** As much as web servers take of a request. */
const headBytesMax = 16_384;

interface Head {
  readonly status: number;
  readonly statusLine: string;
  /** By name in lower case; the last of each. */
  readonly headers: ReadonlyMap<string, string>;
}

function headIn(text: string): Head {
  const [statusLine = "", ...lines] = text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})\b/.exec(statusLine)?.[1];
  if (status === undefined) {
    const advice = "check the port: whatever listens there is no web server";
    const reason = text === "" ? "the peer ended without an answer" : "the answer is not HTTP";
    throw new ProtocolError("ERR_INVALID_BYTES", "remote", reason, { advice });
  }
  const headers = lines.map((line) => /^([^:]+):[ \t]*(.*)$/.exec(line) ?? []);
  return {
    status: Number(status),
    statusLine,
    headers: new Map(headers.map(([, name = "", value = ""]) => [name.toLowerCase(), value])),
  };
}

function verdict({ status, statusLine, headers }: Head): Finding {
  const shown = visible(statusLine);
  if (status === 101) {
    const isWebSocket = headers.get("upgrade")?.toLowerCase() === "websocket";
    if (isWebSocket) return { status: "ok", layer: "http", says: `the WebSocket upgrade is taken: ${shown}` };
    const advice = "look at what stands between: it passes the status and not the headers";
    return { status: "failed", layer: "http", says: `${shown}, without Upgrade: websocket`, advice };
  }
  const [, advice] = meanings.find(([codes]) => codes.includes(status)) ?? [
    [],
    "a web server answers, and takes no WebSocket there",
  ];
  const where = status >= 300 && status < 400 ? ` to ${visible(headers.get("location") ?? "nowhere")}` : "";
  return {
    status: "failed",
    layer: "http",
    says: `the WebSocket upgrade is refused: ${shown}${where}`,
    advice,
  };
}

const meanings: readonly (readonly [codes: readonly number[], advice: string])[] = [
  [[200], "a web server answers as to any request: check the path, and whether a proxy passes Upgrade on"],
  [
    [301, 302, 303, 307, 308],
    "a WebSocket follows no redirect: use the address that it leads to, often wss://",
  ],
  [
    [400],
    "the request came apart on its way: a proxy that does not pass Upgrade and Connection on does that",
  ],
  [[401, 407], "it wants to know who asks: give what proves it, or ask for access"],
  [
    [403],
    "it refuses us, or the page that we would come from: look at the server's list of origins and hosts",
  ],
  [[404], "there is no WebSocket at this path: check it"],
  [[405, 426], "it takes no upgrade there, or of another version: check the path"],
  [[421], "it does not serve this name: check the host, and the server's list of hosts"],
  [[429], "it had too many requests of us: try again later"],
  [[500], "the server failed: its log says why"],
  [[502, 503, 504], "a proxy answers, and the server behind it does not: look at that one"],
];
