// The hub's HTTP door as others see it: curl for what is served, and what asks for a WebSocket.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createHub } from "../../src/hub.js";
import { Authority } from "../support/certificates.js";
import { type Cleanup, start } from "../support/program.js";
import { needs } from "../support/require.js";

async function curl(t: Cleanup, ...args: string[]): Promise<string> {
  const program = start(t, [
    "curl",
    "--silent",
    "--show-error",
    "--max-time",
    "20",
    "--noproxy",
    "*",
    ...args,
  ]);
  const { code } = await program.exit;
  assert.equal(code, 0, program.stderr);
  return program.stdout;
}

suite("curl", needs({ commands: ["curl"] }), () => {
  test("reads the hub's health, with GET and HEAD", async (t) => {
    await using hub = await createHub({ http: "http://127.0.0.1:0" });
    assert.equal(await curl(t, `${hub.http}/health`), "ok\n");
    assert.equal(await curl(t, `${hub.http}/ready`, "--write-out", "%{http_code}"), "ready\n200");
    assert.match(await curl(t, "--head", `${hub.http}/health`), /^HTTP\/1\.1 200 OK\r\n/);
  });

  test("asks for several files over one connection", async (t) => {
    await using hub = await createHub({ http: "http://127.0.0.1:0" });
    const each = ["--write-out", "%{num_connects}", "--output", "/dev/null"];
    const urls = ["/health", "/ready", "/health"].flatMap((path) => [`${hub.http}${path}`, ...each.slice(2)]);
    assert.equal(await curl(t, ...each.slice(0, 2), ...urls), "100");
  });

  test("that offers HTTP/2 is answered in HTTP/1.1", async (t) => {
    await using hub = await createHub({ http: "http://127.0.0.1:0" });
    assert.equal(await curl(t, "--http2", `${hub.http}/health`), "ok\n");
  });

  test("reads it inside TLS, from a hub that it trusts", async (t) => {
    const authority = await Authority.create();
    const folder = mkdtempSync(join(tmpdir(), "hub-https-"));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "ca.pem"), authority.cert);
    const tls = await authority.issue("localhost");
    await using hub = await createHub({ http: "https://127.0.0.1:0", tls });
    assert.equal(await curl(t, "--cacert", join(folder, "ca.pem"), `${hub.http}/health`), "ok\n");
    const untrusting = start(t, ["curl", "--silent", `${hub.http}/health`]);
    assert.equal((await untrusting.exit).code, 60);
  });

  test("under another name is told what to change", async (t) => {
    await using hub = await createHub({ http: "http://127.0.0.1:0" });
    const answer = await curl(t, "--header", "Host: evil.example", hub.http, "--write-out", "%{http_code}");
    assert.match(answer, /this hub is not known as "evil\.example".*--host-name\n421$/);
  });

  test("that posts is told what is taken, without being read to the end", async (t) => {
    await using hub = await createHub({ http: "http://127.0.0.1:0" });
    const answer = await curl(t, "--data", "x".repeat(10_000), hub.http, "--write-out", "%{http_code}");
    assert.match(answer, /GET and HEAD are\n405$/);
  });

  test("that asks for a WebSocket as a foreign page would is refused", async (t) => {
    await using hub = await createHub({ http: "http://127.0.0.1:0" });
    const headers = [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
      "Origin: https://evil.example",
    ].flatMap((header) => ["--header", header]);
    const answer = await curl(t, ...headers, `${hub.http}/page`, "--write-out", "%{http_code}");
    assert.match(answer, /may not connect.*--origin\n403$/);
    assert.equal(hub.stats.refused, 1);
  });
});
