// What is made, what is kept, and what is refused. That others accept it is shown in test/peers/cert.test.ts.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";

import { authorityIn, type LeafRequest, leafIn } from "../../../src/cli/cert/authority.js";
import { pairPaths, prepareFolder } from "../../../src/cli/cert/files.js";
import { certificateName } from "../../../src/cli/cert/names.js";
import { UsageError } from "../../../src/index.js";

const now = new Date("2030-01-01T00:00:00Z");
const later = (days: number) => new Date(now.getTime() + days * 86_400_000);
const request: LeafRequest = {
  now,
  renew: false,
  use: "server",
  commonName: "app.test",
  names: ["app.test", "*.app.test", "::1"].map(certificateName),
  days: 30,
};

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "holdfast-cert-")), "new");
  prepareFolder(folder);
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

const paths = () => pairPaths(folder, "app");
const refuses = (attempt: () => unknown, reason: RegExp) =>
  assert.throws(attempt, (error) => error instanceof UsageError && reason.test(error.message));

test("an authority is made once, and signs what it is asked for", () => {
  const authority = authorityIn(folder, { now, renew: false });
  assert.ok(authority.isNew && authority.certificate.ca);
  const { certificate, isNew } = leafIn(paths(), authority, request);
  assert.ok(isNew && certificate.checkIssued(authority.certificate));
  assert.ok(certificate.verify(authority.certificate.publicKey));
  assert.ok(!certificate.ca);
  for (const host of ["app.test", "www.app.test"]) assert.ok(certificate.checkHost(host), host);
  assert.equal(certificate.checkHost("other.test"), undefined);
  assert.ok(certificate.checkIP("::1"));
  assert.equal(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom), 30 * 86_400_000);

  const again = authorityIn(folder, { now, renew: false });
  assert.ok(!again.isNew);
  assert.equal(again.certificate.fingerprint256, authority.certificate.fingerprint256);
});

test("keys are for their owner alone, nothing half-written stays, and none of it goes into a repository", () => {
  leafIn(paths(), authorityIn(folder, { now, renew: false }), request);
  assert.deepEqual(readdirSync(folder).sort(), [".gitignore", "app.key", "app.pem", "ca.key", "ca.pem"]);
  for (const key of ["app.key", "ca.key"]) assert.equal(statSync(join(folder, key)).mode & 0o777, 0o600);
  assert.equal(readFileSync(join(folder, ".gitignore"), "utf8"), "*\n");
});

test("a folder that was there already is left without a .gitignore of ours", () => {
  rmSync(join(folder, ".gitignore"));
  prepareFolder(folder);
  assert.ok(!existsSync(join(folder, ".gitignore")));
});

test("a name longer than a common name may be is among the alternatives alone", () => {
  const long = `${"a".repeat(60)}.${"b".repeat(20)}.test`;
  const authority = authorityIn(folder, { now, renew: false });
  const { certificate } = leafIn(paths(), authority, {
    ...request,
    commonName: long,
    names: [certificateName(long)],
  });
  assert.doesNotMatch(certificate.subject, /CN=/);
  assert.ok(certificate.checkHost(long));
});

test("what fits is kept", () => {
  const authority = authorityIn(folder, { now, renew: false });
  const first = leafIn(paths(), authority, request);
  const second = leafIn(paths(), authority, { ...request, names: request.names.slice(0, 2) });
  assert.ok(!second.isNew);
  assert.equal(second.certificate.fingerprint256, first.certificate.fingerprint256);
});

suite("what does not fit is kept too, unless it may be replaced:", () => {
  const cases: [what: string, change: Partial<LeafRequest>, reason: RegExp][] = [
    [
      "another name",
      { names: [certificateName("other.test")] },
      /is not for other\.test; replace it with --renew/,
    ],
    ["another address", { names: [certificateName("192.0.2.7")] }, /is not for 192\.0\.2\.7/],
    ["a later day", { now: later(31) }, /has expired/],
  ];
  for (const [what, change, reason] of cases) {
    test(what, () => {
      const authority = authorityIn(folder, { now, renew: false });
      const { certificate } = leafIn(paths(), authority, request);
      refuses(() => leafIn(paths(), authority, { ...request, ...change }), reason);
      const renewed = leafIn(paths(), authority, { ...request, ...change, renew: true });
      assert.ok(renewed.isNew);
      assert.notEqual(renewed.certificate.serialNumber, certificate.serialNumber);
    });
  }

  test("another authority", () => {
    leafIn(paths(), authorityIn(folder, { now, renew: false }), request);
    rmSync(join(folder, "ca.pem"));
    rmSync(join(folder, "ca.key"));
    const other = authorityIn(folder, { now, renew: false });
    refuses(() => leafIn(paths(), other, request), /ca\.pem has not signed it/);
  });
});

test("an authority that has expired is replaced when that is asked for, and not before", () => {
  const { certificate } = authorityIn(folder, { now, renew: false });
  const after = later(3_651);
  assert.equal(authorityIn(folder, { now, renew: true }).certificate.serialNumber, certificate.serialNumber);
  refuses(() => authorityIn(folder, { now: after, renew: false }), /has expired .*--renew/);
  assert.ok(authorityIn(folder, { now: after, renew: true }).isNew);
});

suite("an authority that is none is refused:", () => {
  test("half of it", () => {
    authorityIn(folder, { now, renew: false });
    rmSync(join(folder, "ca.key"));
    refuses(() => authorityIn(folder, { now, renew: true }), /ca\.key is missing/);
  });

  test("a certificate that may not sign", () => {
    leafIn(pairPaths(folder, "ca.server"), authorityIn(folder, { now, renew: false }), request);
    for (const end of ["pem", "key"]) {
      writeFileSync(join(folder, `ca.${end}`), readFileSync(join(folder, `ca.server.${end}`)));
    }
    refuses(() => authorityIn(folder, { now, renew: false }), /are no authority/);
  });

  test("two halves that do not belong together", () => {
    const authority = authorityIn(folder, { now, renew: false });
    leafIn(paths(), authority, request);
    writeFileSync(join(folder, "ca.key"), readFileSync(join(folder, "app.key")));
    refuses(() => authorityIn(folder, { now, renew: false }), /the key belongs to another certificate/);
  });

  test("something else", () => {
    authorityIn(folder, { now, renew: false });
    writeFileSync(join(folder, "ca.pem"), "hello");
    refuses(() => authorityIn(folder, { now, renew: false }), /ca\.pem and .*move .* away/);
  });
});
