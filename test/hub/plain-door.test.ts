// Visits through the plain door, by programs that behave as programs do.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { HubEvent } from "../../src/hub/events.js";
import { httpAnswer } from "../../src/hub/foreign.js";
import { Pace } from "../../src/hub/pace.js";
import { visitPlainly } from "../../src/hub/plain-door.js";
import { Room } from "../../src/hub/room.js";
import { Visitors } from "../../src/hub/visitors.js";
import { connect, lines, serve, systemClock } from "../../src/index.js";
import { tlsAlert } from "../../src/protocol/foreign.js";
import { heard, testHub } from "./support/hub.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

test("a peer that connects and says nothing is greeted, and stays", async () => {
  await using room = await testHub();
  const silent = await room.enter();
  const ada = await room.enter();
  await ada.send("hello");
  assert.deepEqual(await heard(silent, /hello/), ["* guest-2 joined", "guest-2: hello"]);
  room.clock.advance(24 * 3_600_000);
  await silent.send("still here");
  assert.deepEqual(await heard(ada, /still/), ["guest-1: still here"]);
});

test("a peer that speaks first is greeted at once, and heard", async () => {
  await using room = await testHub();
  const ada = await room.enter();
  const eager = await connect(room.hub.plain);
  await eager.send(bytesOf("hi\n"));
  assert.deepEqual(await heard(ada, /hi$/), ["* guest-2 joined", "guest-2: hi"]);
  assert.match(textOf(await eager.receive()), /^\* you are guest-2; here: guest-1, guide\n/);
});

test("one that sends a message without a newline and closes is heard, and leaves", async () => {
  await using room = await testHub();
  const ada = await room.enter();
  const brief = await connect(room.hub.plain);
  await brief.send(bytesOf("Hello, server"));
  await brief.end();
  assert.deepEqual(await heard(ada, /left/), [
    "* guest-2 joined",
    "guest-2: Hello, server",
    "* guest-2 left",
  ]);
  await brief.close();
});

test("one that waits for a reply without ever sending a newline is heard after a silence, and told so once", async () => {
  await using room = await testHub();
  const ada = await room.enter();
  const program = await room.enter();
  await heard(ada, /joined/);
  const raw = program.reframe({});
  await raw.send(bytesOf("first"));
  assert.deepEqual(await room.inTime(heard(ada, /first/)), ["guest-2: first"]);
  assert.match(textOf(await raw.receive()), /^\* no newline came for 300 ms.*\n$/);
  await raw.send(bytesOf("second"));
  assert.deepEqual(await room.inTime(heard(ada, /second/)), ["guest-2: second"]);
  await ada.send("reply");
  assert.equal(textOf(await raw.receive()), "guest-1: reply\n");
});

test("with silence turned off only a newline ends a message", async () => {
  await using room = await testHub({ plainQuietMs: 0 });
  const ada = await room.enter();
  const raw = (await room.enter()).reframe({});
  await heard(ada, /joined/);
  await raw.send(bytesOf("one, "));
  await room.inTime(Promise.all([...Array(10)].map(() => new Promise(setImmediate))));
  room.clock.advance(60_000);
  await raw.send(bytesOf("and the same one\n"));
  assert.deepEqual(await heard(ada, /same/), ["guest-2: one, and the same one"]);
});

test("one that comes and goes without a word is nobody's business", async () => {
  await using room = await testHub();
  const scanner = await connect(room.hub.plain);
  await scanner.close();
  const ada = await room.enter();
  assert.deepEqual(
    room.events.map(({ name }) => name),
    ["joined"],
  );
  await ada.close();
});

test("bye ends a visit with bye and the end of the stream", async () => {
  await using room = await testHub();
  const ada = await room.enter();
  const bob = await room.enter();
  await bob.send("bye");
  assert.equal(await bob.receive(), "bye");
  assert.equal(await bob.receive(), undefined);
  assert.deepEqual(await heard(ada, /left/), ["* guest-2 joined", "* guest-2 left"]);
});

