// The room as other people's programs meet it: nc and its kin, curl, openssl, and Python as tutorials write it.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { type Connection, connect, lines } from "../../src/index.js";
import { holdfast, Program, python } from "../support/program.js";
import { needs } from "../support/require.js";

let hub: Program;
let door = "";
let port = "";
/** A member that hears what the others say. */
let ada: Connection<string>;

before(async () => {
  hub = holdfast(["hub", "--no-listen", "--plain", "tcp://127.0.0.1:0", "--pace", "8MiB"]);
  [, door = "", port = ""] = await hub.sees(/^plain (tcp:\S+:(\d+))\n/);
  ada = await connect(door, { framing: lines() });
  await hears(/welcome/);
});

after(async () => {
  await ada.close();
  await hub[Symbol.asyncDispose]();
});

/** What Ada hears up to the first line that matches. */
async function hears(wanted: RegExp): Promise<string[]> {
  const all: string[] = [];
  for await (const line of ada) {
    all.push(line);
    if (wanted.test(line)) return all;
  }
  throw new Error(`the room ended before ${wanted}: ${all.join(" | ")}`);
}

test("a person talks through holdfast connect", async () => {
  await using person = holdfast(["connect", "127.0.0.1", port]);
  person.write("/name grace\nhello from holdfast\n");
  assert.equal((await hears(/hello from/)).at(-1), "grace: hello from holdfast");
  await ada.send("hello, grace");
  await person.sees(/: hello, grace$/m);
  person.write("bye\n");
  await person.sees(/^bye$/m);
  person.end();
  assert.deepEqual(await person.exit, { code: 0, signal: null });
  await hears(/grace left/);
});

suite("a person talks through", () => {
  const ways: [tool: string, args: () => string[]][] = [
    ["nc", () => ["127.0.0.1", port]],
    ["ncat", () => ["127.0.0.1", port]],
    ["socat", () => ["-", `TCP:127.0.0.1:${port}`]],
    ["telnet", () => ["127.0.0.1", port]],
  ];
  for (const [tool, args] of ways) {
    test(tool, needs({ commands: [tool] }), async () => {
      await using person = new Program(tool, args());
      await person.sees(/^guide: welcome/m);
      person.write(`/name via-${tool}\n`);
      await person.sees(new RegExp(`is now via-${tool}`));
      person.write(`hello from ${tool}\n`);
      assert.equal((await hears(/hello/)).at(-1), `via-${tool}: hello from ${tool}`);
      await ada.send(`hello, ${tool}`);
      await person.sees(new RegExp(`: hello, ${tool}$`, "m"));
      person.write("bye\n");
      await person.sees(/^bye$/m);
      assert.equal((await hears(/left/)).at(-1), `* via-${tool} left`);
    });
  }
});

test(
  "curl telnet:// takes part, though it reads the room only between lines of its own",
  needs({ commands: ["curl"] }),
  async () => {
    await using curl = new Program("curl", ["-sN", `telnet://127.0.0.1:${port}`]);
    curl.write("hello from curl\n");
    assert.match((await hears(/hello from curl/)).at(-1) ?? "", /^guest-\d+: hello from curl$/);
    curl.write("bye\n");
    await hears(/left/);
    curl.end();
    await curl.exit;
    assert.match(curl.stdout, /^\* you are guest-\d+[\s\S]*\nbye\n$/);
  },
);

