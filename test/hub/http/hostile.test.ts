// What strangers do at the HTTP door: each is refused or made harmless, counted, told of once, and nobody else is affected.

import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import type { RoomMessage } from "../../../src/hub/page/messages.js";
import { createHub, type Hub, type HubOptions } from "../../../src/hub.js";
import {
  connect,
  type Encoding,
  json,
  type LifecycleEvent,
  openSession,
  type Session,
  text,
} from "../../../src/index.js";
import { ManualClock } from "../../support/manual-clock.js";
import { answerOf, dialHttp, rawRequest, request, rest, upgradeHeaders } from "../../support/raw-http.js";
import { told } from "../support/page.js";

type Page = Session<unknown, RoomMessage>;

class Stage {
  readonly hub: Hub;
  /** A member in good order, who must never notice anything. */
  readonly ada: Page;
  readonly #events: LifecycleEvent[];

  private constructor(hub: Hub, ada: Page, events: LifecycleEvent[]) {
    this.hub = hub;
    this.ada = ada;
    this.#events = events;
  }

  static async set(t: { after(step: () => Promise<void>): void }, options: HubOptions = {}): Promise<Stage> {
    const events: LifecycleEvent[] = [];
    const observer = (event: LifecycleEvent) => void events.push(event);
    const hub = await createHub({ http: "http://127.0.0.1:0", observer, ...options });
    const stage = new Stage(hub, await Stage.enter(hub), events);
    t.after(async () => {
      stage.ada.abort();
      await hub.close();
    });
    return stage;
  }

  static async enter(hub: Hub): Promise<Page> {
    const encoding = json() as Encoding<unknown> as Encoding<unknown, RoomMessage>;
    const page: Page = await openSession(`${hub.http.replace("http", "ws")}/page`, { encoding });
    await told(page, "welcome");
    return page;
  }

  /** What was told of refusals so far. */
  get refusals(): { readonly reason: string | undefined; readonly count: number | undefined }[] {
    return this.#events
      .filter(({ name }) => name === "refused")
      .map(({ reason, count }) => ({ reason, count }));
  }

  /** Ada talks on, over the link that she came with. */
  async isCalm(): Promise<void> {
    await this.ada.send({ type: "say", id: 99, text: "all is well" });
    assert.equal((await told(this.ada, "said")).id, 99);
    assert.equal(this.ada.stats.links, 1);
  }
}

