import assert from "node:assert/strict";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { WebSocketServer } from "ws";
import type { LifecycleEvent } from "../../../src/core/lifecycle.js";
import { plainOptions } from "../../../src/testing/open-pair.js";
import { StreamDriver } from "../../../src/testing/stream-driver.js";
import type { DialOptions } from "../../../src/transport/transport.js";
import { browserUrl, dialFromBrowser } from "../../../src/transport/websocket/browser.js";
import { ManualClock } from "../../support/manual-clock.js";
import { usePageSocket } from "../../support/page-socket.js";

const dial = (url: string, options: Partial<DialOptions> = {}) =>
  dialFromBrowser(url, { ...plainOptions, ...options });

test("an endpoint is a URL of WebSocket, in its canonical form", () => {
  assert.equal(browserUrl("WSS://Hub.Example:443", "connect"), "wss://hub.example/");
  assert.equal(browserUrl("ws://127.0.0.1:8080/session?a=1", "connect"), "ws://127.0.0.1:8080/session?a=1");
  for (const endpoint of ["tcp://hub:1", "hub:1", "https://hub/", "unix:/hub"]) {
    assert.throws(() => browserUrl(endpoint, "connect"), {
      code: "ERR_ENDPOINT",
      message: `connect ${endpoint}: browsers have only WebSocket; use a ws:// or wss:// endpoint`,
    });
  }
  assert.throws(() => browserUrl("ws://:99999", "connect"), { code: "ERR_ENDPOINT", reason: "it is no URL" });
});

suite("where there is a WebSocket", () => {
  usePageSocket();

  test("a stream carries bytes both ways, and its life is told", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    server.on("connection", (link) => link.on("message", (data) => link.send(data)));
    const events: LifecycleEvent[] = [];
    const stream = await dial(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
      observer: (event) => events.push(event),
    });
    const driver = new StreamDriver(stream).start();
    await driver.write(Uint8Array.of(1, 2, 3));
    assert.deepEqual(await driver.received(3), Uint8Array.of(1, 2, 3));
    driver.end();
    await driver.closed();
    assert.equal(driver.error, undefined);
    driver.check();
    assert.deepEqual(
      events.map(({ name, id }) => [name, id]),
      [["created", stream.id]],
    );
    server.close();
  });

  test("what does not open is unreachable, which is all that a page is told", async () => {
    const server = net.createServer((socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const events: LifecycleEvent[] = [];
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await assert.rejects(dial(url, { observer: (event) => events.push(event) }), {
      name: "DisconnectedError",
      code: "ERR_UNREACHABLE",
    });
    assert.deepEqual(
      events.map(({ name, by }) => [name, by]),
      [
        ["created", undefined],
        ["closed", "network"],
      ],
    );
    server.close();
  });

  test("an attempt ends at its timeout and by its signal, and leaves nothing open", async () => {
    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => void sockets.push(socket.on("error", () => {})));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const clock = new ManualClock();
    const late = dial(url, { clock, timeoutMs: 500 });
    clock.advance(500);
    await assert.rejects(late, { code: "ERR_TIMEOUT", reason: "no WebSocket within 500 ms" });
    const stop = new AbortController();
    const aborted = dial(url, { signal: stop.signal });
    stop.abort(new Error("changed my mind"));
    await assert.rejects(aborted, { message: "changed my mind" });
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test("what a page may not choose is refused, and so is what the browser itself refuses", async () => {
    for (const [name, options] of [
      ["tls", { tls: {} }],
      ["family", { family: 4 }],
      ["sourceAddress", { sourceAddress: "127.0.0.1" }],
      ["webSocket.headers", { webSocket: { headers: { a: "b" } } }],
    ] as const) {
      await assert.rejects(dial("ws://127.0.0.1:1/", options), {
        name: "UsageError",
        message: `connect: ${name} cannot be set in a browser`,
      });
    }
    const twice = { webSocket: { subprotocols: ["one", "one"] } };
    await assert.rejects(dial("ws://127.0.0.1:1/", twice), { name: "UsageError" });
  });
});
