// Files that change under a running server: rewritten, renamed over, swapped by symbolic links, and spoilt.

import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { UsageError } from "../../../src/core/errors.js";
import { FromFiles } from "../../../src/transport/tls/from-files.js";
import { ManualClock } from "../../support/manual-clock.js";

const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;

/** Two files, which must say the same of what belongs together. */
function scene(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-files-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [one, other] = [join(folder, "one.pem"), join(folder, "other.pem")];
  writeFileSync(one, pem("1"));
  writeFileSync(other, pem("1"));
  const clock = new ManualClock();
  const bad: string[] = [];
  let made = 0;
  const files = new FromFiles(
    (read) => {
      made += 1;
      const [first, second] = [read("one", one, "CERTIFICATE"), read("other", other, "CERTIFICATE")];
      if (first !== second) throw new UsageError("they do not fit");
      return first;
    },
    clock,
    (reason) => void bad.push(reason),
  );
  const later = () => {
    clock.advance(1_000);
    return files.current;
  };
  return { folder, one, other, clock, bad, files, later, made: () => made };
}

test("what has not changed is not read again, and nobody looks more often than once a second", (t) => {
  const { one, other, clock, files, later, made } = scene(t);
  assert.equal(files.current, pem("1"));
  later();
  assert.equal(made(), 1);
  writeFileSync(one, pem("2"));
  writeFileSync(other, pem("2"));
  clock.advance(999);
  assert.equal(files.current, pem("1"));
  clock.advance(1);
  assert.equal(files.current, pem("2"));
  assert.equal(made(), 2);
});

test("a new pair that is renamed over the old one is taken, and so is one behind a symbolic link", (t) => {
  const { folder, one, other, bad, later } = scene(t);
  for (const path of [one, other]) {
    writeFileSync(`${path}.new`, pem("2"));
    renameSync(`${path}.new`, path);
  }
  assert.equal(later(), pem("2"));
  for (const version of ["3", "4"]) {
    writeFileSync(join(folder, version), pem(version));
    for (const path of [one, other]) {
      symlinkSync(join(folder, version), `${path}.new`);
      renameSync(`${path}.new`, path);
    }
    assert.equal(later(), pem(version));
  }
  assert.deepEqual(bad, []);
});

test("a pair that does not fit, a file that is half written or gone: the old one stays, and each is told once", (t) => {
  const { one, other, bad, later } = scene(t);
  writeFileSync(one, pem("2"));
  assert.equal(later(), pem("1"));
  assert.equal(later(), pem("1"));
  assert.deepEqual(bad, ["they do not fit"]);
  writeFileSync(other, "-----BEGIN CERTIF");
  assert.equal(later(), pem("1"));
  unlinkSync(one);
  assert.equal(later(), pem("1"));
  assert.match(bad[1] ?? "", /other, the file .*, has no PEM block CERTIFICATE/);
  assert.match(bad[2] ?? "", /one cannot be read: ENOENT/);
  writeFileSync(one, pem("3"));
  assert.equal(later(), pem("1"));
  // Only the second is written now, and both are tried.
  writeFileSync(other, pem("3"));
  assert.equal(later(), pem("3"));
});

test("text is itself, and what is bad at once is the caller's", () => {
  const clock = new ManualClock();
  const from = (value: string) =>
    new FromFiles((read) => read("cert", value, "CERTIFICATE"), clock, assert.fail);
  assert.equal(from(pem("1")).current, pem("1"));
  assert.throws(() => from("/nowhere/at/all"), { name: "UsageError", message: /cert cannot be read/ });
  assert.throws(() => from("-----BEGIN PRIVATE KEY-----"), { message: "cert has no PEM block CERTIFICATE" });
});