test("a line that is too long is told to its sender, and the next one is heard", async () => {
  await using room = await testHub({ plainLineBytesMax: 100 });
  const ada = await room.enter();
  const bob = await room.enter();
  await bob.send("x".repeat(200_000));
  await bob.send("short");
  assert.deepEqual(await heard(ada, /short/), ["* guest-2 joined", "guest-2: short"]);
  assert.match((await bob.receive()) ?? "", /^\* that line has more than 100 bytes/);
  assert.equal(room.hub.stats.events["too-long"], 1);
});

test("a peer that breaks off is a line that says so, and nobody else's trouble", async () => {
  await using room = await testHub({ plain: "tcp://127.0.0.1:0" });
  const ada = await room.enter();
  const bob = await room.enter();
  const rude = await room.enter();
  await heard(bob, /guest-3 joined/);
  rude.abort();
  for (const other of [ada, bob])
    assert.match((await heard(other, /guest-3 left/)).at(-1) ?? "", /left: .*reset/);
  await ada.send("everyone well?");
  assert.deepEqual(await heard(bob, /well/), ["guest-1: everyone well?"]);
});

test("twenty visitors at once are warned of by nobody", async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on("warning", listen);
  await using room = await testHub();
  const members = await Promise.all(Array.from({ length: 20 }, () => room.enter()));
  await members[0]?.send("hello");
  await Promise.all(members.slice(1).map((member) => heard(member, /hello/)));
  process.off("warning", listen);
  assert.deepEqual(warnings, []);
});

suite("another protocol", () => {
  test("HTTP is answered in HTTP, before any greeting, and does not enter the room", async () => {
    await using room = await testHub();
    const ada = await room.enter();
    const browser = await connect(room.hub.plain);
    await browser.send(bytesOf("GET / HTTP/1.1\r\nHost: example\r\n\r\n"));
    assert.equal(textOf(await browser.receive()), textOf(httpAnswer(room.hub.plain, "")));
    assert.equal(await browser.receive(), undefined);
    assert.equal(room.hub.stats.events.http, 1);
    await ada.send("/who");
    assert.deepEqual(await heard(ada, /here/), ["guide: 2 here: guest-1 (you), guide"]);
  });

  test("a browser that connected long before it speaks is answered too, and leaves", async () => {
    await using room = await testHub();
    const early = await room.enter();
    await early.send("GET / HTTP/1.1");
    assert.equal(await early.receive(), "HTTP/1.1 400 Bad Request");
    await early.close();
    assert.deepEqual(
      room.events.map(({ name }) => name),
      ["joined", "http", "left"],
    );
  });

  test("a request line is something that one may talk about", async () => {
    await using room = await testHub();
    const ada = await room.enter();
    const bob = await room.enter();
    await bob.send("what do I write?");
    await bob.send("GET / HTTP/1.1");
    assert.equal((await heard(ada, /GET/)).at(-1), "guest-2: GET / HTTP/1.1");
  });

  test("TLS is answered with an alert, even if its first bytes come one by one", async () => {
    await using room = await testHub();
    const client = await connect(room.hub.plain);
    for (const byte of [0x16, 0x03, 0x01, 0x02]) {
      await client.send(new Uint8Array([byte]));
      await new Promise(setImmediate);
    }
    assert.deepEqual(await client.receive(), new Uint8Array(tlsAlert));
    assert.equal(await client.receive(), undefined);
    assert.deepEqual(
      room.events.map(({ name }) => name),
      ["tls"],
    );
  });
});

