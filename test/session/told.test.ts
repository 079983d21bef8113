import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flow } from "../../src/protocol/session/flow.js";
import { type AtOnce, type Listening, Told } from "../../src/session/told.js";

/** Writes down what it is told, and what it is told at once in capitals. */
function listening(onEvent: (event: string) => void = () => {}) {
  const events: string[] = [];
  const on = (event: string) => {
    events.push(event);
    onEvent(event);
  };
  const atOnce: AtOnce = {
    onOutput: () => on("OUTPUT"),
    onBroken: () => on("BROKEN"),
    onEnding: () => on("ENDING"),
  };
  const listener: Listening = {
    onConfirmed: () => on("confirmed"),
    onOpened: ({ id }) => on(`opened ${id}`),
    onInput: ({ id }) => on(`input ${id}`),
    onProgress: () => on("progress"),
    onGoAway: ({ reason }) => on(`go away: ${reason}`),
    onPeerClosing: (reason) => on(`closing: ${reason}`),
    onBroken: (reason) => on(`broken: ${reason}`),
    onClosed: ({ reason }) => on(`closed: ${reason}`),
  };
  return { told: new Told(atOnce, listener), events };
}

const flow = (id: number) => ({ id }) as Flow;

test("what the machine tells is passed on in order once it has returned; output and cuts at once", () => {
  const { told, events } = listening();
  told.hold();
  told.onConfirmed();
  told.onOpened(flow(1));
  told.onInput(flow(1));
  told.onOutput();
  told.onGoAway({ reason: "soon", retryAfterMs: 0 });
  told.onPeerClosing("done");
  told.onBroken("cut");
  told.onClosed({ by: "remote", code: "closed", reason: "over" });
  assert.deepEqual(events.splice(0), ["OUTPUT", "BROKEN", "ENDING"]);
  told.release();
  const expected = ["confirmed", "opened 1", "input 1", "go away: soon", "closing: done", "broken: cut"];
  assert.deepEqual(events, [...expected, "closed: over"]);
});

test("the same twice in a row is told once", () => {
  const { told, events } = listening();
  told.hold();
  const [one, two] = [flow(1), flow(2)];
  for (const each of [one, one, two, one]) told.onInput(each);
  told.onProgress();
  told.onProgress();
  told.release();
  assert.deepEqual(events, ["input 1", "input 2", "input 1", "progress"]);
});

test("who hears of it may call the machine again: what that tells comes behind", () => {
  const { told, events } = listening((event) => {
    if (event !== "input 1") return;
    told.hold();
    told.onProgress();
    told.release();
  });
  told.hold();
  told.onInput(flow(1));
  told.onInput(flow(2));
  told.release();
  assert.deepEqual(events, ["input 1", "input 2", "progress"]);
});

test("from a call that nobody holds it is passed on at the end of the turn", async () => {
  const { told, events } = listening();
  told.onProgress();
  told.onInput(flow(3));
  assert.deepEqual(events, []);
  await new Promise(setImmediate);
  assert.deepEqual(events, ["progress", "input 3"]);
});
