import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveMessage, LiveOrder } from "../../../src/hub.js";
import type { Session, SessionStream } from "../../../src/index.js";
import { openLive } from "../../../src/page/live/live-feed.js";
import { fakeLink, until } from "../../support/fake-link.js";
import { snapshotOf } from "../../support/snapshots.js";

let streams = 0;

/** It shows itself once, takes the code 1234, ends the stream for a `disconnect`, and refuses all other orders. */
async function hub(session: Session<unknown, unknown>): Promise<void> {
  for await (const stream of session.streams()) {
    assert.equal(stream.name, "live");
    streams += 1;
    await stream.send(snapshotOf({ at: streams }));
    void obey(stream).catch(() => {});
  }
}

async function obey(stream: SessionStream<unknown, unknown>): Promise<void> {
  const say = (message: LiveMessage) => stream.send(message);
  for await (const heard of stream) {
    const order = heard as LiveOrder;
    if (order.type === "unlock" && order.code === "1234") await say({ type: "done", order: "unlock" });
    else if (order.type === "disconnect") stream.abort("no more of that");
    else await say({ type: "refused", order: order.type, reason: "no" });
  }
}

test("nothing is asked of the hub before somebody looks; then one stream, and orders over it", async () => {
  await using link = await fakeLink(hub);
  const live = openLive(link);
  live.order({ type: "cut", id: 1 });
  live.start();
  live.start();
  await until(live.state, ({ snapshot }) => snapshot !== undefined);
  live.order({ type: "cut", id: 1 });
  await until(live.state, ({ answer }) => answer === "Refused: no");
  live.order({ type: "unlock", code: "1234" });
  await until(live.state, ({ isUnlocked }) => isUnlocked);
});

test("another session is looked at too, and has to be unlocked again", async () => {
  await using link = await fakeLink(hub);
  const live = openLive(link);
  live.start();
  const { snapshot } = await until(live.state, ({ snapshot }) => snapshot !== undefined);
  live.order({ type: "unlock", code: "1234" });
  await until(live.state, ({ isUnlocked }) => isUnlocked);
  await link.next();
  assert.equal(live.state.value.isUnlocked, false);
  await until(live.state, (state) => state.snapshot !== undefined && state.snapshot !== snapshot);
});

test("a stream that the hub ends is asked for again when somebody looks again", async () => {
  await using link = await fakeLink(hub);
  const live = openLive(link);
  live.start();
  const { snapshot } = await until(live.state, ({ snapshot }) => snapshot !== undefined);
  live.order({ type: "disconnect", id: 1 });
  await until(live.state, ({ answer }) => answer === "The hub shows no more: no more of that");
  live.start();
  await until(live.state, (state) => state.snapshot !== snapshot);
});
