// The command over TLS: what its options come to, what -v tells, and what is refused.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";

import { connect, serve } from "../../src/index.js";
import { type Certificates, certificates } from "../support/certificates.js";
import { holdfast, type Program } from "../support/program.js";

let folder: string;
let made: Certificates;
const path = (name: string) => join(folder, name);

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-secure-"));
  made = await certificates();
  writeFileSync(path("ca.pem"), made.ca);
  for (const kind of ["server", "client", "expired"] as const) {
    writeFileSync(path(`${kind}.pem`), made[kind].cert);
    writeFileSync(path(`${kind}.key`), made[kind].key);
  }
  writeFileSync(path("crl.pem"), made.authority.revoke(made.server));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const own = (kind: string) => ["--cert", path(`${kind}.pem`), "--key", path(`${kind}.key`)];
const trusting = () => ["--ca", path("ca.pem")];

async function listening(...args: readonly string[]): Promise<{ server: Program; endpoint: string }> {
  const server = holdfast(["listen", "tls://127.0.0.1:0", ...args]);
  const [, endpoint = ""] = await server.sees(/listening on (tls:\S+)/, "stderr");
  return { server, endpoint };
}

test("bytes go both ways, and -v tells of TLS at both ends", async () => {
  const { server, endpoint } = await listening(...own("server"), "-v");
  await using _ = server;
  await using client = holdfast(["connect", endpoint, ...trusting(), "-v"]);
  client.write("from the client\n");
  assert.equal(await server.line(), "from the client");
  server.write("from the server\n");
  server.end();
  assert.equal(await client.line(), "from the server");
  client.end();
  assert.equal((await client.exit).code, 0);
  assert.equal((await server.exit).code, 0);
  assert.match(client.stderr, /^#\d+ TLSv1\.3, \w+, .*verified$/m);
  assert.match(client.stderr, /^#\d+ certificate: .*localhost.*; issued by .*; until 20\d\d-/m);
  assert.match(server.stderr, /^#\d+ TLSv1\.3, .*the peer showed no certificate$/m);
});

test("an end that comes with the handshake is heard at once", async () => {
  let heard: unknown;
  await using server = await serve(
    "tls://127.0.0.1:0",
    async (connection) => {
      heard = await connection.receive();
      await connection.send(new TextEncoder().encode("heard"));
    },
    { tls: made.server },
  );
  await using connection = await connect(server.endpoint, { tls: { ca: made.ca } });
  await connection.end();
  assert.equal(new TextDecoder().decode(await connection.receive()), "heard");
  assert.equal(heard, undefined);
});

test("--json has it as fields, without what only the two ends may know", async () => {
  const { server, endpoint } = await listening(...own("server"), "--alpn", "two,one");
  await using _ = server;
  await using client = holdfast(["connect", endpoint, ...trusting(), "--alpn", "one,three", "--json"]);
  server.end();
  client.end();
  await client.exit;
  const events = client.stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { [key: string]: unknown });
  const secured = events.find(({ event }) => event === "secured");
  assert.ok(secured !== undefined);
  assert.equal(secured.version, "TLSv1.3");
  assert.equal(secured.alpn, "one");
  assert.equal(secured.isVerified, true);
  assert.ok(!("exporter" in secured));
  const [certificate] = secured.chain as [{ [key: string]: unknown }];
  assert.match(String(certificate.notAfter), /^20\d\d-/);
});

test("--ca where it listens wants a certificate of every client", async () => {
  const { server, endpoint } = await listening(...own("server"), ...trusting(), "--keep");
  await using _ = server;
  await using stranger = holdfast(["connect", endpoint, ...trusting()]);
  assert.equal((await stranger.exit).code, 1);
  assert.match(stranger.stderr, /wants a client certificate/);
  await using known = holdfast(["connect", endpoint, ...trusting(), ...own("client")]);
  known.write("let in\n");
  assert.equal(await server.line(), "let in");
  known.end();
});

suite("a server that is not who it should be is refused:", () => {
  const cases: [what: string, kind: string, args: () => string[], reason: RegExp][] = [
    ["an authority that nobody trusts", "server", () => [], /authority/],
    ["an expired certificate", "expired", trusting, /has expired/],
    ["another name", "server", () => [...trusting(), "--server-name", "other.test"], /other names/],
    ["a revoked certificate", "server", () => [...trusting(), "--crl", path("crl.pem")], /is revoked/],
  ];
  for (const [what, kind, args, reason] of cases) {
    test(what, async () => {
      const { server, endpoint } = await listening(...own(kind), "--keep");
      await using _ = server;
      await using client = holdfast(["connect", endpoint, ...args()]);
      assert.equal((await client.exit).code, 1);
      assert.match(client.stderr, reason);
    });
  }

  test("unless --no-verify says that it does not matter, which is warned of", async () => {
    const { server, endpoint } = await listening(...own("expired"));
    await using _ = server;
    await using client = holdfast(["connect", endpoint, "--no-verify"]);
    client.write("all the same\n");
    assert.equal(await server.line(), "all the same");
    assert.match(client.stderr, /^holdfast: warning: --no-verify takes any certificate/);
    client.end();
  });
});

test("a pipe joins an end in TLS with stdin and stdout, and ping measures it", async () => {
  const { server, endpoint } = await listening(...own("server"), "--keep");
  await using _ = server;
  await using pipe = holdfast(["pipe", "-", endpoint, ...trusting()]);
  pipe.write("through\n");
  assert.equal(await server.line(), "through");
  await using ping = holdfast(["ping", endpoint, ...trusting(), "-c", "1"]);
  assert.equal((await ping.exit).code, 0, ping.stdout);
});

test("a hub's door in TLS lets a chat in, and the doctor finds nothing wrong with it", async () => {
  const doors = ["--listen", "tls://127.0.0.1:0", "--no-plain", "--no-http"];
  await using hub = holdfast(["hub", ...doors, ...own("server")]);
  const [, door = ""] = await hub.sees(/^session (tls:\S+)$/m);
  await using chat = holdfast(["chat", "--hub", door, ...trusting(), "--name", "ada"]);
  await chat.sees(/ada/);
  chat.end();
  assert.equal((await chat.exit).code, 0, chat.stderr);
  await using doctor = holdfast(["doctor", door, ...trusting(), "--session"]);
  assert.equal((await doctor.exit).code, 0, doctor.stdout);
  assert.match(doctor.stdout, /^ok {7}tls .* the certificate is verified$/m);
  assert.match(doctor.stdout, /^ok {7}session /m);
});

suite("wrong usage:", () => {
  for (const [what, args, reason] of [
    ["no certificate", () => ["listen", "tls://127.0.0.1:0"], /holdfast cert/],
    [
      "a file that is not there",
      () => ["connect", "tls://127.0.0.1:1", "--ca", path("none.pem")],
      /none\.pem/,
    ],
  ] as const) {
    test(what, async () => {
      await using run = holdfast(args());
      assert.equal((await run.exit).code, 2);
      assert.match(run.stderr, reason);
    });
  }
});
