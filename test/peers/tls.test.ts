// TLS with those who did not write it: OpenSSL's s_client and s_server, ncat, Python's ssl, each way round.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import {
  type Connection,
  connect,
  type LifecycleEvent,
  lines,
  listen,
  type TlsOptions,
} from "../../src/index.js";
import { certificates } from "../support/certificates.js";
import { accepted } from "../support/connected.js";
import { type Cleanup, start } from "../support/program.js";
import { needs } from "../support/require.js";

const all = await certificates();
const { authority, ca, server, client } = all;
const folder = mkdtempSync(join(tmpdir(), "holdfast-tls-peers-"));
after(() => rmSync(folder, { recursive: true }));

/** Text as a file, for programs that want one. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const caFile = file("ca.crt", ca);
const [certFile, keyFile] = [file("server.crt", server.cert), file("server.key", server.key)];
const [clientCert, clientKey] = [file("client.crt", client.cert), file("client.key", client.key)];
const strangerCa = file("stranger.crt", all.stranger.cert);

async function door(tls: TlsOptions) {
  const refused: LifecycleEvent[] = [];
  let onRefused = () => {};
  const listener = await listen("tls://127.0.0.1:0", {
    framing: lines(),
    tls,
    observer: (event) => {
      if (event.name === "refused") {
        refused.push(event);
        onRefused();
      }
    },
  });
  const refusal = async () => {
    while (refused.length === 0) {
      await new Promise<void>((resolve) => {
        onRefused = resolve;
      });
    }
    return refused[0]?.error;
  };
  return { listener, port: listener.endpoint.split(":").at(-1) ?? "", refusal };
}

/** One line each way, then our end. */
async function greet(connection: Connection<string>): Promise<void> {
  assert.equal(await connection.receive(), "hello from there");
  await connection.send("hello from here");
}

/** A port that was free a moment ago, for programs that cannot choose one themselves. */
async function freePort(): Promise<string> {
  const listener = await listen("tcp://127.0.0.1:0");
  const port = listener.endpoint.split(":").at(-1) ?? "";
  await listener.close();
  return port;
}

suite("OpenSSL", needs({ commands: ["openssl"] }), () => {
  const dial = (t: Cleanup, port: string, ...more: string[]) =>
    start(t, ["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-CAfile", caFile, ...more]);

  test("s_client verifies us, agrees on a protocol, and talks", async (t) => {
    const { listener, port } = await door({ ...server, alpn: ["chat/1"] });
    const program = dial(
      t,
      port,
      "-verify_return_error",
      "-servername",
      "localhost",
      "-alpn",
      "chat/1",
      "-quiet",
    );
    program.write("hello from there\n");
    const connection = await accepted(listener);
    await greet(connection);
    await program.sees(/hello from here/);
    assert.equal(connection.tls?.alpn, "chat/1");
    assert.equal(connection.tls?.serverName, "localhost");
    program.end();
    await connection.close();
    await listener.close();
  });

  test("s_client shows a certificate, and continues its session", async (t) => {
    const { listener, port } = await door({ ...server, ca, clientCertificate: "require" });
    const session = join(folder, "session.pem");
    for (const [isResumed, option] of [
      [false, "-sess_out"],
      [true, "-sess_in"],
    ] as const) {
      const program = dial(t, port, "-cert", clientCert, "-key", clientKey, option, session);
      program.write("hello from there\n");
      const connection = await accepted(listener);
      await greet(connection);
      await program.sees(/hello from here/);
      assert.equal(connection.tls?.isResumed, isResumed);
      assert.equal(connection.tls?.chain[0]?.subject, "CN=client");
      program.write("Q\n");
      program.end();
      await program.exit;
      await connection.close();
    }
    await listener.close();
  });

  test("s_client does not take us: we know why", async (t) => {
    const { listener, port, refusal } = await door(server);
    start(t, [
      "openssl",
      "s_client",
      "-connect",
      `127.0.0.1:${port}`,
      "-CAfile",
      strangerCa,
      "-verify_return_error",
    ]);
    const error = await refusal();
    assert.equal(error?.name, "RefusedError");
    assert.match(error.message, /unknown_ca/);
    await listener.close();
  });

  test("s_client is not taken: it hears that a certificate is missing", async (t) => {
    const { listener, port, refusal } = await door({ ...server, ca, clientCertificate: "require" });
    const program = dial(t, port);
    assert.equal((await refusal())?.code, "ERR_CERTIFICATE_MISSING");
    await program.sees(/certificate required/, "stderr");
    await listener.close();
  });

  for (const version of ["-tls1_2", "-tls1_3"]) {
    test(`s_server ${version} is verified, and asks for our certificate`, async (t) => {
      const port = await freePort();
      const own = [
        "-cert",
        certFile,
        "-key",
        keyFile,
        "-CAfile",
        caFile,
        "-Verify",
        "1",
        "-verify_return_error",
      ];
      const program = start(t, ["openssl", "s_server", "-accept", `127.0.0.1:${port}`, version, ...own]);
      await program.sees(/ACCEPT/);
      const connection = await connect(`tls://127.0.0.1:${port}`, {
        framing: lines(),
        tls: { ca, ...client },
      });
      assert.equal(connection.tls?.version, version === "-tls1_2" ? "TLSv1.2" : "TLSv1.3");
      assert.equal(connection.tls.exporter !== undefined, version === "-tls1_3");
      program.write("hello from there\n");
      await greet(connection);
      await program.sees(/hello from here/);
      connection.abort();
      // One who shows none is refused, at once or behind the handshake.
      const refused = connect(`tls://127.0.0.1:${port}`, { framing: lines(), tls: { ca } }).then((late) =>
        late.receive(),
      );
      await assert.rejects(refused, { name: "RefusedError" });
    });
  }

  test("s_server with a revoked certificate is refused, and told so", async (t) => {
    const port = await freePort();
    const program = start(t, [
      "openssl",
      "s_server",
      "-accept",
      `127.0.0.1:${port}`,
      "-cert",
      certFile,
      "-key",
      keyFile,
    ]);
    await program.sees(/ACCEPT/);
    const crl = file("crl.pem", authority.revoke(server));
    await assert.rejects(connect(`tls://127.0.0.1:${port}`, { tls: { ca, crl } }), {
      code: "ERR_CERTIFICATE_REVOKED",
    });
    await program.sees(/certificate revoked/, "stderr");
  });
});

