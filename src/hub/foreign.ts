// Other protocols at the plain door: how they are recognized, and what they are told in their own words.

import { parseEndpoint } from "../core/endpoint.js";

/** A browser, curl or a proxy: `GET / HTTP/1.1`. */
export function looksLikeHttp(line: Uint8Array): boolean {
  return /^[A-Z]{3,20} \S+ HTTP\/\d/.test(latin1.decode(line));
}

/** A ClientHello: a handshake record (22) of some version 3.x (RFC 8446 section 5.1). */
export function looksLikeTls(bytes: Uint8Array): boolean {
  return bytes[0] === 0x16 && bytes[1] === 0x03;
}

/** A fatal handshake_failure (RFC 8446 section 6), which the other side shows as what it is. */
export const tlsAlert: Uint8Array = new Uint8Array([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28]);

/** @param endpoint Where the door is, as the peer reached it. */
export function httpAnswer(endpoint: string): Uint8Array {
  const { host, port } = reachedAt(endpoint);
  const body = [
    "This is the plain door of a Holdfast hub: a room for programs that talk over a bare socket. It speaks no HTTP.",
    "",
    "Come in with one of:",
    `  nc ${host} ${port}`,
    `  holdfast connect ${endpoint}`,
    `  python3 -c "import socket; s = socket.create_connection(('${host}', ${port})); print(s.recv(1024).decode())"`,
    "",
  ].join("\n");
  return encoder.encode(
    [
      "HTTP/1.1 400 Bad Request",
      "Content-Type: text/plain; charset=utf-8",
      `Content-Length: ${encoder.encode(body).length}`,
      "Connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}

function reachedAt(endpoint: string): { readonly host: string; readonly port: number | string } {
  const parsed = parseEndpoint(endpoint);
  return "host" in parsed ? parsed : { host: "HOST", port: "PORT" };
}

const encoder = new TextEncoder();
const latin1 = new TextDecoder("latin1");
