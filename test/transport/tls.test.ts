// TLS under the contracts of every transport, and what only TLS has: who is taken, who is refused, and what each is told.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import nodeTls from "node:tls";
import {
  type Connection,
  type ConnectOptions,
  connect,
  type LifecycleEvent,
  lines,
  listen,
  type TlsOptions,
} from "../../src/index.js";
import { listenerContract } from "../../src/testing/listener-contract.js";
import { openPair } from "../../src/testing/open-pair.js";
import { streamContract } from "../../src/testing/stream-contract.js";
import { tls } from "../../src/transport/tls.js";
import { certificates } from "../support/certificates.js";
import { ManualClock } from "../support/manual-clock.js";

const all = await certificates();
const { authority, ca, server, client } = all;
const loopback = { scheme: "tls", host: "127.0.0.1", port: 0 } as const;
const loopback6 = { scheme: "tls", host: "::1", port: 0 } as const;

/** The transport with the same TLS options on both sides. */
function withTls(options: TlsOptions): typeof tls {
  return {
    dial: (endpoint, others) => tls.dial(endpoint, { ...others, tls: options }),
    listen: (endpoint, others, onStream) => tls.listen(endpoint, { ...others, tls: options }, onStream),
  };
}

for (const [name, endpoint] of [
  ["tls", loopback],
  ["tls over IPv6", loopback6],
] as const) {
  const transport = withTls({ ca, ...server });
  streamContract(test, { name, open: () => openPair(transport, endpoint), resets: true });
  listenerContract(test, { name, transport, endpoint: () => endpoint });
}

/** What listens, with all that it refused. */
async function door(options: TlsOptions, clock?: ManualClock) {
  const refused: LifecycleEvent[] = [];
  let onRefused = () => {};
  const listener = await listen("tls://127.0.0.1:0", {
    framing: lines(),
    tls: options,
    clock,
    observer: (event) => {
      if (event.name !== "refused") return;
      refused.push(event);
      onRefused();
    },
  });
  return {
    listener,
    port: Number(listener.endpoint.split(":").at(-1)),
    refusal: async () => {
      while (refused.length === 0) await new Promise<void>((resolve) => (onRefused = resolve));
      return refused[0]?.error;
    },
  };
}

/** The endpoint's, as a client sees it. */
function dial(
  endpoint: string,
  options: TlsOptions,
  more: ConnectOptions<string> = {},
): Promise<Connection<string>> {
  return connect(endpoint, { framing: lines(), tls: options, ...more });
}

suite("a server's certificate that the client does not take", () => {
  const crl = authority.revoke(server);
  for (const [name, shown, taken, code, alert] of [
    ["expired", all.expired, { ca }, "EXPIRED", /certificate_expired/],
    ["not yet valid", all.notYetValid, { ca }, "NOT_YET_VALID", /bad_certificate/],
    ["for another name", all.elsewhere, { ca }, "NAME", /bad_certificate/],
    ["of an unknown authority", all.stranger, { ca }, "UNTRUSTED", /unknown_ca/],
    ["of an authority that nobody gave", server, {}, "UNTRUSTED", /unknown_ca/],
    ["revoked by a file", server, { ca, crl }, "REVOKED", /certificate_revoked/],
  ] as const) {
    test(`${name} is refused, and the server told why`, async () => {
      const { listener, refusal } = await door(shown);
      await assert.rejects(dial(listener.endpoint, taken, { retry: { attempts: 5 } }), {
        name: "CertificateError",
        code: `ERR_CERTIFICATE_${code}`,
        endpoint: listener.endpoint,
      });
      const error = await refusal();
      assert.equal(error?.name, "RefusedError");
      assert.match(error.message, alert);
      await listener.close();
    });
  }

  test("under TLS 1.2 the server only sees it leave", async () => {
    const old = nodeTls.createServer({ ...all.expired, maxVersion: "TLSv1.2" }).listen(0, "127.0.0.1");
    await once(old, "listening");
    const { port } = old.address() as net.AddressInfo;
    await assert.rejects(dial(`tls://127.0.0.1:${port}`, { ca }), { code: "ERR_CERTIFICATE_EXPIRED" });
    await assert.rejects(dial(`tls://127.0.0.1:${port}`, { ca, minVersion: "TLSv1.3" }), {
      name: "RefusedError",
      message: /protocol_version/,
    });
    old.close();
  });

  test("is taken by one who does not verify, and says so", async () => {
    const { listener } = await door(all.stranger);
    const connection = await dial(listener.endpoint, { verify: false });
    assert.equal(connection.tls?.isVerified, false);
    assert.equal(connection.tls?.chain[0]?.subject, "CN=stranger");
    connection.abort();
    await listener.close();
  });
});

