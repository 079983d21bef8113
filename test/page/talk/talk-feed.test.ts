import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { PageMessage, RoomMessage } from "../../../src/hub.js";
import type { Session } from "../../../src/index.js";
import { became, begun, ended, opening } from "../../../src/page/link/link-state.js";
import { linkLine, openTalk } from "../../../src/page/talk/talk-feed.js";
import { quiet } from "../../../src/page/talk/talk-state.js";
import { fakeLink, until } from "../../support/fake-link.js";

/** A room of one: it says everything back, and takes every name. */
async function room(session: Session<unknown, unknown>): Promise<void> {
  const say = (message: RoomMessage) => session.send(message);
  await say({ type: "welcome", name: "guest-1", members: [], membersTotal: 1, history: [], n: 0 });
  let n = 0;
  for await (const heard of session) {
    const message = heard as PageMessage;
    if (message.type === "name") {
      await say({ type: "renamed", from: "guest-1", to: message.name });
      continue;
    }
    // What it never says back.
    if (message.text === "swallow this") continue;
    n += 1;
    await say({ type: "said", n, from: "guest-1", text: message.text, id: message.id });
  }
}

test("what is said comes back, and a name is asked for", async () => {
  await using link = await fakeLink(room);
  const talk = openTalk(link);
  await link.next();
  await until(talk.state, ({ name }) => name === "guest-1");
  talk.say("one");
  talk.say("two");
  talk.rename("ada");
  const state = await until(talk.state, ({ name }) => name === "ada");
  assert.deepEqual([state.sent, state.arrived, state.lost, state.pending.length], [2, 2, 0, 0]);
});

test("what had not come back when the session ended is lost, and ids go on", async () => {
  await using link = await fakeLink(room);
  const talk = openTalk(link);
  await link.next();
  talk.say("swallow this");
  await link.next();
  await until(talk.state, ({ name }) => name === "guest-1");
  talk.say("after that");
  const state = await until(talk.state, ({ arrived }) => arrived === 1);
  assert.deepEqual([state.sent, state.arrived, state.lost], [2, 1, 1]);
});

test("without a session nothing is sent, and nothing fails", async () => {
  await using link = await fakeLink(room);
  link.session.set(undefined);
  openTalk(link).rename("ada");
});

suite("the room's lines about the link", () => {
  const open = begun(opening(0), 0);
  const down = became(open, { name: "resuming" }, 100);
  const back = became(down, { name: "open" }, 112);

  test("a cut, and the way back with nothing lost", () => {
    assert.equal(linkLine(open, down, quiet), "Your link is cut.");
    assert.equal(linkLine(down, back, quiet), "Back after 12 ms, the same session, 0 lost.");
    assert.match(linkLine(down, back, { ...quiet, lost: 1, holes: 2 }) ?? "", /3 lost so far/);
  });

  test("the end of a session, and the next one", () => {
    const over = ended(down, "expired", 200);
    assert.equal(linkLine(down, over, quiet), "The session has ended.");
    assert.equal(linkLine(over, begun(over, 300), quiet), "A new session has begun.");
  });

  test("nothing for what is no news", () => {
    assert.equal(linkLine(opening(0), open, quiet), undefined);
    assert.equal(linkLine(open, became(open, { name: "draining" }, 5), quiet), undefined);
  });
});
