// `holdfast connect` against servers of the library, as a program beside others: stdin, stdout, stderr and exit codes.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";

import { bind, lengthPrefixed, listen, text } from "../../../src/index.js";
import { accepted, allOf } from "../../support/connected.js";
import { holdfast } from "../../support/program.js";

const folder = mkdtempSync(join(tmpdir(), "holdfast-connect-"));
after(() => rmSync(folder, { recursive: true }));

const bytes = (value: string) => new TextEncoder().encode(value);
const loopback = () => listen("tcp://127.0.0.1:0", { encoding: text() });

test("stdin goes to the peer, its end half-closes, and the reply is still read; stderr is silent", async () => {
  await using listener = await loopback();
  await using run = holdfast(["connect", listener.endpoint]);
  run.write("question\n");
  run.end();
  const peer = await accepted(listener);
  assert.equal(await allOf(peer), "question\n");
  await peer.send("answer\n");
  await peer.close();
  assert.deepEqual(await run.exit, { code: 0, signal: null });
  assert.equal(run.stdout, "answer\n");
  assert.equal(run.stderr, "");
});

test("a host and a port are taken as nc takes them", async () => {
  await using listener = await loopback();
  const port = listener.endpoint.split(":").at(-1) ?? "";
  await using run = holdfast(["connect", "127.0.0.1", port]);
  run.end();
  await (await accepted(listener)).close();
  assert.equal((await run.exit).code, 0);
});

test("when the peer ends first, stdin is still sent to its end", async () => {
  await using listener = await loopback();
  await using run = holdfast(["connect", listener.endpoint]);
  const peer = await accepted(listener);
  await peer.send("all I had to say\n");
  await peer.end();
  await run.sees(/to say\n/);
  run.write("and still I hear\n");
  run.end();
  assert.equal(await allOf(peer), "and still I hear\n");
  assert.equal((await run.exit).code, 0);
});

test("a peer that greets and goes is heard, and the write that then fails is the end, in order", async () => {
  await using listener = await loopback();
  await using run = holdfast(["connect", listener.endpoint]);
  const peer = await accepted(listener);
  await peer.send("hello\n");
  await peer.end();
  await run.sees(/hello\n/);
  peer.abort();
  const typing = setInterval(() => run.write("x\n"), 5);
  assert.equal((await run.exit).code, 0);
  clearInterval(typing);
  assert.equal(run.stdout, "hello\n");
  assert.equal(run.stderr, "");
});

test("stdin that ends before the connection is up waits for it", async () => {
  const endpoint = `unix:${join(folder, "late.sock")}`;
  await using run = holdfast(["connect", endpoint, "--retry", "100", "-v"]);
  run.write("early\n");
  run.end();
  await run.sees(/no such socket/, "stderr");
  await using listener = await listen(endpoint, { encoding: text() });
  const peer = await accepted(listener);
  assert.equal(await allOf(peer), "early\n");
  await peer.close();
  assert.equal((await run.exit).code, 0);
});

test("what has arrived before a reset is written; then it is told, and the exit code is 1", async () => {
  await using listener = await loopback();
  await using run = holdfast(["connect", listener.endpoint]);
  const peer = await accepted(listener);
  await peer.send("half a\n");
  await run.sees(/half a\n/);
  peer.abort();
  assert.equal((await run.exit).code, 1);
  assert.equal(run.stdout, "half a\n");
  assert.match(run.stderr, /^holdfast: tcp:\/\/127\.0\.0\.1:\d+: the peer reset the connection.*\n$/);
});

test("silence for as long as --idle allows cuts the connection, with exit code 1", async () => {
  await using listener = await loopback();
  await using run = holdfast(["connect", listener.endpoint, "--idle", "50ms"]);
  assert.equal((await run.exit).code, 1);
  assert.match(run.stderr, /no byte either way for 50 ms/);
});

test("a reader of stdout that goes ends the command quietly, and in order", async () => {
  await using listener = await loopback();
  await using run = holdfast(["connect", listener.endpoint]);
  const peer = await accepted(listener);
  await peer.send("a");
  await run.sees(/a/);
  run.stopReadingStdout();
  const sending = (async () => {
    for (;;) await peer.send("b".repeat(65_536));
  })();
  await assert.rejects(sending);
  assert.equal((await run.exit).code, 0);
  assert.equal(run.stderr, "");
});