suite("a client's certificate", () => {
  const required = { ...server, ca, clientCertificate: "require" } as const;
  const crl = authority.revoke(client);
  for (const [name, wanted, shown, code] of [
    ["that is missing", required, {}, "MISSING"],
    ["of an unknown authority", required, all.stranger, "UNTRUSTED"],
    ["that has expired", required, all.expired, "EXPIRED"],
    ["that is not valid yet", required, all.notYetValid, "NOT_YET_VALID"],
    ["revoked by a file", { ...required, crl }, client, "REVOKED"],
    [
      "that is bad, even if none is required",
      { ...required, clientCertificate: "request" },
      all.expired,
      "EXPIRED",
    ],
  ] as const) {
    test(`${name} is refused: the first operation behind connect says so`, async () => {
      const { listener, refusal } = await door(wanted);
      const connection = await dial(listener.endpoint, { ca, ...shown });
      await assert.rejects(connection.receive(), { name: "RefusedError", code: "ERR_REFUSED" });
      const { by, error } = await connection.closed;
      assert.deepEqual([by, error?.name], ["remote", "RefusedError"]);
      const refused = await refusal();
      assert.deepEqual([refused?.name, refused?.code], ["CertificateError", `ERR_CERTIFICATE_${code}`]);
      assert.equal(listener.stats.open, 0);
      await listener.close();
    });
  }

  test("that is good is who the client is", async () => {
    for (const clientCertificate of ["require", "request"] as const) {
      const { listener } = await door({ ...required, clientCertificate });
      const connection = await dial(listener.endpoint, { ca, ...client });
      const accepted = await listener.accept();
      const [own] = accepted?.tls?.chain ?? [];
      assert.equal(accepted?.tls?.isVerified, true);
      assert.equal(own?.subject, "CN=client");
      assert.deepEqual(own.names, ["client.test"]);
      assert.match(own.fingerprint, /^[0-9a-f]{64}$/);
      assert.ok(own.notBeforeMs < Date.now() && Date.now() < own.notAfterMs);
      connection.abort();
      accepted?.abort();
      await listener.close();
    }
  });

  test("need not be shown where it is only requested", async () => {
    const { listener } = await door({ ...required, clientCertificate: "request" });
    const connection = await dial(listener.endpoint, { ca });
    const accepted = await listener.accept();
    assert.deepEqual([accepted?.tls?.isVerified, accepted?.tls?.chain], [false, []]);
    connection.abort();
    accepted?.abort();
    await listener.close();
  });
});

