// What Node and OpenSSL say of a failed handshake, and what becomes of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ClosedError } from "../../../src/core/errors.js";
import { alertOf, tlsError } from "../../../src/transport/tls/tls-error.js";

const failed = (code: string, message = code, reason?: string) =>
  Object.assign(new Error(message), { code, ...(reason === undefined ? {} : { reason }) });

test("every failure has its class, its code and its words", () => {
  for (const [error, name, code, message] of [
    [
      failed("ERR_SSL_X", "error: SSL alert number 116"),
      "RefusedError",
      "ERR_REFUSED",
      /certificate_required/,
    ],
    [
      failed("ERR_SSL_X", "error: SSL alert number 99"),
      "RefusedError",
      "ERR_REFUSED",
      /\(alert alert 99\)|alert 99/,
    ],
    [failed("CERT_HAS_EXPIRED"), "CertificateError", "ERR_CERTIFICATE_EXPIRED", /has expired; renew it/],
    [failed("CRL_HAS_EXPIRED"), "CertificateError", "ERR_CERTIFICATE_INVALID", /revocation list has expired/],
    [
      failed("INVALID_PURPOSE"),
      "CertificateError",
      "ERR_CERTIFICATE_INVALID",
      /cannot be verified.*INVALID_PURPOSE/,
    ],
    [failed("ERR_SSL_NO_SHARED_CIPHER"), "ProtocolError", "ERR_VERSION", /nothing that both sides take/],
    [
      failed("ERR_SSL_BAD", "bad", "bad record"),
      "ProtocolError",
      "ERR_INVALID_BYTES",
      /no TLS \(bad record\)/,
    ],
    [failed("ECONNRESET"), "DisconnectedError", "ERR_CONNECTION_RESET", /reset the connection/],
  ] as const) {
    assert.throws(
      () => {
        throw tlsError(error, { op: "connect", endpoint: "tls://a:1" });
      },
      { name, code, message },
    );
  }
  const known = new ClosedError("closed");
  assert.equal(tlsError(known, {}), known);
});

test("the peer is told the same", () => {
  assert.equal(alertOf("ERR_CERTIFICATE_EXPIRED"), 45);
  assert.equal(alertOf("ERR_CERTIFICATE_UNTRUSTED"), 48);
});
