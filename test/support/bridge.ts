// WebSockets at an HTTP server, each as a TCP connection to somewhere else: its binary messages as bytes, both ways.

import type http from "node:http";
import net from "node:net";
import { WebSocketServer } from "ws";

export function bridge(server: http.Server, to: number): void {
  new WebSocketServer({ server, path: "/session" }).on("connection", (link) => {
    const socket = net.connect(to, "127.0.0.1");
    link.on("message", (data: Uint8Array) => socket.write(data));
    link.on("close", () => socket.end()).on("error", () => {});
    socket.on("data", (data) => link.send(data));
    socket.on("close", () => link.close()).on("error", () => link.close(1011));
  });
}