suite("a page of somebody else", () => {
  test("cannot connect, at either path; each try counts, and a flood of them is told of once", async (t) => {
    const stage = await Stage.set(t);
    for (let count = 0; count < 20; count += 1) {
      const path = count % 2 === 0 ? "/page" : "/session";
      const origin = { ...upgradeHeaders, Origin: "https://evil.example" };
      assert.equal((await request(stage.hub.http, path, origin)).status, 403);
    }
    assert.equal(stage.hub.stats.refused, 20);
    const first = { reason: 'HTTP 403: foreign origin "https://evil.example"', count: 1 };
    assert.deepEqual(stage.refusals[0], first);
    assert.ok(stage.refusals.length < 20, "once a second at most");
    await stage.isCalm();
  });

  test("whose DNS leads here (rebinding) gets neither the page nor a session", async (t) => {
    const stage = await Stage.set(t);
    const host = { Host: `evil.example:${new URL(stage.hub.http).port}` };
    for (const path of ["/", "/assets/x.js", "/page", "/session"]) {
      assert.equal((await request(stage.hub.http, path, host)).status, 421);
      const own = { ...upgradeHeaders, ...host, Origin: `http://${host.Host}` };
      assert.equal((await request(stage.hub.http, path, own)).status, 421);
    }
    assert.equal(stage.hub.stats.refused, 8);
    await stage.isCalm();
  });

  test("gets in where the operator has named it", async (t) => {
    const stage = await Stage.set(t, { hosts: ["hub.example"], origins: ["https://app.example"] });
    const named = { ...upgradeHeaders, Host: "hub.example", Origin: "https://app.example" };
    const socket = await dialHttp(stage.hub.http);
    const lines = Object.entries(named).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET /page HTTP/1.1\r\n${lines.join("")}\r\n`);
    const [first] = await once(socket, "data");
    assert.match(String(first), /^HTTP\/1\.1 101 /);
    socket.destroy();
  });
});

suite("a request that is none", () => {
  test("with more headers than anybody needs is refused, before they are kept", async (t) => {
    const stage = await Stage.set(t);
    const answer = await request(stage.hub.http, "/page", { ...upgradeHeaders, "X-Big": "x".repeat(70_000) });
    assert.equal(answer.status, 431);
    assert.equal(stage.hub.stats.refused, 1);
    await stage.isCalm();
  });

  for (const [what, bytes] of [
    ["that is no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["with two lengths", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
    ["without a host", "GET / HTTP/1.1\r\n\r\n"],
    ["with a line break inside", "GET /\r\n /page HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ] as const) {
    test(`${what} is refused`, async (t) => {
      const stage = await Stage.set(t);
      assert.equal((await rawRequest(stage.hub.http, bytes)).status, 400);
      await stage.isCalm();
    });
  }

  test("leads to no file that is none of the page's", async (t) => {
    const stage = await Stage.set(t);
    for (const path of [
      "/../package.json",
      "/../../../../../../etc/passwd",
      "/..%2f..%2fpackage.json",
      "/%2e%2e/%2e%2e/package.json",
      "/assets/..\\..\\package.json",
      "/%00",
      "//etc/passwd",
      "/page/../../package.json",
    ]) {
      const { status, body } = await request(stage.hub.http, path);
      assert.ok(status === 404 || status === 503, `${path}: ${status}`);
      assert.doesNotMatch(body, /holdfast"|root:/);
    }
    await stage.isCalm();
  });
});

test("half of a request has five seconds, and costs nobody else anything (slow loris)", async (t) => {
  const clock = new ManualClock();
  const stage = await Stage.set(t, { clock });
  const halves = await Promise.all(
    Array.from({ length: 20 }, async (_, count) => {
      const socket = await dialHttp(stage.hub.http);
      socket.write(`GET /page HTTP/1.1\r\nHost: localhost\r\nX-${count}: `);
      return socket;
    }),
  );
  while (stage.hub.stats.open < 21) await new Promise(setImmediate);
  const answers = halves.map(rest);
  // A byte now and then buys no time. What was written has come once something written after it was answered.
  await request(stage.hub.http, "/health");
  clock.advance(3_000);
  for (const socket of halves) socket.write("x");
  await request(stage.hub.http, "/health");
  clock.advance(2_000);
  for (const answer of await Promise.all(answers)) assert.equal(answerOf(answer).status, 408);
  assert.equal(stage.hub.stats.refused, 20);
  await stage.isCalm();
});

suite("a client that keeps to no protocol", () => {
  test("that sends text where sessions are bytes is cut off alone", async (t) => {
    const stage = await Stage.set(t);
    const url = `${stage.hub.http.replace("http", "ws")}/page`;
    const stranger = await connect(url, { encoding: text() });
    await stranger.send('{"type":"say","id":1,"text":"hi"}');
    while ((await stranger.receive().catch(() => undefined)) !== undefined);
    await stranger.closed;
    await stage.isCalm();
  });

  test("that sends no handshake of a session is told so, and counted", async (t) => {
    const stage = await Stage.set(t);
    const stranger = await connect(`${stage.hub.http.replace("http", "ws")}/session`);
    await stranger.send(new Uint8Array(64).fill(0xff));
    while ((await stranger.receive().catch(() => undefined)) !== undefined);
    assert.equal(stage.hub.stats.refused, 1);
    await stage.isCalm();
  });

  test("that sends bombs of JSON has them read as nothing", async (t) => {
    const stage = await Stage.set(t);
    const bob = await Stage.enter(stage.hub);
    const nested = (depth: number): unknown => {
      let value: unknown = 1;
      for (let level = 0; level < depth; level += 1) value = [value];
      return value;
    };
    for (const bomb of [nested(4_000), { type: "say", id: nested(2_000), text: "x" }, "x".repeat(60_000)]) {
      await bob.send(bomb);
      assert.match((await told(bob, "note")).text, /a message is JSON|more than 8192 bytes/);
    }
    await stage.isCalm();
    bob.abort();
  });
});

suite("a member that plays tricks", () => {
  test("with what it says cannot act on a terminal, nor turn the direction of what others read", async (t) => {
    const stage = await Stage.set(t);
    const bob = await Stage.enter(stage.hub);
    const tricks = "\u001b]0;owned\u0007 \u202egpj.exe\u2066\u2069\u200f\u200e\u061c\u2028x\u{e0041}\u0000";
    await bob.send({ type: "say", id: 1, text: tricks });
    const { text: shown } = await told(stage.ada, "said");
    assert.doesNotMatch(shown, /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\u{e0000}-\u{e007f}]/u);
    assert.match(shown, /^\\x1b\]0;owned\\x07 \\u\{202e\}gpj\.exe\\u\{2066\}\\u\{2069\}/);
    await stage.isCalm();
    bob.abort();
  });

  test("with its name is told why it may not, and nobody else hears of it", async (t) => {
    const stage = await Stage.set(t);
    const bob = await Stage.enter(stage.hub);
    for (const name of [
      "ad\u202ea",
      "\u2066ada",
      "ada\u200f",
      "\u001b[31mada",
      "a\u200bda",
      "guide",
      "ｇｕｉｄｅ",
      "* ada",
      "ada\nbob",
      "x".repeat(25),
      "",
    ]) {
      await bob.send({ type: "name", name });
      const { text: why } = await told(bob, "note");
      assert.doesNotMatch(why, /[\p{Cc}\p{Bidi_Control}]/u);
    }
    await bob.send({ type: "name", name: "bob" });
    assert.equal((await told(stage.ada, "renamed")).to, "bob");
    await stage.isCalm();
    bob.abort();
  });

  test("with the reason for which it goes does nothing to those who read it", async (t) => {
    const stage = await Stage.set(t);
    const bob = await Stage.enter(stage.hub);
    bob.abort("\u001b[2J\u202egone\u0007");
    const { reason = "" } = await told(stage.ada, "left");
    assert.doesNotMatch(reason, /[\p{Cc}\p{Bidi_Control}]/u);
    assert.match(reason, /gone/);
    await stage.isCalm();
  });
});