test("the reader of stdout sees the peer's end, though stdin goes on", async () => {
  await using listener = await loopback();
  const main = join(process.cwd(), "dist/cli/main.js");
  const child = spawn(process.execPath, [main, "connect", listener.endpoint], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const peer = await accepted(listener);
  await peer.end();
  child.stdout.resume();
  await once(child.stdout, "end");
  assert.equal(child.exitCode, null);
  child.stdin.end();
  await peer.close();
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("files at both ends carry every byte", async () => {
  const [sent, written] = [join(folder, "sent"), join(folder, "written")];
  const payload = Buffer.alloc(3_000_000, "0123456789abcdef\n");
  writeFileSync(sent, payload);
  await using listener = await listen("tcp://127.0.0.1:0");
  const main = join(process.cwd(), "dist/cli/main.js");
  const descriptors = [openSync(sent, "r"), openSync(written, "w")] as const;
  const child = spawn(process.execPath, [main, "connect", listener.endpoint], {
    stdio: [...descriptors, "inherit"],
  });
  for (const descriptor of descriptors) closeSync(descriptor);
  const exited = once(child, "exit");
  const peer = await listener.accept();
  assert.ok(peer !== undefined);
  for await (const chunk of peer) await peer.send(chunk);
  await peer.close();
  assert.deepEqual(await exited, [0, null]);
  assert.ok(readFileSync(written).equals(payload));
});

suite("framings and encodings:", () => {
  test("--framing length4 sends each line as a frame, and prints each frame as a line", async () => {
    await using listener = await listen("tcp://127.0.0.1:0", { framing: lengthPrefixed(), encoding: text() });
    await using run = holdfast(["connect", listener.endpoint, "--framing", "length4"]);
    run.write("one\ntwo");
    run.end();
    const peer = await accepted(listener);
    assert.equal(await peer.receive(), "one");
    assert.equal(await peer.receive(), "two");
    await peer.send("three");
    await peer.send("");
    await peer.close();
    assert.equal((await run.exit).code, 0);
    assert.equal(run.stdout, "three\n\n");
  });

  test("--framing lines --eol crlf ends lines as old protocols want them", async () => {
    await using listener = await loopback();
    await using run = holdfast(["connect", listener.endpoint, "--framing", "lines", "--eol", "crlf"]);
    run.write("HELO\n");
    run.end();
    const peer = await accepted(listener);
    assert.equal(await allOf(peer), "HELO\r\n");
    await peer.send("250 hello\r\n");
    await peer.close();
    await run.exit;
    assert.equal(run.stdout, "250 hello\n");
  });

  test("--encoding json refuses what is none, in either direction, with exit code 1", async () => {
    await using listener = await loopback();
    const args = ["connect", listener.endpoint, "--framing", "lines", "--encoding", "json"];
    await using ours = holdfast(args);
    ours.write('{"a": 1}\n{"a": \n');
    assert.equal((await ours.exit).code, 1);
    assert.match(ours.stderr, /stdin has what cannot be sent: not JSON/);
    await accepted(listener);
    await using theirs = holdfast(args);
    await (await accepted(listener)).send('{"b":2}\noops\n');
    assert.equal((await theirs.exit).code, 1);
    assert.equal(theirs.stdout, '{"b":2}\n');
    assert.match(theirs.stderr, /not JSON/);
  });
});

suite("what is said on stderr:", () => {
  test("-v tells what is tried, what moved and why it closed", async () => {
    await using listener = await loopback();
    await using run = holdfast(["connect", listener.endpoint, "-v"]);
    run.write("12345");
    run.end();
    await (await accepted(listener)).close();
    assert.equal((await run.exit).code, 0);
    assert.match(run.stderr, /^#\d+ trying tcp:\/\/127\.0\.0\.1:\d+\n#\d+ open: /);
    assert.match(run.stderr, /closed by .*: ended; 5 B sent, 0 B received\n$/);
    assert.equal(run.stdout, "");
  });

  test("--json tells the same, one event a line, and leaves stdout alone", async () => {
    await using listener = await loopback();
    await using run = holdfast(["connect", listener.endpoint, "--json"]);
    run.end();
    const peer = await accepted(listener);
    await peer.send("payload");
    await peer.close();
    assert.equal((await run.exit).code, 0);
    assert.equal(run.stdout, "payload");
    const events = run.stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      events.map(({ event }) => event).filter((event) => event !== "half-closed"),
      ["created", "bound", "open", "closed"],
    );
    assert.equal(events.at(-1).bytesReceived, 7);
  });

  test("--hex dumps both directions", async () => {
    await using listener = await loopback();
    await using run = holdfast(["connect", listener.endpoint, "--hex"]);
    run.write("ping");
    const peer = await accepted(listener);
    assert.equal(await peer.receive(), "ping");
    await peer.send("pong");
    await run.sees(/< 00000000 {2}70 6f 6e 67/, "stderr");
    assert.match(run.stderr, /^> 00000000 {2}70 69 6e 67 .*\|ping\|\n/);
    run.end();
    await peer.close();
    assert.equal((await run.exit).code, 0);
  });
});

suite("UDP:", () => {
  test("each chunk of stdin is a datagram, and the answer is printed; silence ends it", async () => {
    await using socket = await bind("udp://127.0.0.1:0", { encoding: text() });
    await using run = holdfast(["connect", socket.endpoint, "-i", "300ms"]);
    run.write("question\n");
    run.end();
    const asked = await socket.receive();
    assert.equal(asked?.data, "question\n");
    await socket.send("answer\n", asked?.from);
    await run.sees(/answer\n/);
    assert.deepEqual(await run.exit, { code: 0, signal: null });
  });

  test("--framing lines makes each line a datagram, and each datagram a line", async () => {
    await using socket = await bind("udp://127.0.0.1:0", { encoding: text() });
    await using run = holdfast(["connect", socket.endpoint, "--framing", "lines", "-i", "300ms", "-v"]);
    run.write("a\nb\n");
    run.end();
    assert.equal((await socket.receive())?.data, "a");
    const { data, from } = (await socket.receive()) ?? {};
    assert.equal(data, "b");
    await socket.send("c", from);
    await run.sees(/c\n/);
    assert.equal((await run.exit).code, 0);
    assert.match(run.stderr, /2 B sent, 1 B received/);
  });

  test("more than a datagram holds is sent as several", async () => {
    await using socket = await bind("udp://127.0.0.1:0");
    const file = join(folder, "large");
    writeFileSync(file, new Uint8Array(40_000));
    const descriptor = openSync(file, "r");
    const main = join(process.cwd(), "dist/cli/main.js");
    const child = spawn(process.execPath, [main, "connect", socket.endpoint, "-i", "200ms"], {
      stdio: [descriptor, "ignore", "inherit"],
    });
    closeSync(descriptor);
    const exited = once(child, "exit");
    const sizes: (number | undefined)[] = [];
    for (let count = 0; count < 3; count += 1) sizes.push((await socket.receive())?.data.length);
    assert.deepEqual(sizes, [16_384, 16_384, 7_232]);
    assert.deepEqual(await exited, [0, null]);
  });

  test("a port where nobody listens is told, with exit code 1", async () => {
    const gone = await bind("udp://127.0.0.1:0");
    await gone.close();
    await using run = holdfast(["connect", gone.endpoint]);
    run.write("anybody?\n");
    assert.equal((await run.exit).code, 1);
    assert.match(run.stderr, /connection refused/);
  });
});

test("--exec gives the connection to a process, which is told whose it is", async () => {
  await using listener = await loopback();
  await using run = holdfast([
    "connect",
    listener.endpoint,
    "--exec",
    'read -r line; echo "$line from $HOLDFAST_LOCAL"',
  ]);
  const peer = await accepted(listener);
  await peer.send("hello\n");
  assert.equal(await allOf(peer), `hello from ${peer.remote}\n`);
  await peer.close();
  assert.equal((await run.exit).code, 0);
  assert.equal(run.stdout, "");
});

test("bytes are bytes", async () => {
  await using listener = await listen("tcp://127.0.0.1:0");
  await using run = holdfast(["connect", listener.endpoint, "--encoding", "text"]);
  const peer = await listener.accept();
  await peer?.send(bytes("ü"));
  await run.sees(/ü/);
  await peer?.send(Uint8Array.of(0xff));
  assert.equal((await run.exit).code, 1);
  assert.match(run.stderr, /UTF-8/);
});
