// Real proxies before us and behind us: what they say of their clients is believed, and what we say is.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  connect,
  json,
  lines,
  openSession,
  type ServeOptions,
  serve,
  serveSessions,
  text,
} from "../../src/index.js";
import { certificates } from "../support/certificates.js";
import { start } from "../support/program.js";
import { needs } from "../support/require.js";
import { haproxy, nginx } from "./proxy-programs.js";

const trusting = { trustedProxies: ["loopback"], proxyProtocol: true } as const;
const options: ServeOptions<string> = { framing: lines(), ...trusting };

/** Tells each peer who it is to us. */
function telling(endpoint = "tcp://127.0.0.1:0") {
  return serve(endpoint, (connection) => connection.send(connection.remote), options);
}

suite("curl", needs({ commands: ["curl"] }), () => {
  test("--haproxy-protocol says who it is in version 1", async (t) => {
    await using server = await serve(
      "tcp://127.0.0.1:0",
      async (connection) => {
        // All of its request, which is small.
        await connection.receive();
        await connection.send(`HTTP/1.0 200 OK\r\n\r\n${connection.remote}\n`);
      },
      { ...trusting, encoding: text() },
    );
    const url = server.endpoint.replace("tcp:", "http:");
    const curl = start(t, ["curl", "-sS", "--haproxy-protocol", "-w", "%{local_port}\n", url]);
    const remote = await curl.line();
    assert.equal(remote, `tcp://127.0.0.1:${await curl.line()}`);
  });
});

suite("HAProxy", needs({ commands: ["haproxy"] }), () => {
  for (const send of ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id"]) {
    test(`with ${send}, tells us who its client is`, async (t) => {
      await using server = await telling();
      const door = await haproxy(t, server.endpoint, send);
      await using client = await connect(door, { framing: lines() });
      assert.equal(await client.receive(), client.local);
    });
  }

  for (const version of [1, 2] as const) {
    test(`with accept-proxy, believes whom we forward by version ${version}, and passes it on`, async (t) => {
      await using server = await telling();
      const door = await haproxy(t, server.endpoint, "send-proxy-v2", "accept-proxy");
      for (const source of ["tcp://192.0.2.7:4711", "tcp://[2001:db8::7]:4711"]) {
        const proxyHeader = { version, source };
        await using client = await connect(door, { framing: lines(), proxyHeader });
        assert.equal(await client.receive(), source);
      }
      // For ourselves, and for nobody known.
      await using own = await connect(door, { framing: lines(), proxyHeader: version });
      assert.equal(await own.receive(), own.local);
    });
  }

  test("goes before TLS, which it does not see into, and before WebSocket", async (t) => {
    const { ca, server: identity } = await certificates();
    for (const [endpoint, path] of [
      ["tls://127.0.0.1:0", ""],
      ["wss://127.0.0.1:0/who", "/who"],
      ["ws://127.0.0.1:0/who", "/who"],
    ] as const) {
      await using server = await serve(endpoint, (connection) => connection.send(connection.remote), {
        ...trusting,
        encoding: text(),
        tls: identity,
      });
      const [scheme] = endpoint.split(":");
      const tls = endpoint.startsWith("ws:") ? {} : { tls: { ca } };
      for (const send of ["send-proxy", "send-proxy-v2"]) {
        const door = await haproxy(t, server.endpoint, send);
        await using client = await connect(`${scheme}://${door}${path}`, { encoding: text(), ...tls });
        assert.equal(await client.receive(), client.local);
      }
      // The same from us, without anybody between.
      const proxyHeader = { version: 2, source: "tcp://192.0.2.7:4711" } as const;
      await using client = await connect(server.endpoint, { encoding: text(), proxyHeader, ...tls });
      assert.equal(await client.receive(), `${scheme}://192.0.2.7:4711`);
    }
  });

  test("carries sessions, whose links have their client's name", async (t) => {
    await using server = await serveSessions(
      "tcp://127.0.0.1:0",
      async (session) => {
        for await (const message of session) await session.send([session.remote, message]);
      },
      { ...trusting, encoding: json() },
    );
    const door = await haproxy(t, server.endpoint, "send-proxy-v2", "accept-proxy");
    const proxyHeader = { version: 2, source: "tcp://192.0.2.7:4711" } as const;
    await using session = await openSession(`tcp://${door}`, { encoding: json(), proxyHeader });
    await session.send("hello");
    assert.deepEqual(await session.receive(), ["tcp://192.0.2.7:4711", "hello"]);
  });

  test("looks whether we are there without being refused", async (t) => {
    const refused: unknown[] = [];
    await using server = await serve(
      "tcp://127.0.0.1:0",
      (connection) => connection.send(connection.remote),
      {
        ...options,
        observer: ({ name, reason }) => name === "refused" && refused.push(reason),
      },
    );
    const door = await haproxy(t, server.endpoint, "send-proxy-v2 check inter 50ms");
    // One that looks, or more, go before or between.
    for (let round = 0; round < 3; round += 1) {
      await using client = await connect(door, { framing: lines() });
      assert.equal(await client.receive(), client.local);
    }
    assert.deepEqual(refused, []);
  });
});

suite("nginx", needs({ commands: ["nginx"] }), () => {
  const says: [name: string, lines: string][] = [
    ["X-Forwarded-For", "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"],
    ["Forwarded", 'proxy_set_header Forwarded "$http_forwarded, for=$remote_addr;proto=$scheme";'],
  ];
  for (const [name, lines] of says) {
    test(`names its WebSocket clients by ${name}, whatever they say themselves`, async (t) => {
      const serving = { trustedProxies: ["127.0.0.1"], encoding: text() };
      await using server = await serve(
        "ws://127.0.0.1:0/who",
        (connection) => connection.send(connection.request?.address ?? ""),
        serving,
      );
      const door = await nginx(t, server.endpoint, lines);
      // Another address of loopback's: a client, and no proxy.
      const dialling = { encoding: text(), sourceAddress: "127.0.0.7" };
      await using client = await connect(`ws://${door}/who`, dialling);
      assert.equal(await client.receive(), "127.0.0.7");
      const headers = { [name]: name === "Forwarded" ? "for=192.0.2.7" : "192.0.2.7" };
      await using liar = await connect(`ws://${door}/who`, { ...dialling, webSocket: { headers } });
      assert.equal(await liar.receive(), "127.0.0.7");
    });
  }

  test("carries sessions over WebSocket, whose links have their client's name", async (t) => {
    await using server = await serveSessions(
      "ws://127.0.0.1:0/session",
      async (session) => {
        for await (const message of session) await session.send([session.remote, message]);
      },
      { trustedProxies: ["127.0.0.1"], encoding: json() },
    );
    const door = await nginx(t, server.endpoint, "proxy_set_header X-Forwarded-For $remote_addr;");
    const dialling = { encoding: json(), sourceAddress: "127.0.0.7" };
    await using session = await openSession(`ws://${door}/session`, dialling);
    await session.send("hello");
    assert.deepEqual(await session.receive(), ["ws://127.0.0.7:0", "hello"]);
  });
});
