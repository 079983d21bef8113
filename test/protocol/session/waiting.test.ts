// Who waits for credit or room, and in which order they go.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Flow } from "../../../src/protocol/session/flow.js";
import { frameTypes } from "../../../src/protocol/session/frames.js";
import { WaitingRoom, type WaitingSend } from "../../../src/protocol/session/waiting.js";

const none = new Uint8Array(0);

function flowOf(id: number, allowedByPeer = 1_000): Flow {
  return new Flow({ id, name: "", metadata: undefined, isOurs: true, allowedByPeer, allowedToPeer: 0 });
}

function message(flow: Flow, bytes = 100, onFailed: (error: Error) => void = () => {}): WaitingSend {
  const second = new Uint8Array(bytes);
  const { data } = frameTypes;
  return { flow, type: data, first: none, second, messageBytes: bytes, onTaken: () => {}, onFailed };
}

function end(flow: Flow): WaitingSend {
  const { end: type } = frameTypes;
  const onTaken = () => {};
  return { flow, type, first: none, second: none, messageBytes: undefined, onTaken, onFailed: onTaken };
}

function drain(room: WaitingRoom): WaitingSend[] {
  const taken: WaitingSend[] = [];
  for (let send = room.shift(); send !== undefined; send = room.shift()) taken.push(send);
  return taken;
}

test("room goes to whoever came first, among streams and within one", () => {
  const room = new WaitingRoom();
  const [one, other] = [flowOf(1), flowOf(3)];
  const sends = [message(one), message(other), message(one), message(other)];
  for (const send of sends) room.add(send);
  assert.equal(room.size, 4);
  assert.equal(room.first, sends[0]);
  assert.deepEqual(drain(room), sends);
  assert.equal(room.size, 0);
  assert.equal(room.first, undefined);
});

test("who has no credit holds up nobody, and keeps the place it came at", () => {
  const room = new WaitingRoom();
  const [poor, rich] = [flowOf(1, 64), flowOf(3)];
  const [first, second] = [message(poor, 64), message(rich)];
  poor.spend(64);
  room.add(first);
  assert.ok(!room.isForRoom);
  room.add(second);
  assert.ok(room.isForRoom);
  assert.equal(room.first, second);
  poor.allow(128, 1);
  room.consider(poor);
  assert.equal(room.first, first);
  room.consider(poor);
  assert.deepEqual(drain(room), [first, second]);
});

test("END needs no room, so it passes by whoever waits for some, but not its own stream's messages", () => {
  const room = new WaitingRoom();
  const [one, other] = [flowOf(1), flowOf(3)];
  const [large, last, small] = [message(one), end(one), message(other)];
  room.add(large);
  room.add(last);
  room.add(small);
  const passing = end(flowOf(5));
  room.add(passing);
  assert.deepEqual(drain(room), [passing, large, last, small]);
});

test("a send that is wanted no more leaves, and the next of its stream takes its turn", () => {
  const room = new WaitingRoom();
  const [one, other] = [flowOf(1), flowOf(3)];
  const [first, second, third] = [message(one), message(other), message(one)];
  for (const send of [first, second, third]) room.add(send);
  assert.ok(room.remove(first));
  assert.ok(!room.remove(first));
  assert.equal(room.size, 2);
  assert.deepEqual(drain(room), [second, third]);
});

test("a stream that is aborted fails all of its sends, in order", () => {
  const room = new WaitingRoom();
  const failed: string[] = [];
  const [one, other] = [flowOf(1), flowOf(3)];
  room.add(message(one, 100, ({ message: why }) => failed.push(`first: ${why}`)));
  room.add(message(other));
  room.add(message(one, 100, ({ message: why }) => failed.push(`second: ${why}`)));
  room.fail(one, new Error("aborted"));
  assert.deepEqual(failed, ["first: aborted", "second: aborted"]);
  assert.equal(room.size, 1);
  assert.equal(room.first?.flow, other);
});