suite("both sides agree", () => {
  test("on what the handshake came to", async () => {
    const { listener } = await door({ ...server, cert: server.cert + ca });
    const connection = await dial(listener.endpoint, { ca, serverName: "localhost" });
    const accepted = await listener.accept();
    const [here, there] = [connection.tls, accepted?.tls];
    assert.ok(here !== undefined && there !== undefined);
    assert.deepEqual([here.version, here.cipher], [there.version, there.cipher]);
    assert.deepEqual([here.serverName, there.serverName], ["localhost", "localhost"]);
    assert.deepEqual(here.exporter, there.exporter);
    assert.equal(here.exporter?.length, 32);
    assert.deepEqual(here.chain[0]?.names, ["localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"]);
    assert.deepEqual(
      here.chain.map(({ subject }) => subject),
      ["CN=server", "CN=Holdfast test authority"],
    );
    connection.abort();
    accepted?.abort();
    await listener.close();
  });

  test("on a certificate for the name that was asked for", async () => {
    const one = await authority.issue("one", { names: ["one.test"] });
    const any = await authority.issue("any", { names: ["*.any.test"] });
    const { listener } = await door({ ...server, names: { "One.test": one, "*.any.test": any } });
    for (const [serverName, subject] of [
      ["one.test", "CN=one"],
      ["some.any.test", "CN=any"],
      ["localhost", "CN=server"],
    ] as const) {
      const connection = await dial(listener.endpoint, { ca, serverName });
      assert.equal(connection.tls?.chain[0]?.subject, subject);
      connection.abort();
    }
    await assert.rejects(dial(listener.endpoint, { ca, serverName: "a.b.any.test" }), {
      code: "ERR_CERTIFICATE_NAME",
    });
    await listener.close();
  });

  test("on a protocol, or refuse each other", async () => {
    const { listener, refusal } = await door({ ...server, alpn: ["chat/2", "chat/1"] });
    const connection = await dial(listener.endpoint, { ca, alpn: ["chat/1", "other"] });
    assert.equal(connection.tls?.alpn, "chat/1");
    const silent = await dial(listener.endpoint, { ca });
    assert.equal(silent.tls?.alpn, undefined);
    await assert.rejects(dial(listener.endpoint, { ca, alpn: ["other"] }), {
      name: "RefusedError",
      message: /no_application_protocol/,
    });
    const error = await refusal();
    assert.deepEqual([error?.name, error?.code], ["ProtocolError", "ERR_VERSION"]);
    for (const each of [connection, silent]) each.abort();
    await listener.close();
  });

  test("to continue a TLS session, under the same trust only", async () => {
    const { listener } = await door(server);
    const visit = async (options: TlsOptions) => {
      const connection = await dial(listener.endpoint, options);
      const accepted = await listener.accept();
      // Tickets come behind the handshake, before what the server sends then.
      await accepted?.send("hello");
      await connection.receive();
      const { isResumed } = connection.tls ?? {};
      assert.equal(accepted?.tls?.isResumed, isResumed);
      assert.equal(connection.tls?.isVerified, true);
      assert.notEqual(connection.tls?.chain.length, 0);
      await Promise.all([connection.close(), accepted?.close()]);
      return isResumed;
    };
    assert.equal(await visit({ ca }), false);
    assert.equal(await visit({ ca }), true);
    assert.equal(await visit({ ca }), true);
    assert.equal(await visit({ ca, serverName: "localhost" }), false);
    assert.equal(await visit({ ca, ...client }), false);
    await listener.close();
  });
});

suite("what is no TLS", () => {
  for (const [name, said, message] of [
    ["HTTP", "GET / HTTP/1.1\r\n\r\n", /HTTP in the clear/],
    ["a plain program", "hello\n", /something that is no TLS/],
    ["one that only looks like it", "\x16\x03\x01\x00\x05hello", /what came is no TLS/],
  ] as const) {
    test(`${name} at a tls door is refused, and told`, async () => {
      const { listener, port, refusal } = await door(server);
      const socket = net.connect(port, "127.0.0.1").on("error", () => {});
      socket.write(said, "latin1");
      const error = await refusal();
      assert.deepEqual([error?.name, error?.code], ["ProtocolError", "ERR_INVALID_BYTES"]);
      assert.match(error?.message ?? "", message);
      socket.destroy();
      await listener.close();
    });
  }

  test("a server that speaks in the clear is no server of ours", async () => {
    const plain = net.createServer((socket) => socket.end("220 hello\r\n").on("error", () => {}));
    plain.listen(0, "127.0.0.1");
    await once(plain, "listening");
    const { port } = plain.address() as net.AddressInfo;
    await assert.rejects(dial(`tls://127.0.0.1:${port}`, { ca }), {
      name: "ProtocolError",
      code: "ERR_INVALID_BYTES",
      message: /the peer speaks something that is no TLS; check the port/,
    });
    plain.close();
  });

  test("one that says nothing has its time, and leaves its place", async () => {
    const clock = new ManualClock();
    const { listener, port, refusal } = await door(server, clock);
    const socket = net.connect(port, "127.0.0.1").on("error", () => {});
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(listener.stats.open, 1);
    clock.advance(5_000);
    assert.equal((await refusal())?.name, "TimeoutError");
    assert.equal(listener.stats.open, 0);
    socket.destroy();
    await listener.close();
  });

  test("one that leaves in its handshake, or is in it when the listener closes, leaves its place", async () => {
    const { listener, port, refusal } = await door(server);
    net
      .connect(port, "127.0.0.1")
      .on("error", () => {})
      .end();
    assert.deepEqual((await refusal())?.code, "ERR_CONNECTION_LOST");
    const late = net.connect(port, "127.0.0.1").on("error", () => {});
    while (listener.stats.accepted < 2) await new Promise((resolve) => setImmediate(resolve));
    const closed = new Promise((resolve) => late.resume().once("close", resolve));
    await listener.close();
    await closed;
    assert.equal(listener.stats.open, 0);
  });
});

