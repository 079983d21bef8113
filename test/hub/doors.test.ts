// All doors of a hub as one: who comes through the HTTP door meets the others in the room.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { LiveMessage, RoomMessage } from "../../src/hub/page/messages.js";
import { createHub, type HubEvent, type HubOptions } from "../../src/hub.js";
import {
  connect,
  type Encoding,
  json,
  type LifecycleEvent,
  lines,
  openSession,
  type Session,
  text,
} from "../../src/index.js";
import { Authority } from "../support/certificates.js";
import { request, upgradeHeaders } from "../support/raw-http.js";
import { heard } from "./support/hub.js";
import { told } from "./support/page.js";

const everyDoor: HubOptions = {
  plain: "tcp://127.0.0.1:0",
  endpoints: ["tcp://127.0.0.1:0"],
  http: "http://127.0.0.1:0",
};
const encoding = json() as Encoding<unknown> as Encoding<unknown, RoomMessage>;
const webSocketAt = (http: string, path: string) => `${http.replace("http", "ws")}${path}`;
const pageAt = (http: string): Promise<Session<unknown, RoomMessage>> =>
  openSession(webSocketAt(http, "/page"), { encoding });

test("a page, a session by WebSocket, a session and a socket talk in one room", async () => {
  await using hub = await createHub(everyDoor);
  const page = await pageAt(hub.http);
  assert.equal((await told(page, "welcome")).name, "guest-1");
  const bob = await openSession(webSocketAt(hub.http, "/session"), { encoding: text() });
  const eve = await openSession(hub.endpoints[0] ?? "", { encoding: text() });
  const joe = await connect(hub.plain, { framing: lines() });
  for (const other of [bob, eve, joe]) await heard(other, /^guide: welcome/);
  await page.send({ type: "say", id: 1, text: "hello, all" });
  for (const other of [bob, eve, joe]) await heard(other, /^guest-1: hello, all$/);
  await bob.send("hello, page");
  assert.equal((await told(page, "said")).id, 1);
  assert.equal((await told(page, "said")).text, "hello, page");
  assert.equal(hub.stats.members, 4);
  assert.equal(hub.stats.open, 4);
  await Promise.all([page.close(), bob.close(), eve.close(), joe.close()]);
});

test("a page's link is cut in mid-conversation, and nothing is lost or said twice", async () => {
  await using hub = await createHub({ http: "http://127.0.0.1:0" });
  const [ada, bob] = [await pageAt(hub.http), await pageAt(hub.http)];
  for (let id = 0; id < 60; id += 1) {
    await ada.send({ type: "say", id, text: `${id}` });
    if (id % 20 === 10) ada.cutLink();
    if (id % 20 === 15) bob.cutLink();
  }
  for (let n = 1; n <= 60; n += 1) {
    assert.equal((await told(ada, "said")).id, n - 1);
    assert.equal((await told(bob, "said")).n, n);
  }
  assert.equal(ada.stats.links > 1, true);
  await Promise.all([ada.close(), bob.close()]);
});

suite("what a page sees live", () => {
  test("is every socket at every door, and the real experiments of the lab", async () => {
    await using hub = await createHub(everyDoor);
    const joe = await connect(hub.plain, { framing: lines() });
    await heard(joe, /^guide: welcome/);
    const page = await pageAt(hub.http);
    const live = await page.open("live");
    const seen = (await live.receive()) as unknown as LiveMessage;
    assert.ok(seen.type === "snapshot");
    const kinds = seen.sockets.map(({ door, kind }) => `${door} ${kind}`).sort();
    assert.deepEqual(kinds, [
      "http connection",
      "http listener",
      "http listener",
      "http listener",
      "http session",
      "plain connection",
      "plain listener",
      "session listener",
    ]);
    const plain = seen.sockets.find(({ door, kind }) => door === "plain" && kind === "connection");
    assert.deepEqual([plain?.remote, plain?.messagesOut], [joe.local, 2]);
    await live.close();
    const order = { messages: ["a", "b"], framing: "lines", readBytes: 16 };
    const lab = await page.open("lab.bytes", { message: order });
    const events: unknown[] = [];
    for await (const event of lab) events.push((event as unknown as { readonly event: string }).event);
    assert.ok(events.includes("chunk"));
    assert.equal(events.at(-1), "ended");
    const wrong = await page.open("lab.bytes", { message: { messages: 5 } });
    await assert.rejects(wrong.receive(), /messages must be a list/);
    await Promise.all([page.close(), joe.close()]);
  });
});

test("a trusted proxy tells who comes, and nobody else does", async () => {
  const remotes: string[] = [];
  const onEvent = ({ remote }: HubEvent) => void remotes.push(remote);
  const webSocket = { headers: { Forwarded: "for=192.0.2.7" } };
  for (const trustedProxies of [["loopback"], ["10.0.0.0/8"]]) {
    await using hub = await createHub({ http: "http://127.0.0.1:0", trustedProxies, onEvent });
    const ada = await openSession(webSocketAt(hub.http, "/session"), { encoding: text(), webSocket });
    await heard(ada, /^guide: welcome/);
    await ada.close();
  }
  assert.match(remotes[0] ?? "", /192\.0\.2\.7/);
  assert.match(remotes.at(-1) ?? "", /127\.0\.0\.1/);
});