suite("somebody who floods the room", () => {
  test("is read more slowly, so that those who read keep up", async () => {
    await using room = await testHub();
    const ada = await room.enter();
    const flooder = await room.enter();
    const count = 3_000;
    const line = "x".repeat(1_000);
    const flooding = (async () => {
      for (let sent = 0; sent < count; sent += 1) await flooder.send(line);
      await flooder.send("done");
    })();
    const all = await room.inTime(heard(ada, /done/));
    await flooding;
    assert.equal(all.length, count + 2);
    assert.ok(room.clock.now() > 2_000, "3 MB at 1 MiB/s");
    assert.equal(room.hub.stats.events.slow, 0);
  });

  test("costs those their place who do not read, and nobody else", async () => {
    await using room = await testHub();
    const ada = await room.enter();
    const slow = await room.enter({ receiveBufferBytes: 1_024 });
    const flooder = await room.enter();
    const line = "x".repeat(8_000);
    const flooding = (async () => {
      for (let sent = 0; sent < 400; sent += 1) await flooder.send(line);
      await flooder.send("done");
    })();
    const all = await room.inTime(heard(ada, /done/));
    await flooding;
    assert.equal(all.filter((text) => text === "* guest-2 was disconnected: reads too slowly").length, 1);
    assert.equal(all.filter((text) => text === `guest-3: ${line}`).length, 400);
    assert.equal(room.hub.stats.events.slow, 1);
    assert.equal(room.hub.stats.members, 2);
    assert.equal((await slow.closed).by, "remote");
  });

  test("with tiny lines, commands or bare Enters leaves the event loop to the others", async () => {
    for (const flood of ["x\n", "\n", "/who\n", "/nothing\n"]) {
      await using room = await testHub();
      const flooder = (await room.enter()).reframe({});
      const before = room.hub.stats.members;
      let turns = 0;
      let running = true;
      const count = () => {
        turns += 1;
        if (running) setImmediate(count);
      };
      setImmediate(count);
      const reading = (async () => {
        for await (const chunk of flooder) if (textOf(chunk).includes("guide: over")) return;
      })();
      const lineCount = 2_000;
      await flooder.send(bytesOf(flood.repeat(lineCount)));
      await flooder.send(bytesOf("/echo over\n"));
      await room.inTime(reading);
      running = false;
      assert.ok(turns >= (lineCount * 64) / 16_384, `${turns} turns for ${JSON.stringify(flood)}`);
      assert.equal(room.hub.stats.members, before);
    }
  });

  test("in many short visits keeps an honest member from being heard for two seconds at most", async () => {
    await using room = await testHub({ roomPaceBytes: 10_000 });
    const ada = await room.enter();
    const bob = await room.enter();
    for (let visit = 0; visit < 20; visit += 1) {
      const brief = await connect(room.hub.plain);
      await brief.send(bytesOf(`${"x".repeat(8_000)}\n`));
      brief.abort();
      await room.inTime(brief.closed);
    }
    const start = room.clock.now();
    await bob.send("honest");
    await room.inTime(heard(ada, /guest-2: honest/));
    assert.ok(room.clock.now() - start <= 2_000, `${room.clock.now() - start} ms`);
  });

  test("and goes while it is made to wait has left, with what it had not said yet", async () => {
    await using room = await testHub({ roomPaceBytes: 1_000 });
    const ada = await room.enter();
    const flooder = await room.enter();
    await flooder.send("x".repeat(8_000));
    await flooder.send("never said");
    await room.inTime(heard(ada, /x{8000}/));
    flooder.abort();
    // Time stands still: it is not the end of the pause that lets go of it.
    assert.match((await heard(ada, /left|never/)).at(-1) ?? "", /^\* guest-2 left/);
    assert.equal(room.hub.stats.members, 1);
  });
});

test("more lines in one turn than can wait for the next cost a member its place, and none is lost unsaid", async () => {
  const events: string[] = [];
  const onEvent = ({ name }: HubEvent) => events.push(name);
  const room = new Room({ historyMax: 1, noticesMax: 100, onEvent });
  const options = {
    lineBytesMax: 8_192,
    quietMs: 0,
    greetingMs: 0,
    sendBufferBytes: 524_288,
    paceBytes: 1e9,
    pageUrl: () => "",
  };
  const door = {
    ...options,
    room,
    onEvent,
    clock: systemClock,
    pace: new Pace(1e9, 0),
    visitors: new Visitors(),
  };
  await using server = await serve("tcp://127.0.0.1:0", (connection, { signal }) =>
    visitPlainly(connection, door, signal),
  );
  const ada = await connect(server.endpoint, { framing: lines() });
  await heard(ada, /^guide: welcome/);
  const speaker = { id: 0, remote: "memory:speaker", trySend: () => true, dismiss: () => {} };
  room.join(speaker);
  const line = bytesOf("x".repeat(50));
  for (let said = 0; said < 20_000; said += 1) {
    room.take(speaker, line);
    // What was written has left, and the event loop has not turned.
    if (said % 100 === 0) await new Promise<void>((next) => process.nextTick(next));
  }
  assert.deepEqual(events, ["joined", "joined", "slow"]);
  assert.equal(room.size, 1);
  ada.abort();
});
