// HTTP byte by byte, for requests that no client would make.

import { once } from "node:events";
import net from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
}

/** Connects to `http://host:port`. */
export async function dialHttp(url: string): Promise<net.Socket> {
  const { hostname, port } = new URL(url);
  const socket = net.connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port), noDelay: true });
  await once(socket, "connect");
  return socket;
}

/** Sends the text, and reads until the other side ends. @throws Error if it ends without an answer. */
export async function rawRequest(url: string, text: string): Promise<RawAnswer> {
  const socket = await dialHttp(url);
  socket.write(text);
  return answerOf(await rest(socket));
}

/** A GET, or another method, with these headers alone, behind which the connection closes. */
export function request(
  url: string,
  path: string,
  headers: { readonly [name: string]: string } = {},
  method = "GET",
): Promise<RawAnswer> {
  const all = { Host: new URL(url).host, Connection: "close", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return rawRequest(url, `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
}

/** What asks for a WebSocket (RFC 6455 section 4.1). */
export const upgradeHeaders: { readonly [name: string]: string } = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
};

/** All that still comes; a reset is an end. */
export async function rest(socket: net.Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1");
  try {
    for await (const chunk of socket) text += chunk;
  } catch {
    socket.destroy();
  }
  return text;
}

export function answerOf(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  if (end === -1 || Number.isNaN(status))
    throw new Error(`no HTTP answer: ${JSON.stringify(text.slice(0, 200))}`);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status, headers: Object.fromEntries(headers), body: text.slice(end + 4) };
}
