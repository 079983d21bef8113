import assert from "node:assert/strict";
import { test } from "node:test";

import { tlsRecord, tlsSentences } from "../../../src/cli/report/tls.js";
import type { TlsState } from "../../../src/index.js";

const state: TlsState = {
  version: "TLSv1.3",
  cipher: "TLS_AES_128_GCM_SHA256",
  alpn: "holdfast",
  serverName: "app.test",
  isResumed: true,
  isVerified: true,
  chain: [
    {
      subject: "CN=app.test",
      issuer: "O=Some\nCN=Authority\u001b[2J",
      names: ["DNS:app.test", "IP Address:127.0.0.1"],
      notBeforeMs: Date.UTC(2026, 0, 1),
      notAfterMs: Date.UTC(2026, 5, 1),
      fingerprint: "00ff",
    },
  ],
  exporter: new Uint8Array(32).fill(7),
};

test("what was agreed is a sentence, and each certificate another", () => {
  assert.deepEqual(tlsSentences(state), [
    "TLSv1.3, TLS_AES_128_GCM_SHA256, ALPN holdfast, for app.test, resumed, verified",
    "certificate: DNS:app.test, IP Address:127.0.0.1; issued by O=Some, CN=Authority^[[2J; until 2026-06-01T00:00:00.000Z",
  ]);
});

test("what is not there is left out, and what is not verified said", () => {
  const bare = { ...state, alpn: undefined, serverName: undefined, isResumed: false, isVerified: false };
  assert.deepEqual(tlsSentences({ ...bare, chain: [] }), [
    "TLSv1.3, TLS_AES_128_GCM_SHA256, the peer showed no certificate",
  ]);
  const [certificate] = state.chain;
  const nameless = certificate && { ...certificate, names: [], notAfterMs: Number.NaN };
  assert.deepEqual(tlsSentences({ ...bare, chain: nameless === undefined ? [] : [nameless] }), [
    "TLSv1.3, TLS_AES_128_GCM_SHA256, not verified",
    "certificate: CN=app.test; issued by O=Some, CN=Authority^[[2J; until an unknown date",
  ]);
});

test("the record has all but the secret of the two ends", () => {
  const record = JSON.parse(JSON.stringify(tlsRecord(state))) as { [key: string]: unknown };
  assert.ok(!("exporter" in record));
  assert.equal(record.version, "TLSv1.3");
  const [certificate] = record.chain as [{ [key: string]: unknown }];
  assert.equal(certificate.notAfter, "2026-06-01T00:00:00.000Z");
  assert.equal(certificate.fingerprint, "00ff");
});
