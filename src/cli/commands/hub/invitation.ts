// What to type next: how to come in by each way that people have at hand.

import { type Endpoint, formatEndpoint, parseEndpoint } from "../../../index.js";
import { options } from "../../options/table.js";

/** The doors of a hub. */
interface Doors {
  /** Empty if there is none. */
  readonly plain: string;
  readonly endpoints: readonly string[];
  /** Empty if there is none. */
  readonly http: string;
}

/**
 * For a terminal, after the hub has opened its doors: the page first, which shows most for least.
 * @param adminCode One that was made for this run, which nobody knows yet.
 */
export function invitation({ plain, endpoints: [session], http }: Doors, adminCode?: string): string {
  const code =
    adminCode === undefined ? [] : [`  Its admin code, to cut and disconnect others: ${adminCode}`];
  const page = ["The room is open. Its page, in a browser:", `  ${reachableUrl(http)}`, ...code];
  const ways = [
    ...(session === undefined ? [] : [chatWay(session)]),
    ...(plain === "" ? [] : plainWays(parseEndpoint(plain))),
  ].map((way) => `  ${way}`);
  const room = [
    http === "" ? "The room is open. Come in from another terminal:" : "Or from another terminal:",
  ];
  return [
    "",
    ...(http === "" ? [] : page),
    ...(ways.length === 0 ? [] : [...room, ...ways]),
    "Ctrl-C closes it.",
    "",
  ].join("\n");
}

/** `http://*:80`, as the hub writes it, is no URL for a browser. */
function reachableUrl(http: string): string {
  return http.replace(/\/\/(?:\*|0\.0\.0\.0|\[::\]):/, "//127.0.0.1:");
}

function chatWay(session: string): string {
  const endpoint = parseEndpoint(session);
  const reached = formatEndpoint(
    "host" in endpoint ? { ...endpoint, host: reachableHost(endpoint.host) } : endpoint,
  );
  return reached === options.hub.default ? "npx holdfast chat" : `npx holdfast chat ${reached}`;
}

function plainWays(endpoint: Endpoint): string[] {
  if (endpoint.scheme === "unix")
    return [`nc -U ${endpoint.path}`, `npx holdfast connect unix:${endpoint.path}`];
  if (!("host" in endpoint)) return [];
  const { port } = endpoint;
  const host = reachableHost(endpoint.host);
  return [
    `nc ${host} ${port}`,
    `npx holdfast connect ${host} ${port}`,
    `python3 -c "import socket; s = socket.create_connection(('${host}', ${port})); print(s.recv(1024).decode())"`,
  ];
}

function reachableHost(host: string): string {
  return ["*", "0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host;
}