test("a certificate that is rotated is shown from the next handshake on, a bad one never, and nobody is cut", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-rotated-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [cert, key] = [join(folder, "server.crt"), join(folder, "server.key")];
  writeFileSync(cert, server.cert);
  writeFileSync(key, server.key);
  const warned: string[] = [];
  const onWarning = ({ message }: Error) => void warned.push(message);
  process.on("warning", onWarning);
  t.after(() => process.off("warning", onWarning));
  const clock = new ManualClock();
  const { listener } = await door({ cert, key }, clock);
  const shown = async () => {
    clock.advance(1_000);
    const connection = await dial(listener.endpoint, { ca });
    const accepted = await listener.accept();
    return { connection, accepted, subject: connection.tls?.chain[0]?.subject };
  };
  const before = await shown();
  const renewed = await authority.issue("renewed");
  writeFileSync(cert, renewed.cert);
  const between = await shown();
  writeFileSync(key, renewed.key);
  const after = await shown();
  assert.deepEqual(
    [before, between, after].map(({ subject }) => subject),
    ["CN=server", "CN=server", "CN=renewed"],
  );
  assert.equal(warned.length, 1);
  assert.match(warned[0] ?? "", /goes on with its old certificates: .*key is not the key of/);
  await before.connection.send("still here");
  assert.equal(await before.accepted?.receive(), "still here");
  for (const { connection, accepted } of [before, between, after]) {
    connection.abort();
    accepted?.abort();
  }
  await listener.close();
});

test("an end that the peer did not announce is a break", async () => {
  const careless = nodeTls.createServer({ ...server });
  const front = net.createServer((socket) => {
    careless.once("secureConnection", (secure) => {
      // The socket's end, and nothing of TLS's.
      secure.write("whole\nhalf", () => socket.end());
    });
    careless.emit("connection", socket);
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  const connection = await dial(`tls://127.0.0.1:${(front.address() as net.AddressInfo).port}`, { ca });
  assert.equal(await connection.receive(), "whole");
  await assert.rejects(connection.receive(), {
    name: "DisconnectedError",
    code: "ERR_TRUNCATED",
    message: /close_notify/,
  });
  front.close();
});

test("a dial fails as a whole: nobody there, no time, bad options", async () => {
  const { listener } = await door(server);
  await listener.close();
  await assert.rejects(dial(listener.endpoint, { ca }), { code: "ERR_CONNECTION_REFUSED" });

  const silent = net.createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as net.AddressInfo;
  const clock = new ManualClock();
  const names: string[] = [];
  const observer = ({ name, by }: LifecycleEvent) => void names.push([name, by].filter(Boolean).join(" "));
  const dialing = dial(`tls://127.0.0.1:${port}`, { ca }, { clock, timeoutMs: 700, observer });
  const failed = assert.rejects(dialing, {
    name: "TimeoutError",
    message: /no TLS handshake within 700 ms/,
  });
  await once(silent, "connection");
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(700);
  await failed;
  assert.deepEqual(names, ["created", "bound", "closed network"]);
  silent.close();

  for (const [options, message] of [
    [{ ca: "nothing" }, /tls\.ca cannot be read: ENOENT/],
    [{ cert: client.cert }, /tls\.cert is given without tls\.key/],
    [{ ca, alpn: [] }, /tls\.alpn must be/],
  ] as const) {
    await assert.rejects(dial("tls://127.0.0.1:1", options), { name: "UsageError", op: "connect", message });
  }
  await assert.rejects(listen("tls://127.0.0.1:0"), {
    name: "UsageError",
    message: /a certificate is missing/,
  });
  await assert.rejects(listen("tls://127.0.0.1:0", { tls: { ...server, clientCertificate: "require" } }), {
    message: /tls\.clientCertificate needs tls\.ca/,
  });
});
