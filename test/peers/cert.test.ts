// Whoever trusts the authority of `holdfast cert` takes what it has signed, by its names alone: curl, OpenSSL, Python and
// Chromium. The server is Node's own, so that nothing here rests on our TLS.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { TLSSocket } from "node:tls";
import { chromium } from "playwright-core";

import { type Cleanup, type Exit, holdfast, start } from "../support/program.js";
import { needs, pathOf } from "../support/require.js";

let folder: string;
let server: Server;
let port: number;
const path = (name: string) => join(folder, name);

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-cert-"));
  await using run = holdfast([
    "cert",
    "localhost",
    "127.0.0.1",
    "*.app.test",
    "--client",
    "ada",
    "--folder",
    folder,
  ]);
  assert.equal((await run.exit).code, 0, run.stderr);
  const read = (name: string) => readFileSync(path(name));
  const options = { cert: read("localhost.pem"), key: read("localhost.key"), ca: read("ca.pem") };
  server = createServer({ ...options, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const { authorized } = request.socket as TLSSocket;
    response.end(`<title>held</title>${authorized ? "a client we know" : "anybody"}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
after(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

async function outcome(t: Cleanup, ...command: readonly string[]): Promise<Outcome> {
  const program = start(t, command);
  program.end();
  const exit = await program.exit;
  return { ...exit, stdout: program.stdout, stderr: program.stderr };
}

suite("curl", needs({ commands: ["curl"] }), () => {
  const curl = (t: Cleanup, host: string, ...more: readonly string[]) =>
    outcome(
      t,
      "curl",
      "-sS",
      "--noproxy",
      "*",
      "--resolve",
      `${host}:${port}:127.0.0.1`,
      ...more,
      `https://${host}:${port}/`,
    );

  for (const host of ["localhost", "127.0.0.1", "www.app.test"]) {
    test(`takes it for ${host}`, async (t) => {
      const { code, stdout, stderr } = await curl(t, host, "--cacert", path("ca.pem"));
      assert.equal(code, 0, stderr);
      assert.match(stdout, /anybody/);
    });
  }

  test("shows a client's certificate that a server takes", async (t) => {
    const own = ["--cert", path("ada.client.pem"), "--key", path("ada.client.key")];
    const { code, stdout, stderr } = await curl(t, "localhost", "--cacert", path("ca.pem"), ...own);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /a client we know/);
  });

  test("refuses it for another name, and without the authority", async (t) => {
    assert.equal((await curl(t, "other.test", "--cacert", path("ca.pem"))).code, 60);
    assert.equal((await curl(t, "localhost")).code, 60);
  });
});

suite("openssl", needs({ commands: ["openssl"] }), () => {
  const verify = (t: Cleanup, ...args: readonly string[]) =>
    outcome(t, "openssl", "verify", "-x509_strict", "-CAfile", path("ca.pem"), ...args);

  test("verifies each for its own use, by its strictest rules", async (t) => {
    const asServer = await verify(
      t,
      "-purpose",
      "sslserver",
      "-verify_hostname",
      "localhost",
      path("localhost.pem"),
    );
    assert.equal(asServer.code, 0, asServer.stderr);
    const asClient = await verify(t, "-purpose", "sslclient", path("ada.client.pem"));
    assert.equal(asClient.code, 0, asClient.stderr);
  });

  test("refuses each for the other's use", async (t) => {
    assert.match(
      (await verify(t, "-purpose", "sslclient", path("localhost.pem"))).stderr,
      /unsuitable|unsupported/,
    );
    assert.match(
      (await verify(t, "-purpose", "sslserver", path("ada.client.pem"))).stderr,
      /unsuitable|unsupported/,
    );
  });
});

test(
  "Python takes it, by the rules that it has from 3.13 on",
  needs({ commands: ["python3"] }),
  async (t) => {
    const program = `
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
context.verify_flags |= ssl.VERIFY_X509_STRICT
for name in ("localhost", "127.0.0.1", "other.test"):
    with socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=name) as secure:
                print(name, secure.version())
        except ssl.SSLCertVerificationError as error:
            print(name, error.verify_code)
`;
    const { stdout, stderr } = await outcome(t, "python3", "-c", program, path("ca.pem"), String(port));
    // X509_V_ERR_HOSTNAME_MISMATCH
    assert.equal(stdout, "localhost TLSv1.3\n127.0.0.1 TLSv1.3\nother.test 62\n", stderr);
  },
);

suite("Chromium", needs({ commands: ["chromium", "certutil"] }), () => {
  test("takes it once its user trusts the authority, as holdfast cert says", async (t) => {
    const home = path("home");
    const database = `sql:${home}/.pki/nssdb`;
    mkdirSync(join(home, ".pki", "nssdb"), { recursive: true });
    assert.equal((await outcome(t, "certutil", "-d", database, "-N", "--empty-password")).code, 0);
    const url = `https://localhost:${port}/`;
    await assert.rejects(titleOf(url, home), /ERR_CERT_AUTHORITY_INVALID/);

    const trusting = ["-A", "-t", "C,,", "-n", "holdfast", "-i", path("ca.pem")];
    assert.equal((await outcome(t, "certutil", "-d", database, ...trusting)).code, 0);
    assert.equal(await titleOf(url, home), "held");
    const elsewhere = "--host-resolver-rules=MAP other.test 127.0.0.1";
    await assert.rejects(
      titleOf(url.replace("localhost", "other.test"), home, elsewhere),
      /ERR_CERT_COMMON_NAME_INVALID/,
    );
  });
});

/** The title of the page, as a Chromium of its own sees it whose user's home is `home`. */
async function titleOf(url: string, home: string, ...args: readonly string[]): Promise<string> {
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({
    executablePath: pathOf("chromium") ?? "chromium",
    args: [...sandbox, ...args],
    env: { ...process.env, HOME: home } as { [name: string]: string },
  });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    return await page.title();
  } finally {
    await browser.close();
  }
}