suite("ncat", needs({ commands: ["ncat"] }), () => {
  test("--ssl-verify talks with us", async (t) => {
    const { listener, port } = await door(server);
    const program = start(t, ["ncat", "--ssl-verify", "--ssl-trustfile", caFile, "localhost", port, "-4"]);
    program.write("hello from there\n");
    const connection = await accepted(listener);
    await greet(connection);
    await program.sees(/hello from here/);
    program.end();
    await connection.close();
    await listener.close();
  });

  test("--ssl -l is talked with by us", async (t) => {
    const port = await freePort();
    const own = ["--ssl-cert", certFile, "--ssl-key", keyFile];
    const program = start(t, ["ncat", "-v", "--ssl", ...own, "-l", "127.0.0.1", port]);
    await program.sees(/Listening on/, "stderr");
    const connection = await connect(`tls://127.0.0.1:${port}`, { framing: lines(), tls: { ca } });
    program.write("hello from there\n");
    await greet(connection);
    await program.sees(/hello from here/);
    connection.abort();
  });
});

/** Says its port, and has the certificate ready. */
const pythonServer = `
import socket, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(${JSON.stringify(certFile)}, ${JSON.stringify(keyFile)})
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1])
`;

suite("Python's ssl", needs({ commands: ["python3"] }), () => {
  test("a client that wraps its socket", async (t) => {
    const { listener, port } = await door(server);
    const program = start(t, [
      "python3",
      "-u",
      "-c",
      `
import socket, ssl
context = ssl.create_default_context(cafile=${JSON.stringify(caFile)})
s = context.wrap_socket(socket.create_connection(("127.0.0.1", ${port})), server_hostname="localhost")
s.sendall(b"hello from there\\n")
print(s.version(), s.recv(1024).decode().strip())
s.unwrap().close()
`,
    ]);
    const connection = await accepted(listener);
    await greet(connection);
    assert.equal(await program.line(), "TLSv1.3 hello from here");
    assert.equal(await connection.receive(), undefined);
    await connection.close();
    await listener.close();
  });

  test("a server that wraps what it accepts; one that does not unwrap has cut its end", async (t) => {
    const program = start(t, [
      "python3",
      "-u",
      "-c",
      `${pythonServer}for careful in (True, False):
    s = context.wrap_socket(listener.accept()[0], server_side=True)
    s.sendall(b"hello from there\\n")
    print(s.recv(1024).decode().strip())
    if careful:
        try:
            s.unwrap()
        except (ssl.SSLError, OSError):
            pass
    s.close()
`,
    ]);
    const port = await program.line();
    for (const careful of [true, false]) {
      const connection = await connect(`tls://127.0.0.1:${port}`, { framing: lines(), tls: { ca } });
      await greet(connection);
      assert.equal(await program.line(), "hello from here");
      if (careful) assert.equal(await connection.receive(), undefined);
      else await assert.rejects(connection.receive(), { code: "ERR_TRUNCATED" });
      await connection.close();
    }
  });

  test("STARTTLS with a client that wraps in mid-stream", async (t) => {
    const listener = await listen("tcp://127.0.0.1:0", { framing: lines() });
    const port = listener.endpoint.split(":").at(-1);
    const program = start(t, [
      "python3",
      "-u",
      "-c",
      `
import socket, ssl
s = socket.create_connection(("127.0.0.1", ${port}))
s.sendall(b"STARTTLS\\n")
print(s.recv(1024).decode().strip())
context = ssl.create_default_context(cafile=${JSON.stringify(caFile)})
s = context.wrap_socket(s, server_hostname="localhost")
s.sendall(b"hello from there\\n")
print(s.recv(1024).decode().strip())
s.unwrap().close()
`,
    ]);
    const clear = await accepted(listener);
    assert.equal(await clear.receive(), "STARTTLS");
    const connection = await clear.startTls(server, { announce: "220 ready" });
    await greet(connection);
    assert.equal(await program.line(), "220 ready");
    assert.equal(await program.line(), "hello from here");
    assert.equal(await connection.receive(), undefined);
    await connection.close();
    await listener.close();
  });

  test("STARTTLS with a server that wraps in mid-stream", async (t) => {
    const program = start(t, [
      "python3",
      "-u",
      "-c",
      `${pythonServer}s = listener.accept()[0]
print(s.recv(1024).decode().strip())
s.sendall(b"220 ready\\n")
s = context.wrap_socket(s, server_side=True)
s.sendall(b"hello from there\\n")
print(s.recv(1024).decode().strip())
`,
    ]);
    const clear = await connect(`tcp://127.0.0.1:${await program.line()}`, { framing: lines() });
    await clear.send("STARTTLS");
    assert.equal(await clear.receive(), "220 ready");
    const connection = await clear.startTls({ ca });
    await greet(connection);
    assert.equal(await program.line(), "STARTTLS");
    assert.equal(await program.line(), "hello from here");
    connection.abort();
  });
});
