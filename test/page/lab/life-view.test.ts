import assert from "node:assert/strict";
import { test } from "node:test";
import { type LabEvent, type LifeSides, lifeSteps, type SocketView } from "../../../src/hub.js";
import { lifeView, stateWords, stations, stepWords } from "../../../src/page/lab/life-view.js";

const view = (state: SocketView["state"]): SocketView => ({ state, kernel: "LISTEN", local: "127.0.0.1:1" });
const sides = (client: SocketView["state"]): LifeSides => ({
  listener: view("listening"),
  client: view(client),
  server: view("none"),
});

test("the newest event says how the sockets stand", () => {
  const events = [
    event("began", { sides: sides("none") }),
    event("happened", { step: "connect", sides: sides("open") }),
  ];
  assert.equal(lifeView(events).sides.client.state, "open");
  assert.equal(lifeView([]).sides.client.state, "none");
});

test("what cannot be done is said until something else is", () => {
  const refused = event("refused", { step: "connect", sides: sides("none") }, "nobody listens yet");
  assert.equal(lifeView([refused]).refused, "nobody listens yet");
  assert.equal(lifeView([refused, event("ended", { sides: sides("none") })]).refused, undefined);
});

test("a backlog is kept beside the sides", () => {
  const backlog = { backlog: 1, tried: 4, open: 2, unanswered: 2, kernel: {}, queued: 2 };
  const events = [event("happened", { step: "listen", sides: sides("open") }), event("backlog", backlog)];
  assert.deepEqual(lifeView(events).backlog, backlog);
  assert.equal(lifeView(events).sides.client.state, "open");
});

test("every state has words and a station, and every step a name", () => {
  const known = new Set(Object.values(stations).flat(2));
  assert.deepEqual(
    Object.keys(stateWords).filter((state) => !known.has(state as SocketView["state"])),
    [],
  );
  assert.deepEqual(Object.keys(stepWords).sort(), [...lifeSteps].sort());
});

function event(name: string, data: object, text = ""): LabEvent<"life"> {
  return { atMs: 1, who: "lab", event: name, text, data } as LabEvent<"life">;
}
