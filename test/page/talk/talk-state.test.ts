import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { RoomMessage } from "../../../src/hub.js";
import {
  heard,
  isSaid,
  linesMax,
  linkSaid,
  quiet,
  renewed,
  said,
  type TalkState,
} from "../../../src/page/talk/talk-state.js";

const welcome: RoomMessage = {
  type: "welcome",
  name: "guest-1",
  members: ["ada"],
  membersTotal: 2,
  history: [{ n: 7, from: "ada", text: "anybody?" }],
  n: 7,
};
const here = heard(quiet, welcome);

test("who comes is told its name, who else is here, and what was said", () => {
  assert.equal(here.name, "guest-1");
  assert.deepEqual([here.members, here.membersTotal], [["ada"], 2]);
  assert.deepEqual(texts(here), ["ada: anybody?"]);
  assert.deepEqual(account(here), { sent: 0, pending: 0, arrived: 0, lost: 0 });
});

suite("what this page says", () => {
  test("is on its way until it comes back with its id", () => {
    const saying = said(here, { id: 1, text: "hello" });
    assert.deepEqual(account(saying), { sent: 1, pending: 1, arrived: 0, lost: 0 });
    const back = heard(saying, { type: "said", n: 8, from: "guest-1", text: "hello", id: 1 });
    assert.deepEqual(account(back), { sent: 1, pending: 0, arrived: 1, lost: 0 });
    assert.deepEqual(back.lines.filter((line) => line.kind === "said" && line.isMine).length, 1);
  });

  test("is lost if the session ends before", () => {
    const over = renewed(said(said(here, { id: 1, text: "one" }), { id: 2, text: "two" }));
    assert.deepEqual(account(over), { sent: 2, pending: 0, arrived: 0, lost: 2 });
    assert.deepEqual(texts(over).slice(-2), ["lost: one", "lost: two"]);
  });

  test("is not counted if it asks the guide", () => {
    const asked = said(here, { id: 1, text: "/who" });
    assert.deepEqual(account(asked), { sent: 0, pending: 0, arrived: 0, lost: 0 });
    assert.deepEqual(texts(heard(asked, { type: "note", text: "2 here", id: 1 })).slice(-2), [
      "note: /who",
      "note: 2 here",
    ]);
    assert.deepEqual([isSaid("/who"), isSaid("//who"), isSaid("who")], [false, true, true]);
  });

  test("is not counted if the room refuses it, which it says", () => {
    const refused = heard(said(here, { id: 4, text: "x" }), { type: "note", text: "too long", id: 4 });
    assert.deepEqual(account(refused), { sent: 0, pending: 0, arrived: 0, lost: 0 });
  });
});

suite("what the room says", () => {
  const say = (state: TalkState, n: number) => heard(state, { type: "said", n, from: "ada", text: `${n}` });

  test("is counted by its numbers", () => {
    const state = say(say(here, 8), 9);
    assert.deepEqual([state.heard, state.holes, state.doubles], [2, 0, 0]);
  });

  test("is seen to have a hole", () => {
    assert.equal(say(here, 11).holes, 3);
  });

  test("is shown once, and counted as a double the next time", () => {
    const state = say(say(here, 8), 8);
    assert.equal(state.doubles, 1);
    assert.equal(texts(state).length, 2);
  });

  test("is shown as it came while we were away, if there is another session", () => {
    const history = [7, 8, 9].map((n) => ({ n, from: "ada", text: `${n}` }));
    const state = heard(renewed(here), { ...welcome, name: "guest-2", history, n: 9 });
    assert.deepEqual(texts(state), ["ada: anybody?", "ada: 8", "ada: 9"]);
    assert.equal(state.name, "guest-2");
    assert.deepEqual([say(state, 10).holes, say(state, 10).doubles], [0, 0]);
  });

  test("counts anew if the hub has started anew", () => {
    const state = heard(here, { ...welcome, history: [{ n: 1, from: "bob", text: "first" }], n: 1 });
    assert.deepEqual(texts(state), ["ada: anybody?", "bob: first"]);
    assert.equal(say(state, 2).holes, 0);
  });

  test("is let go when it is old", () => {
    let state = here;
    for (let n = 8; n < 8 + linesMax; n += 1) state = say(state, n);
    assert.equal(state.lines.length, linesMax);
    assert.equal(new Set(state.lines.map(({ key }) => key)).size, linesMax);
  });
});

test("people come, go and change their names", () => {
  let state = heard(here, { type: "joined", name: "bob", membersTotal: 3 });
  state = heard(state, { type: "renamed", from: "bob", to: "rob" });
  state = heard(state, { type: "renamed", from: "guest-1", to: "eve" });
  state = heard(state, { type: "left", name: "ada", membersTotal: 2, reason: "reset" });
  state = heard(state, { type: "left", name: "nobody", membersTotal: 2 });
  assert.deepEqual([state.name, state.members, state.membersTotal], ["eve", ["rob"], 2]);
  assert.deepEqual(texts(linkSaid(state, "cut")).slice(1), [
    "notice: bob joined",
    "notice: bob is now rob",
    "notice: guest-1 is now eve",
    "notice: ada left: reset",
    "notice: nobody left",
    "link: cut",
  ]);
});

function texts({ lines }: TalkState): string[] {
  return lines.map((line) => `${line.kind === "said" ? line.from : line.kind}: ${line.text}`);
}

function account({ sent, pending, arrived, lost }: TalkState) {
  return { sent, pending: pending.length, arrived, lost };
}