test("inside TLS there are the same doors, for sessions and for pages", async () => {
  const authority = await Authority.create();
  const tls = await authority.issue("localhost");
  await using hub = await createHub({ endpoints: ["tls://127.0.0.1:0"], http: "https://127.0.0.1:0", tls });
  assert.match(hub.http, /^https:\/\/127\.0\.0\.1:\d+$/);
  const trust = { tls: { ca: authority.cert } };
  const page: Session<unknown, RoomMessage> = await openSession(webSocketAt(hub.http, "/page"), {
    encoding,
    ...trust,
  });
  await told(page, "welcome");
  const bob = await openSession(hub.endpoints[0] ?? "", { encoding: text(), ...trust });
  await heard(bob, /^guide: welcome/);
  await bob.send("in secret");
  assert.equal((await told(page, "said")).text, "in secret");
  page.cutLink();
  await page.send({ type: "say", id: 1, text: "still" });
  await heard(bob, /^guest-1: still$/);
  await Promise.all([page.close(), bob.close()]);
});

test("a drain says so, lets sessions finish, and then there is nobody", async () => {
  const hub = await createHub(everyDoor);
  const page = await pageAt(hub.http);
  await told(page, "welcome");
  // As long as it does not end too, the hub drains.
  const joe = await connect(hub.plain, { framing: lines() });
  await heard(joe, /^guide: welcome/);
  const drained = hub.drain();
  assert.equal((await request(hub.http, "/ready")).status, 503);
  assert.equal((await request(hub.http, "/health")).status, 200);
  assert.equal((await told(page, "note")).text, "the hub is closing; goodbye");
  assert.equal(await page.receive(), undefined);
  await Promise.all([page.close(), joe.close()]);
  assert.deepEqual(await drained, { cut: 0 });
  await assert.rejects(request(hub.http, "/health"));
});

test("a browser at the plain door is shown the way to the page", async () => {
  await using hub = await createHub(everyDoor);
  const { status, body } = await request(hub.plain.replace("tcp", "http"), "/");
  assert.equal(status, 400);
  assert.ok(body.includes(hub.http));
});

test("a hub that cannot open its HTTP door has none open", async () => {
  await using hub = await createHub({ http: "http://127.0.0.1:0" });
  const events: LifecycleEvent[] = [];
  const observer = (event: LifecycleEvent) => void events.push(event);
  await assert.rejects(createHub({ ...everyDoor, http: hub.http, observer }), { code: "ERR_ADDRESS_IN_USE" });
  const listening = events.filter(({ name }) => name === "listening").map(({ id }) => id);
  const closed = events.filter(({ name }) => name === "closed").map(({ id }) => id);
  assert.equal(listening.length, 2);
  assert.ok(listening.every((id) => closed.includes(id)));
});

test("who is refused at the HTTP door is one of the hub's refusals", async () => {
  await using hub = await createHub({ http: "http://127.0.0.1:0" });
  await request(hub.http, "/page", { ...upgradeHeaders, Origin: "https://evil.example" });
  await request(hub.http, "/page", { ...upgradeHeaders, "Sec-WebSocket-Version": "7" });
  assert.equal(hub.stats.refused, 2);
});

test("behind proxies, visitors have their own addresses at each door, and their own places", async () => {
  const remotes: (string | undefined)[] = [];
  const options: HubOptions = {
    ...everyDoor,
    trustedProxies: ["loopback"],
    connectionsPerAddressMax: 1,
    observer: ({ name, remote }) => name === "accepted" && remotes.push(remote),
  };
  const proxyHeader = { version: 2, source: "tcp://192.0.2.7:4711" } as const;
  await using hub = await createHub({ ...options, proxyProtocol: true });
  const [sessions = ""] = hub.endpoints;
  const plain = await connect(hub.plain, { framing: lines(), proxyHeader });
  await heard(plain, /^guide: welcome/);
  const member = await openSession(sessions, { encoding: text(), proxyHeader });
  const page = await openSession(webSocketAt(hub.http, "/page"), { encoding, proxyHeader });
  await told(page, "welcome");
  const names = ["tcp://192.0.2.7:4711", "tcp://192.0.2.7:4711", "ws://192.0.2.7:4711"];
  assert.deepEqual(remotes.splice(0), names);
  for (const full of [sessions, webSocketAt(hub.http, "/page")]) {
    await assert.rejects(openSession(full, { encoding, proxyHeader }));
  }
  await Promise.all([plain.close(), member.close(), page.close()]);

  await using other = await createHub(options);
  const webSocket = { headers: { "X-Forwarded-For": "192.0.2.9" } };
  const where = webSocketAt(other.http, "/page");
  await using first = await openSession(where, { encoding, webSocket });
  await told(first, "welcome");
  assert.deepEqual(remotes, ["ws://192.0.2.9:0"]);
  await assert.rejects(openSession(where, { encoding, webSocket }), { message: /503/ });
  await assert.rejects(createHub({ ...everyDoor, trustedProxies: ["everybody"] }), { name: "UsageError" });
});
