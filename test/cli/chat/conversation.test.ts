// A conversation over a simulated network, typed by the test.

import assert from "node:assert/strict";
import { test } from "node:test";
import { converse } from "../../../src/cli/chat/conversation.js";
import { Interruptions } from "../../../src/cli/chat/interruptions.js";
import type { Screen } from "../../../src/cli/chat/screen.js";
import { OutputClosed } from "../../../src/cli/talk/stdout.js";
import { openSession, type Session, serveSessions, text } from "../../../src/index.js";
import { simulate, type World } from "../../../src/testing.js";
// Loaded at once, since virtual time does not wait for files.
import "../../../src/session/on-node.js";
import "../../../src/session/serve-sessions.js";

class TestScreen implements Screen {
  readonly heard: string[] = [];
  readonly notes: string[] = [];
  readonly names: string[] = [];
  readonly #typed: (string | undefined)[] = [];
  #onTyped: (() => void) | undefined;
  failure: Error | undefined;

  /** Nothing: Ctrl-D. */
  type(...lines: (string | undefined)[]): void {
    this.#typed.push(...lines);
    this.#onTyped?.();
  }

  async read(): Promise<string | undefined> {
    while (this.#typed.length === 0) await new Promise<void>((resolve) => (this.#onTyped = resolve));
    return this.#typed.shift();
  }

  async hear(line: string): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.heard.push(line);
  }

  note(line: string): void {
    this.notes.push(line);
  }

  rename(name: string): void {
    this.names.push(name);
  }

  close(): void {}
}

interface Talk {
  readonly world: World;
  readonly screen: TestScreen;
  readonly session: Session<string>;
  /** The other side. */
  readonly peer: Session<string>;
  readonly talking: Promise<void>;
}

function talk(story: (talk: Talk) => Promise<void>): Promise<void> {
  return simulate({}, async (world) => {
    const options = { encoding: text(), ...world.options };
    const peers: Session<string>[] = [];
    const server = await serveSessions(
      "memory:room",
      async (peer) => {
        peers.push(peer);
        await peer.closed;
      },
      options,
    );
    const screen = new TestScreen();
    const interruptions = new Interruptions((line) => screen.note(line), world.clock);
    const { observer } = interruptions;
    const session = await openSession("memory:room", { ...options, observer });
    await session.send("hello");
    await session.flush();
    const [peer] = peers;
    assert.ok(peer !== undefined);
    assert.equal(await peer.receive(), "hello");
    await story({ world, screen, session, peer, talking: converse(session, screen, interruptions) });
    await server.drain();
  });
}

for (const end of ["/quit", " /QUIT ", undefined]) {
  test(`lines go to the room until ${end ?? "Ctrl-D"}, which closes the session in order`, () =>
    talk(async ({ screen, session, peer, talking }) => {
      screen.type("one", "", "/who", end);
      assert.equal(await peer.receive(), "one");
      assert.equal(await peer.receive(), "/who");
      assert.equal(await peer.receive(), undefined);
      await talking;
      assert.equal((await session.closed).error, undefined);
    }));
}

test("what the room says is shown, and names what we are called", () =>
  talk(async ({ screen, peer, talking }) => {
    const said = [
      "* you are guest-1; here: guide",
      "* guest-2 is now eve",
      "guest-2: * guest-1 is now eve",
      "* guest-1 is now ada",
      "* ada is now grace",
    ];
    for (const line of said) await peer.send(line);
    await peer.close();
    await talking;
    assert.deepEqual(screen.heard, said);
    assert.deepEqual(screen.names, ["guest-1", "ada", "grace"]);
  }));

test("/cut cuts the link, which comes back, and nothing is lost", () =>
  talk(async ({ world, screen, session, peer, talking }) => {
    screen.type("before", "/cut", "after");
    for (const line of ["meanwhile", "as well"]) await peer.send(line);
    assert.equal(await peer.receive(), "before");
    assert.equal(await peer.receive(), "after");
    await world.sleep(1_000);
    assert.equal(session.stats.links, 2);
    assert.equal(screen.notes[0], "link cut; resuming…");
    assert.match(screen.notes[1] ?? "", /^back after \d+ ms, nothing lost/);
    screen.type("/quit");
    await talking;
    assert.deepEqual(screen.heard, ["meanwhile", "as well"]);
  }));

test("a line that is too long is told, and the talk goes on", () =>
  talk(async ({ screen, peer, talking }) => {
    screen.type("x".repeat(300_000), "short", "/quit");
    assert.equal(await peer.receive(), "short");
    await talking;
    assert.match(screen.notes[0] ?? "", /messageBytesMax is 262144, got 300000/);
  }));

test("a session that is lost ends the talk; its own end tells why", () =>
  talk(async ({ session, peer, talking }) => {
    peer.abort("enough");
    await talking;
    assert.match((await session.closed).error?.message ?? "", /enough/);
  }));

test("when nobody reads what is shown, what was said still goes out", () =>
  talk(async ({ screen, session, peer, talking }) => {
    screen.failure = new OutputClosed();
    screen.type("my last words");
    assert.equal(await peer.receive(), "my last words");
    await peer.send("what?");
    await talking;
    assert.equal((await session.closed).error, undefined);
  }));

test("what is wrong with the screen is thrown", () =>
  talk(async ({ screen, session, peer, talking }) => {
    screen.failure = new Error("out of paper");
    await peer.send("anybody there?");
    await assert.rejects(talking, { message: "out of paper" });
    await session.close();
  }));
