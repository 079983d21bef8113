import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { checkTls } from "../../../src/cli/doctor/tls.js";
import { type ServeOptions, serve, type TlsOptions } from "../../../src/index.js";
import { Authority, certificates, type Identity } from "../../support/certificates.js";
import { patient, statuses } from "./patients.js";

async function serving(own: Identity, more: TlsOptions = {}) {
  const options: ServeOptions = { tls: { ...own, ...more }, onError: () => {} };
  const server = await serve(
    "tls://127.0.0.1:0",
    async (connection) => void (await connection.receive()),
    options,
  );
  return server;
}

const settings = (tls: TlsOptions) => ({ timeoutMs: 5_000, tls });
const monthMs = 30 * 86_400_000;

test("a certificate that holds is fine, for as long as it lasts", async () => {
  const { authority, ca } = await certificates();
  const own = await authority.issue("long", { notAfter: new Date(Date.now() + 3 * monthMs) });
  await using server = await serving(own);
  const found = await checkTls(patient(server.endpoint, { settings: settings({ ca }) }));
  assert.deepEqual(statuses(found), ["ok tls", "ok tls"]);
  assert.match(found[0]?.says ?? "", /^TLSv1\.3 with \w+; the certificate is verified$/);
  assert.match(found[1]?.says ?? "", /^the certificate is valid until \d{4}-\d\d-\d\d, 89 days more$/);
});

test("under wss:// it is the same", async () => {
  const { ca, server: own } = await certificates();
  await using server = await serving(own);
  const endpoint = `${server.endpoint.replace("tls:", "wss:")}/live`;
  const found = await checkTls(patient(endpoint, { settings: settings({ ca }) }));
  assert.equal(found[0]?.status, "ok");
});

test("one that ends soon is a warning", async () => {
  const { ca, server: own } = await certificates();
  await using server = await serving(own);
  const found = await checkTls(patient(server.endpoint, { settings: settings({ ca }) }));
  assert.deepEqual(statuses(found), ["ok tls", "warning tls"]);
  assert.match(found[1]?.advice ?? "", /renewed/);
});

suite("one that does not hold is a failure, with what it says:", () => {
  for (const [kind, reason] of [
    ["expired", /has expired/],
    ["notYetValid", /not valid yet/],
    ["elsewhere", /other names/],
    ["stranger", /not known|not trusted/],
  ] as const) {
    test(kind, async () => {
      const { ca, [kind]: own } = await certificates();
      await using server = await serving(own);
      const found = await checkTls(patient(server.endpoint, { settings: settings({ ca }) }));
      assert.deepEqual(statuses(found), ["failed tls", "failed tls"]);
      assert.match(found[0]?.says ?? "", reason);
      assert.match(
        found[1]?.says ?? "",
        /^what the peer shows is for .*, from [\d-]+ until [\d-]+, issued by /,
      );
    });
  }
});

test("what is not verified is a warning", async () => {
  const { server: own } = await certificates();
  await using server = await serving(own);
  const [found] = await checkTls(patient(server.endpoint, { settings: settings({ verify: false }) }));
  assert.equal(found?.status, "warning");
  assert.match(found.advice ?? "", /--no-verify/);
});

test("a peer that wants our certificate, and does not get it, refuses us", async () => {
  const { ca, server: own } = await certificates();
  await using server = await serving(own, { ca, clientCertificate: "require" });
  const found = await checkTls(patient(server.endpoint, { settings: settings({ ca }) }));
  assert.equal(found.at(-1)?.status, "failed");
  assert.match(found.at(-1)?.advice ?? "", /cert and key/);
});

test("what is known to inspect traffic is told of", async () => {
  const between = await Authority.create("Zscaler Root CA");
  await using server = await serving(await between.issue("server"));
  const found = await checkTls(patient(server.endpoint, { settings: settings({ ca: between.cert }) }));
  assert.match(found.at(-1)?.says ?? "", /^something in between ends TLS and begins its own: .*Zscaler/);
});

test("what speaks no TLS is a failure", async () => {
  await using server = await serve(
    "tcp://127.0.0.1:0",
    async (connection) => {
      await connection.send(new TextEncoder().encode("220 ready\r\n"));
      await connection.receive();
    },
    { onError: () => {} },
  );
  const endpoint = server.endpoint.replace("tcp:", "tls:");
  const found = await checkTls(patient(endpoint, { settings: settings({}) }));
  assert.deepEqual(statuses(found), ["failed tls"]);
});

test("in the clear there is nothing to look at", async () => {
  assert.deepEqual(await checkTls(patient("tcp://127.0.0.1:1")), []);
});