suite("a Python program", needs({ commands: ["python3"] }), () => {
  test("sends one message without a newline and closes", async () => {
    await using program = python(`
import socket
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("127.0.0.1", ${port}))
client.send("Hello, server!".encode())
client.close()
`);
    assert.deepEqual(await program.exit, { code: 0, signal: null });
    assert.match((await hears(/Hello/)).at(-1) ?? "", /^guest-\d+: Hello, server!$/);
    await hears(/left/);
  });

  test("sends a message, waits for an answer with recv(1024), and gets one", async () => {
    await using program = python(`
import socket
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("127.0.0.1", ${port}))
client.sendall(b"Hello, world")
data = client.recv(1024)
print("Received", data.decode())
client.shutdown(socket.SHUT_WR)
while client.recv(1024): pass
client.close()
`);
    await program.exit;
    assert.match(program.stdout, /^Received \* you are guest-\d+; here: guest-1, guide\n/);
    await hears(/Hello, world/);
    await hears(/left/);
  });

  test("connects, receives first, and prints what it got", async () => {
    await using program = python(`
import socket
client = socket.create_connection(("127.0.0.1", ${port}))
print(client.recv(1024).decode())
client.close()
`);
    await program.exit;
    assert.match(program.stdout, /^\* you are guest-\d+/);
    await hears(/left/);
  });

  test("chats both ways until it says bye, and hears bye", async () => {
    await using program = python(`
import socket
client = socket.create_connection(("127.0.0.1", ${port}))
while True:
    data = client.recv(1024).decode()
    if not data or data.strip().split("\\n")[-1].lower() == "bye":
        break
    print("Received from server: " + data)
    if "how are you" in data:
        client.send("fine, and you?".encode())
    if "well" in data:
        client.send("bye".encode())
client.close()
print("ended on " + data.strip())
`);
    await program.sees(/welcome/);
    await ada.send("how are you?");
    assert.match((await hears(/fine/)).at(-1) ?? "", /^guest-\d+: fine, and you\?$/);
    await ada.send("well, thank you");
    assert.match((await hears(/left/)).at(-1) ?? "", /^\* guest-\d+ left$/);
    assert.deepEqual(await program.exit, { code: 0, signal: null });
    assert.match(program.stdout, /ended on bye\n$/);
  });

  test("sends a long message with sendall, which arrives whole, and another reads it by recv(1024)", async () => {
    await using reader = python(`
import socket
client = socket.create_connection(("127.0.0.1", ${port}))
seen = ""
while "END" not in seen:
    seen += client.recv(1024).decode()
    if "welcome" in seen and "ready" not in seen: print("welcome", end="")
print(seen.count("x"))
client.close()
`);
    await reader.sees(/welcome/);
    await using writer = python(`
import socket
client = socket.create_connection(("127.0.0.1", ${port}))
client.sendall(b"x" * 8000 + b"END")
client.close()
`);
    await writer.exit;
    assert.equal((await hears(/END/)).at(-1)?.replace(/^guest-\d+: /, ""), `${"x".repeat(8000)}END`);
    await reader.sees(/8000\n/);
    await hears(/left/);
    await hears(/left/);
  });

  test("sends far too long a message, and is told so", async () => {
    await using program = python(`
import socket
client = socket.create_connection(("127.0.0.1", ${port}))
client.sendall(b"x" * 1000000)
seen = ""
while "too" not in seen and "more than" not in seen: seen += client.recv(1024).decode()
print(seen)
client.close()
`);
    await program.exit;
    assert.match(program.stdout, /^\* that line has more than 8192 bytes, so nobody saw it/m);
    await hears(/left/);
  });

  test("reads nothing while another floods the room: it is disconnected by name, the others hear all", async () => {
    await using sleeper = python(`
import socket, sys
client = socket.socket()
client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
client.connect(("127.0.0.1", ${port}))
client.sendall(b"/name sleeper\\n")
sys.stdin.read()
try:
    while client.recv(65536): pass
except ConnectionResetError:
    print("reset")
`);
    await hears(/is now sleeper/);
    const flooder = await connect(door, { framing: lines() });
    await flooder.send("/name flooder");
    await hears(/is now flooder/);
    const line = "z".repeat(8_000);
    let disconnected = false;
    const flooding = (async () => {
      while (!disconnected) await flooder.send(line);
      await flooder.send("done");
    })();
    await hears(/^\* sleeper was disconnected: reads too slowly$/);
    disconnected = true;
    const rest = await hears(/done$/);
    await flooding;
    assert.deepEqual(new Set(rest), new Set([`flooder: ${line}`, "flooder: done"]));
    await hub.sees(/"member":"sleeper","msg":"disconnected: reads too slowly"/, "stderr");
    sleeper.end();
    await sleeper.sees(/^reset$/m);
    await flooder.close();
    await hears(/flooder left/);
  });
});

suite("another protocol at the door is answered in its own words:", () => {
  let patient: Program;
  let at = "";

  before(async () => {
    // However slow this machine is, they speak before they would be greeted.
    patient = holdfast(["hub", "--no-listen", "--plain", "tcp://127.0.0.1:0", "--plain-greeting", "1m"]);
    [, at = ""] = await patient.sees(/^plain tcp:\/\/(\S+)\n/);
  });

  after(() => patient[Symbol.asyncDispose]());

  test("curl http://", needs({ commands: ["curl"] }), async () => {
    await using curl = new Program("curl", ["-sS", "-i", "--noproxy", "*", `http://${at}/`]);
    assert.equal((await curl.exit).code, 0);
    assert.match(curl.stdout, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(curl.stdout, new RegExp(`^ {2}nc ${at.replace(":", " ")}$`, "m"));
    await patient.sees(/spoke HTTP at the plain door/, "stderr");
  });

  test("curl https://", needs({ commands: ["curl"] }), async () => {
    await using curl = new Program("curl", ["-sS", "--noproxy", "*", `https://${at}/`]);
    assert.equal((await curl.exit).code, 35);
    assert.match(curl.stderr, /handshake failure/);
    await patient.sees(/spoke TLS at the plain door/, "stderr");
  });

  test("openssl s_client", needs({ commands: ["openssl"] }), async () => {
    await using client = new Program("openssl", ["s_client", "-connect", at]);
    await client.sees(/alert handshake failure.*SSL alert number 40/, "stderr");
  });
});
