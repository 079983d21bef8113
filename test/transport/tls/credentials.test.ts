// What OpenSSL is given: bad pairs and bad options are found before anybody shakes hands.

import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { checkTlsOptions, contextFor, credentialsOf } from "../../../src/transport/tls/credentials.js";
import type { TlsOptions } from "../../../src/transport/tls/options.js";
import { certificates } from "../../support/certificates.js";

const { ca, server, client } = await certificates();
const made = (options: TlsOptions) => credentialsOf(options, (_option, value) => value);

test("each mistake in a pair is told by the options that made it", () => {
  const encrypted = createPrivateKey(server.key)
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" })
    .toString();
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;
  const rsaKey = rsa.export({ type: "pkcs8", format: "pem" }).toString();
  for (const [options, message] of [
    [{ cert: server.cert }, /^tls\.cert is given without tls\.key$/],
    [{ key: server.key }, /^tls\.key is given without tls\.cert$/],
    [{ cert: server.cert, key: client.key }, /^tls\.key is not the key of tls\.cert; give the two/],
    [{ cert: server.cert, key: rsaKey }, /^tls\.key is not the key of tls\.cert; give the two/],
    [{ cert: server.cert, key: encrypted }, /^tls\.key is encrypted; give the passphrase/],
    [{ cert: server.cert, key: encrypted, passphrase: "wrong" }, /^tls\.passphrase does not open tls\.key/],
    [{ cert: server.cert, key: "no key" }, /^tls cannot be used: .*; check cert, key and passphrase/],
    [{ ca: ca.replace(/\n[^-]+/, "\nAAAA\n") }, /^tls\.ca has a certificate that cannot be read/],
    [{ names: { "a.test": { ...server, key: client.key } } }, /^tls\.names\["a\.test"\]\.key is not the key/],
  ] as const) {
    assert.throws(() => made(options), { name: "UsageError", message });
  }
  made({ cert: server.cert, key: encrypted, passphrase: "secret" });
});

test("a name has its own context, or that of its wildcard, in any case of letters", () => {
  const credentials = made({ ...server, names: { "A.test": client, "*.b.test": client } });
  const { byName } = credentials;
  assert.equal(contextFor(credentials, "a.TEST"), byName.get("a.test"));
  assert.equal(contextFor(credentials, "any.b.test"), byName.get("*.b.test"));
  for (const other of ["b.test", "x.y.b.test", "localhost", ""]) {
    assert.equal(contextFor(credentials, other), undefined);
  }
});

test("the same certificates have the same digest, and others another", () => {
  assert.equal(made({ ca }).digest, made({ ca }).digest);
  const digests = [{}, { ca }, { ca, ...client }, { ca, minVersion: "TLSv1.3" }] as const;
  assert.equal(new Set(digests.map((options) => made(options).digest)).size, 4);
});

test("what no handshake could be made with is told by its option", () => {
  for (const [options, message] of [
    [{ minVersion: "TLSv1.1" }, /tls\.minVersion must be TLSv1\.2 or TLSv1\.3, got TLSv1\.1/],
    [{ clientCertificate: true }, /tls\.clientCertificate must be none, request or require, got true/],
    [{ alpn: [] }, /tls\.alpn must be a list/],
    [{ alpn: ["x".repeat(256)] }, /tls\.alpn must be a list/],
    [{ serverName: "" }, /tls\.serverName must be a name/],
    [{ verify: "no" }, /tls\.verify must be true or false/],
  ] as const) {
    assert.throws(() => checkTlsOptions(options as unknown as TlsOptions), { name: "UsageError", message });
  }
  checkTlsOptions({ minVersion: "TLSv1.3", alpn: ["a"], serverName: "a.test", verify: false });
});
