// The cutter on the loopback, its time held still: what each kind of cut does to those at the two ends.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Cutter } from "../../../src/cli/demo/cutter.js";
import { type Connection, connect, type Listener, lines, listen } from "../../../src/index.js";
import { ManualClock } from "../../support/manual-clock.js";

const deadAfterMs = 100;

class Scene implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly cutter: Cutter;
  readonly #listener: Listener<string>;
  readonly #connections: Connection<string>[] = [];

  constructor(clock: ManualClock, cutter: Cutter, listener: Listener<string>) {
    this.clock = clock;
    this.cutter = cutter;
    this.#listener = listener;
  }

  static async open(): Promise<Scene> {
    const clock = new ManualClock();
    const listener = await listen("tcp://127.0.0.1:0", { framing: lines() });
    const cutter = await Cutter.open(listener.endpoint, { random: () => 0.5, deadAfterMs, clock });
    return new Scene(clock, cutter, listener);
  }

  /** A client and the server's end of its link, which has carried a line each way. */
  async dial(): Promise<{ readonly client: Connection<string>; readonly server: Connection<string> }> {
    const client = await connect(this.cutter.endpoint, { framing: lines() });
    const server = await this.#listener.accept();
    assert.ok(server !== undefined);
    this.#connections.push(client, server);
    await client.send("ready?");
    assert.equal(await server.receive(), "ready?");
    await server.send("ready");
    assert.equal(await client.receive(), "ready");
    return { client, server };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.abort();
    await this.cutter.close();
    await this.#listener.close();
  }
}

const reset = { code: "ERR_CONNECTION_RESET" };

test("whoever dials has a link of its own", async () => {
  await using scene = await Scene.open();
  const { cutter } = scene;
  assert.equal(cutter.live, 0);
  const one = await scene.dial();
  const other = await scene.dial();
  assert.equal(cutter.live, 2);
  await Promise.all([one.client.close(), one.server.close()]);
  await other.client.send("still here");
  assert.equal(await other.server.receive(), "still here");
  assert.equal(cutter.live, 1);
});

test("nothing is cut where nothing is live, and nothing is cut twice", async () => {
  await using scene = await Scene.open();
  const { cutter } = scene;
  assert.equal(cutter.cut("reset"), 0);
  await scene.dial();
  await scene.dial();
  assert.equal(cutter.cut("half-open"), 2);
  assert.equal(cutter.cut("reset"), 0);
  await scene.dial();
  assert.equal(cutter.cut("close"), 1);
  assert.deepEqual(cutter.counts, { reset: 0, close: 1, "half-open": 2, zombie: 0 });
  assert.equal(cutter.total, 3);
});

test("a server that refuses is refused to the dialler", async () => {
  const gone = await listen("tcp://127.0.0.1:0");
  await gone.close();
  await using cutter = await Cutter.open(gone.endpoint, { random: () => 0.5, deadAfterMs });
  const client = await connect(cutter.endpoint);
  await assert.rejects(client.receive(), reset);
});

test("closing it resets every link", async () => {
  await using scene = await Scene.open();
  const { client, server } = await scene.dial();
  scene.cutter.cut("zombie");
  await scene.cutter.close();
  for (const side of [client, server]) await assert.rejects(side.receive(), reset);
  assert.equal(scene.clock.pending, 0);
  await scene.cutter.settled();
});

suite("each kind", () => {
  test("reset: both sides see a reset", async () => {
    await using scene = await Scene.open();
    const { client, server } = await scene.dial();
    scene.cutter.cut("reset");
    for (const side of [client, server]) await assert.rejects(side.receive(), reset);
  });

  test("close: a message is torn, and both sides see an orderly end", async () => {
    await using scene = await Scene.open();
    const { client, server } = await scene.dial();
    scene.cutter.cut("close");
    await client.send("a message that will be torn");
    assert.equal(await server.receive(), "a message that", "lines() hands out an unfinished last line");
    assert.equal(await server.receive(), undefined);
    assert.equal(await client.receive(), undefined);
  });

  test("close: without a message to tear it is an end all the same", async () => {
    await using scene = await Scene.open();
    const { client, server } = await scene.dial();
    scene.cutter.cut("close");
    scene.clock.advance(deadAfterMs);
    for (const side of [client, server]) assert.equal(await side.receive(), undefined);
  });

  test("half-open: silence, for longer than a heartbeat waits; then a reset", async () => {
    await using scene = await Scene.open();
    const { client, server } = await scene.dial();
    scene.cutter.cut("half-open");
    await client.send("lost");
    scene.clock.advance(deadAfterMs * 1.4);
    // Another link shows that this one was not merely slow.
    const other = await scene.dial();
    assert.equal(server.stats.messagesReceived, 1);
    const settled = scene.cutter.settled();
    scene.clock.advance(deadAfterMs * 0.1);
    for (const side of [client, server]) await assert.rejects(side.receive(), reset);
    await settled;
    await other.client.send("unharmed");
    assert.equal(await other.server.receive(), "unharmed");
  });

  test("zombie: what the old link held comes late, when the client has long gone elsewhere; then a reset", async () => {
    await using scene = await Scene.open();
    const old = await scene.dial();
    scene.cutter.cut("zombie");
    await old.client.send("before the way up fails");
    assert.equal(await old.server.receive(), "before the way up fails");
    scene.clock.advance(deadAfterMs / 2);
    await old.client.send("held");
    scene.clock.advance(deadAfterMs / 2);
    const next = await scene.dial();
    await old.client.end();
    assert.equal(old.server.stats.messagesReceived, 2);
    scene.clock.advance(deadAfterMs / 2);
    assert.equal(await old.server.receive(), "held");
    scene.clock.advance(deadAfterMs);
    await scene.cutter.settled();
    await old.server.closed;
    await next.client.send("unharmed");
    assert.equal(await next.server.receive(), "unharmed");
  });
});
