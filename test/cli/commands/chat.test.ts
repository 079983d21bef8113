// `holdfast chat` as people use it: a hub, two chats and nc in one room, as programs of their own.

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { listen, serveSessions, text } from "../../../src/index.js";
import { holdfast, Program } from "../../support/program.js";
import { needs } from "../../support/require.js";

let hub: Program;
let session = "";
let port = "";

before(async () => {
  hub = holdfast(["hub", "--plain", "tcp://127.0.0.1:0", "--listen", "tcp://127.0.0.1:0"]);
  [, port = "", session = ""] = await hub.sees(/^plain tcp:\S+:(\d+)\nsession (\S+)\n/);
});

after(() => hub[Symbol.asyncDispose]());

async function chat(name: string, ...args: string[]): Promise<Program> {
  const person = holdfast(["chat", "--name", name, ...args], { env: { HOLDFAST_HUB: session } });
  await person.sees(new RegExp(`is now ${name}$`, "m"));
  return person;
}

test(
  "two chats and nc talk in one room; a cut link comes back, and nobody misses a line",
  needs({ commands: ["nc"] }),
  async () => {
    await using ada = await chat("ada");
    await using bob = await chat("bob", session);
    await using carol = new Program("nc", ["127.0.0.1", port]);
    await carol.sees(/^guide: welcome/m);
    carol.write("/name carol\n");
    await ada.sees(/is now carol$/m);
    const rounds = 20;
    for (let round = 1; round <= rounds; round += 1) {
      if (round % 5 === 0) ada.write("/cut\n");
      if (round % 7 === 0) bob.write("/cut\n");
      ada.write(`from ada ${round}\n`);
      bob.write(`from bob ${round}\n`);
      carol.write(`from carol ${round}\n`);
      for (const person of [ada, bob]) await person.sees(new RegExp(`^carol: from carol ${round}$`, "m"));
    }
    const people = { ada, bob, carol };
    for (const [name, listener] of Object.entries(people)) {
      for (const speaker of Object.keys(people).filter((other) => other !== name)) {
        await listener.sees(new RegExp(`^${speaker}: from ${speaker} ${rounds}$`, "m"));
        const heard = [...listener.stdout.matchAll(new RegExp(`^${speaker}: from ${speaker} (\\d+)$`, "gm"))];
        assert.deepEqual(
          heard.map(([, round]) => Number(round)),
          Array.from({ length: rounds }, (_, index) => index + 1),
          `what ${name} heard of ${speaker}`,
        );
      }
    }
    await ada.sees(/^link cut; resuming…\nback after [\d.]+ m?s, nothing lost/m, "stderr");
    assert.doesNotMatch(carol.stdout, /left/);
    ada.write("/quit\n");
    assert.deepEqual(await ada.exit, { code: 0, signal: null });
    await bob.sees(/^\* ada left$/m);
    bob.end();
    assert.deepEqual(await bob.exit, { code: 0, signal: null });
    await carol.sees(/^\* bob left$/m);
  },
);

test("whoever joins is shown what was said before, and bye ends the chat from the room's side", async () => {
  await using dora = await chat("dora");
  dora.write("anybody there?\n/echo said\n");
  await dora.sees(/^guide: said$/m);
  await using emil = await chat("emil");
  assert.match(emil.stdout, /^\* said before you came:\n(?:.*\n)*dora: anybody there\?\n/m);
  dora.write("bye\n");
  assert.deepEqual(await dora.exit, { code: 0, signal: null });
  assert.match(dora.stdout, /^bye\n$/m);
});

test("Ctrl-C ends it at once, and the room hears of it", async () => {
  await using fred = await chat("fred");
  await using gina = await chat("gina");
  fred.kill("SIGINT");
  assert.deepEqual(await fred.exit, { code: 130, signal: null });
  await gina.sees(/^\* fred left: .*interrupted/m);
  assert.equal(fred.stderr, "");
});

test("a hub that is lost ends the chat with 1 and the reason; one that closes, with 0", async () => {
  for (const how of ["abort", "close"] as const) {
    const server = await serveSessions(
      "tcp://127.0.0.1:0",
      async (member) => {
        assert.equal(await member.receive(), "/name ada");
        if (how === "abort") member.abort("a fire");
      },
      { encoding: text() },
    );
    await using ada = holdfast(["chat", "--hub", server.endpoint, "--name", "ada"]);
    assert.equal((await ada.exit).code, how === "abort" ? 1 : 0);
    if (how === "abort") assert.match(ada.stderr, /^holdfast: .*the peer aborted the session \(a fire\)$/m);
    await server.drain();
  }
});

suite("where there is no room, it says so:", () => {
  test("nobody listens", async () => {
    const listener = await listen("tcp://127.0.0.1:0");
    await listener.close();
    await using run = holdfast(["chat", listener.endpoint]);
    assert.equal((await run.exit).code, 1);
    assert.match(run.stderr, /connection refused .*; check that a hub runs there; holdfast hub starts one/);
  });

  test("a program without sessions listens, such as the plain door", async () => {
    await using run = holdfast(["chat", `127.0.0.1:${port}`]);
    assert.equal((await run.exit).code, 1);
    assert.match(run.stderr, /^holdfast: connect 127\.0\.0\.1:\d+: /);
  });

  test("datagrams have no sessions", async () => {
    await using run = holdfast(["chat", "udp://127.0.0.1:1"]);
    assert.equal((await run.exit).code, 2);
    assert.match(run.stderr, /a session needs connections, which udp:\/\/ has not/);
  });
});
