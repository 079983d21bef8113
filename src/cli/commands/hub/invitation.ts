// What to type next: how to come in by each way that people have at hand.

import { type Endpoint, parseEndpoint } from "../../../index.js";

/** For a terminal, after the hub has opened `plain`. */
export function invitation(plain: string): string {
  const ways = waysIn(parseEndpoint(plain)).map((way) => `  ${way}`);
  return ["", "The room is open. Come in from another terminal:", ...ways, "Ctrl-C closes it.", ""].join(
    "\n",
  );
}

function waysIn(endpoint: Endpoint): string[] {
  if (endpoint.scheme === "unix")
    return [`nc -U ${endpoint.path}`, `npx holdfast connect unix:${endpoint.path}`];
  if (!("host" in endpoint)) return [];
  const { port } = endpoint;
  const everywhere = ["*", "0.0.0.0", "::"].includes(endpoint.host);
  const host = everywhere ? "127.0.0.1" : endpoint.host;
  return [
    `nc ${host} ${port}`,
    `npx holdfast connect ${host} ${port}`,
    `python3 -c "import socket; s = socket.create_connection(('${host}', ${port})); print(s.recv(1024).decode())"`,
  ];
}
