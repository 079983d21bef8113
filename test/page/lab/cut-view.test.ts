import assert from "node:assert/strict";
import { test } from "node:test";
import type { LabEvent } from "../../../src/hub.js";
import { cutView, total } from "../../../src/page/lab/cut-view.js";

test("each road is whole, silent or broken as its events say", () => {
  const steps: [name: string, data: object, roads: [session: string, plain: string]][] = [
    ["began", {}, ["whole", "whole"]],
    ["silent", { on: "session", at: 5 }, ["silent", "whole"]],
    ["silent", { on: "plain", at: 5 }, ["silent", "silent"]],
    ["resuming", { reason: "no answer" }, ["broken", "silent"]],
    ["cut", { on: "plain", how: "reset", droppedBytes: 9 }, ["broken", "broken"]],
    ["resumed", { link: 2 }, ["whole", "broken"]],
    ["redialled", { connection: 2 }, ["whole", "whole"]],
    ["lost", { reason: "reset" }, ["whole", "broken"]],
  ];
  const events: LabEvent<"cut">[] = [];
  for (const [name, data, [session, plain]] of steps) {
    events.push(event(name, data));
    assert.deepEqual(cutView(events).roads, { session, plain }, name);
  }
});

test("the newest numbers count, and the result is the sum of both ways", () => {
  const score = { sent: 10, arrived: 9, lost: 1, doubled: 2 };
  const result = {
    session: { up: score, down: score, links: 2 },
    plain: { up: score, down: score, links: 1 },
  };
  const view = cutView([event("counts", { a: 1 }), event("counts", { a: 2 }), event("result", result)]);
  assert.deepEqual(view.counts as unknown, { a: 2 });
  assert.ok(view.result !== undefined);
  assert.deepEqual(total(view.result.plain), { sent: 20, arrived: 18, lost: 2, doubled: 4 });
});

function event(name: string, data: object): LabEvent<"cut"> {
  return { atMs: 1, who: "lab", event: name, text: "", data } as LabEvent<"cut">;
}
