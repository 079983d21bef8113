// Both sides of what articles on sockets show, each against ours: nothing about the peer has to be adapted.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { hostname } from "node:os";
import { suite, test } from "node:test";
import { bind, chunks, connect, listen, serve, text } from "../../src/index.js";
import { needs } from "../support/require.js";
import { pythonClient, pythonServer } from "./python.js";

const ownName = await hostnameIsLoopback();
const asText = { framing: chunks(), encoding: text() } as const;

suite("Python's socket as a server, and connect", needs({ commands: ["python3"] }), () => {
  test("one that greets and closes at once: the greeting is read, then the end", async (t) => {
    const { program, port } = await pythonServer(
      t,
      `
import socket

s = socket.socket()
s.bind(('127.0.0.1', 12345))
s.listen(5)
while True:
    c, addr = s.accept()
    print('Got connection from', addr)
    c.send(b'Thank you for connecting')
    c.close()
`,
    );
    for (let visit = 0; visit < 3; visit += 1) {
      const connection = await connect(`127.0.0.1:${port}`, asText);
      assert.equal(await connection.receive(), "Thank you for connecting");
      assert.equal(await connection.receive(), undefined);
      await connection.close();
      assert.deepEqual(await connection.closed, { by: "remote", reason: "ended" });
      assert.match(await program.line(), /^Got connection from \('127\.0\.0\.1', \d+\)$/);
    }
  });

  test("one bound to gethostname() is found under that name", ownName, async (t) => {
    const { port } = await pythonServer(
      t,
      `
import socket

host = socket.gethostname()
port = 12345
s = socket.socket()
s.bind((host, port))
s.listen(1)
c, addr = s.accept()
c.sendall(b'welcome to ' + host.encode())
c.close()
`,
    );
    const connection = await connect(`tcp://${hostname()}:${port}`, asText);
    assert.equal(await connection.receive(), `welcome to ${hostname()}`);
    await connection.close();
  });

  test("one that receives a single message", async (t) => {
    const { program, port } = await pythonServer(
      t,
      `
import socket

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(('localhost', 12345))
server.listen(1)
conn, addr = server.accept()
data = conn.recv(1024)
print('Received:', data.decode())
conn.close()
server.close()
`,
    );
    const connection = await connect(`tcp://localhost:${port}`, { ...asText, family: 4 });
    await connection.send("Hello, server");
    assert.equal(await connection.receive(), undefined);
    await connection.close();
    assert.equal(await program.line(), "Received: Hello, server");
    assert.deepEqual(await program.exit, { code: 0, signal: null });
  });

  test("a chat with one that answers until bye", async (t) => {
    const { program, port } = await pythonServer(
      t,
      `
import socket

s = socket.socket()
s.bind(('127.0.0.1', 12345))
s.listen(2)
conn, address = s.accept()
print("Connection from: " + str(address))
while True:
    data = conn.recv(1024).decode()
    if not data:
        break
    print("from connected user: " + str(data))
    data = input(' -> ')
    conn.send(data.encode())
conn.close()
`,
    );
    const connection = await connect(`127.0.0.1:${port}`, asText);
    for (const [said, answer] of [
      ["hello", "hi there"],
      ["how are you", "fine"],
    ] as const) {
      await connection.send(said);
      await program.sees(new RegExp(`from connected user: ${said}`));
      program.write(`${answer}\n`);
      assert.equal(await connection.receive(), answer);
    }
    // The one who says bye just leaves.
    await connection.close();
    assert.deepEqual(await program.exit, { code: 0, signal: null });
  });

  test("a long message comes whole through its sendall, and through recv(1024) on its side", async (t) => {
    const { program, port } = await pythonServer(
      t,
      `
import socket, hashlib

s = socket.socket()
s.bind(('127.0.0.1', 12345))
s.listen(1)
conn, addr = s.accept()
received = b''
while True:
    part = conn.recv(1024)
    if not part:
        break
    received += part
print(len(received), hashlib.sha256(received).hexdigest())
conn.sendall(received)
conn.close()
`,
    );
    const long = "0123456789abcdef".repeat(40_000);
    const connection = await connect(`127.0.0.1:${port}`, asText);
    await connection.send(long);
    await connection.end();
    const hash = createHash("sha256").update(long).digest("hex");
    assert.equal(await program.line(), `${long.length} ${hash}`);
    let back = "";
    for await (const chunk of connection) back += chunk;
    assert.equal(back, long);
    await connection.close();
  });
});

