// Those who try to be taken for somebody else over TLS.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import tls, { type SecureVersion } from "node:tls";

import { CertificateError, connect, text } from "../../src/index.js";
import { certificates, type Identity } from "../support/certificates.js";

const { ca, elsewhere, server: good } = await certificates();

/** A server with a good certificate for another name, which gives out sessions to continue. */
async function impostor(identity: Identity, maxVersion: SecureVersion) {
  const server = tls.createServer({ ...identity, maxVersion }, (socket) => {
    socket.on("error", () => {}).write("believe me");
  });
  server.on("tlsClientError", () => {}).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, endpoint: `tls://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

suite("A server whose certificate is for another name", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    test(`is refused over ${version} however often it is dialled: its session is not continued`, async () => {
      const { server, endpoint } = await impostor(elsewhere, version);
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        await assert.rejects(connect(endpoint, { tls: { ca } }), (error) => {
          assert.ok(error instanceof CertificateError);
          assert.equal(error.code, "ERR_CERTIFICATE_NAME");
          return true;
        });
      }
      server.close();
    });
  }

  test("does not spoil it for one that is who it should be, over TLS 1.2 as well", async () => {
    const { server, endpoint } = await impostor(good, "TLSv1.2");
    const continued: (boolean | undefined)[] = [];
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const connection = await connect(endpoint, { tls: { ca }, encoding: text() });
      await connection.receive();
      continued.push(connection.tls?.isResumed);
      connection.abort();
    }
    assert.deepEqual(continued, [false, true]);
    server.close();
  });
});
