// What a browser that comes to the plain door is told, in its own words.

import { parseEndpoint } from "../core/endpoint.js";
import { httpRefusal } from "../protocol/foreign.js";

/**
 * @param endpoint Where the door is, as the peer reached it.
 * @param page Where the hub has a page for browsers; empty if nowhere.
 */
export function httpAnswer(endpoint: string, page: string): Uint8Array {
  const { host, port } = reachedAt(endpoint);
  return httpRefusal(
    [
      "This is the plain door of a Holdfast hub: a room for programs that talk over a bare socket. It speaks no HTTP.",
      "",
      ...(page === "" ? [] : [`Its page for browsers is at ${page}`, ""]),
      "Come in with one of:",
      `  nc ${host} ${port}`,
      `  holdfast connect ${endpoint}`,
      `  python3 -c "import socket; s = socket.create_connection(('${host}', ${port})); print(s.recv(1024).decode())"`,
      "",
    ].join("\n"),
  );
}

function reachedAt(endpoint: string): { readonly host: string; readonly port: number | string } {
  const parsed = parseEndpoint(endpoint);
  return "host" in parsed ? parsed : { host: "HOST", port: "PORT" };
}