suite("Python's socket as a client, and listen and serve", needs({ commands: ["python3"] }), () => {
  test("one that sends a message without a newline and closes", async (t) => {
    await using listener = await listen("tcp://127.0.0.1:0", asText);
    const client = pythonClient(
      t,
      `
import socket

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(('127.0.0.1', 12345))
client.send('Hello from the client'.encode())
client.close()
`,
      portOf(listener.endpoint),
    );
    const connection = await listener.accept();
    assert.equal(await connection?.receive(), "Hello from the client");
    assert.equal(await connection?.receive(), undefined);
    assert.deepEqual(await client.exit, { code: 0, signal: null });
    await connection?.close();
  });

  test("one that reads a greeting and prints it", async (t) => {
    await using server = await serve(
      "tcp://127.0.0.1:0",
      (connection) => connection.send("Thank you for connecting"),
      asText,
    );
    const client = pythonClient(
      t,
      `
import socket

s = socket.socket()
s.connect(('127.0.0.1', 12345))
print(s.recv(1024).decode())
s.close()
`,
      portOf(server.endpoint),
    );
    assert.equal(await client.line(), "Thank you for connecting");
    assert.deepEqual(await client.exit, { code: 0, signal: null });
  });

  test("a chat with one that ends on bye", async (t) => {
    const heard: string[] = [];
    await using server = await serve(
      "tcp://127.0.0.1:0",
      async (connection) => {
        for await (const message of connection) {
          heard.push(message);
          await connection.send(`you said ${message}`);
        }
      },
      asText,
    );
    const client = pythonClient(
      t,
      `
import socket

client_socket = socket.socket()
client_socket.connect(('127.0.0.1', 12345))
message = input(" -> ")
while message.lower().strip() != 'bye':
    client_socket.send(message.encode())
    data = client_socket.recv(1024).decode()
    print('Received from server: ' + data)
    message = input(" -> ")
client_socket.close()
`,
      portOf(server.endpoint),
    );
    for (const message of ["hello", "how are you"]) {
      client.write(`${message}\n`);
      await client.sees(new RegExp(`Received from server: you said ${message}`));
    }
    client.write("bye\n");
    assert.deepEqual(await client.exit, { code: 0, signal: null });
    assert.deepEqual(heard, ["hello", "how are you"]);
  });

  test("a server of ours that says bye ends the chat for it", async (t) => {
    await using server = await serve(
      "tcp://127.0.0.1:0",
      async (connection) => {
        for await (const message of connection) {
          await connection.send(message === "enough?" ? "bye" : "go on");
          if (message === "enough?") return;
        }
      },
      asText,
    );
    const client = pythonClient(
      t,
      `
import socket

s = socket.socket()
s.connect(('127.0.0.1', 12345))
while True:
    s.send(input().encode())
    data = s.recv(1024).decode()
    print('Server:', data)
    if data == 'bye':
        break
s.close()
`,
      portOf(server.endpoint),
    );
    client.write("hello\n");
    assert.equal(await client.line(), "Server: go on");
    client.write("enough?\n");
    assert.equal(await client.line(), "Server: bye");
    assert.deepEqual(await client.exit, { code: 0, signal: null });
  });

  test("a long message through its sendall, cut by the network as it likes, and back", async (t) => {
    await using server = await serve(
      "tcp://127.0.0.1:0",
      async (connection) => {
        let received = "";
        for await (const chunk of connection) received += chunk;
        await connection.send(received);
      },
      { ...asText, readBytesMax: 1_024 },
    );
    const client = pythonClient(
      t,
      `
import socket

s = socket.socket()
s.connect(('127.0.0.1', 12345))
message = b'0123456789abcdef' * 40000
s.sendall(message)
s.shutdown(socket.SHUT_WR)
received = b''
while True:
    part = s.recv(1024)
    if not part:
        break
    received += part
print(len(received), received == message)
s.close()
`,
      portOf(server.endpoint),
    );
    assert.equal(await client.line(), "640000 True");
  });
});

suite("Python's datagrams, and bind", needs({ commands: ["python3"] }), () => {
  test("a server that answers each one in capitals", async (t) => {
    const { port } = await pythonServer(
      t,
      `
import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 12345))
while True:
    data, address = server.recvfrom(1024)
    server.sendto(data.upper(), address)
`,
    );
    const socket = await bind("udp://127.0.0.1:0");
    await socket.send(new TextEncoder().encode("hello"), `udp://127.0.0.1:${port}`);
    const answer = await socket.receive();
    assert.equal(new TextDecoder().decode(answer?.data), "HELLO");
    await socket.close();
  });

  test("a client that asks and prints the answer", async (t) => {
    const socket = await bind("udp://127.0.0.1:0");
    const client = pythonClient(
      t,
      `
import socket

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.sendto(b'ping', ('127.0.0.1', 12345))
data, server = client.recvfrom(1024)
print(data.decode())
client.close()
`,
      portOf(socket.local),
    );
    const question = await socket.receive();
    assert.equal(new TextDecoder().decode(question?.data), "ping");
    await socket.send(new TextEncoder().encode("pong"), question?.from ?? "");
    assert.equal(await client.line(), "pong");
    await socket.close();
  });
});

function portOf(endpoint: string): number {
  return Number(endpoint.split(":").at(-1));
}

/** Skipped where the machine does not know its own name, as it must for the program to work. */
async function hostnameIsLoopback(): Promise<{ skip: false | string }> {
  const address = await lookup(hostname(), 4).catch(() => undefined);
  if (address?.address.startsWith("127.")) return { skip: false };
  const skip = `${hostname()} is no name for this machine's loopback`;
  if (process.env.HOLDFAST_TEST_REQUIRE === "all") throw new Error(skip);
  return { skip };
}
