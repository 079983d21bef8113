// `holdfast cert`: what it says, and what it refuses. What it makes is shown in test/cli/cert and test/peers.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";

import { type Exit, holdfast } from "../../support/program.js";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "holdfast-cert-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

async function cert(...args: readonly string[]): Promise<Exit & { stdout: string; stderr: string }> {
  await using run = holdfast(["cert", ...args], { cwd });
  const exit = await run.exit;
  return { ...exit, stdout: run.stdout, stderr: run.stderr };
}

test("it says what was made, until when, and how to trust it", async () => {
  const { code, stdout, stderr } = await cert("--client", "ada");
  assert.equal(code, 0);
  assert.equal(stdout, "");
  assert.match(stderr, /^made certificates\/ca\.pem: .* until \d{4}-\d\d-\d\d$/m);
  assert.match(
    stderr,
    /^made certificates\/localhost\.pem .*: for localhost, 127\.0\.0\.1, ::1.*, until \d{4}-/m,
  );
  assert.match(stderr, /^made certificates\/ada\.client\.pem .*: a client, until/m);
  for (const word of [
    "curl --cacert",
    "cafile=",
    "NODE_EXTRA_CA_CERTS=",
    "certutil",
    "--ca certificates/ca.pem",
  ]) {
    assert.ok(stderr.includes(word), word);
  }
});

test("a second run keeps what the first one made; --renew replaces it, but for the authority", async () => {
  await cert("app.test");
  const read = (name: string) => readFileSync(join(cwd, "certificates", name), "utf8");
  const [ca, first] = [read("ca.pem"), read("app.test.pem")];
  const { code, stderr } = await cert("app.test");
  assert.equal(code, 0);
  assert.match(stderr, /^kept .*ca\.pem[\s\S]*^kept .*app\.test\.pem/m);
  assert.equal(read("app.test.pem"), first);

  assert.match((await cert("app.test", "--renew")).stderr, /^kept .*ca\.pem[\s\S]*^made .*app\.test\.pem/m);
  assert.notEqual(read("app.test.pem"), first);
  assert.equal(read("ca.pem"), ca);
});

test("a path that a shell would take apart is quoted", async () => {
  const { stderr } = await cert("--folder", "my keys", "*.app.test", "::1");
  assert.match(stderr, /--ca 'my keys\/ca\.pem'/);
  assert.ok(existsSync(join(cwd, "my keys", "any.app.test.key")));
});

test("no file of a certificate can be the authority's own", async () => {
  assert.equal((await cert("ca")).code, 0);
  assert.ok(existsSync(join(cwd, "certificates", "ca.server.pem")));
});

suite("wrong usage makes nothing:", () => {
  for (const [args, reason] of [
    [["https://app.test"], /neither a host name nor an IP address; give the host alone/],
    [["--days", "399"], /browsers take 398 at most/],
    [["--client", "../ada"], /--client is/],
  ] as const) {
    test(args.join(" "), async () => {
      const { code, stderr } = await cert(...args);
      assert.equal(code, 2);
      assert.match(stderr, reason);
      assert.ok(!existsSync(join(cwd, "certificates")));
    });
  }
});
