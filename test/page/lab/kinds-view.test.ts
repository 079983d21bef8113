import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { LabEvent } from "../../../src/hub.js";
import { cellsOf, kindsView } from "../../../src/page/lab/kinds-view.js";

suite("numbers as they came", () => {
  const rows: [numbers: number[], last: number, drawn: string][] = [
    [[1, 2, 3], 3, "1 2 3"],
    [[1, 3], 3, "1 -2 3"],
    [[1, 3], 5, "1 -2 3 -4 -5"],
    [[1, 3, 2, 4], 4, "1 3 ~2 4"],
    [[3], 3, "-1 -2 3"],
    [[], 2, "-1 -2"],
    [[2, 5, 4, 1], 5, "2 -3 5 ~4 ~1"],
  ];
  for (const [numbers, last, drawn] of rows) {
    test(`${numbers.join(" ")} of ${last}: ${drawn}`, () => {
      const signs = { arrived: "", late: "~", missing: "-" };
      assert.equal(
        cellsOf(numbers, last)
          .map(({ number, how }) => `${signs[how]}${number}`)
          .join(" "),
        drawn,
      );
    });
  }
});

test("what was sent last is missed only when all is over", () => {
  const events = [
    event("began", { messages: 3, lossPercent: 0, seed: 1 }),
    event("sent", { numbers: [1, 2, 3] }),
    event("arrived", { kind: "tcp", numbers: [1, 2, 3] }),
    event("arrived", { kind: "udp", numbers: [1] }),
    event("arrived", { kind: "udp", numbers: [2] }),
  ];
  assert.deepEqual([kindsView(events).tcp.length, kindsView(events).udp.length], [3, 2]);
  const over = kindsView([...events, event("result", { tcp: {}, udp: {} })]);
  assert.deepEqual(over.udp.at(-1), { number: 3, how: "missing" });
  assert.equal(over.sent, 3);
});

function event(name: string, data: object): LabEvent<"kinds"> {
  return { atMs: 1, who: "lab", event: name, text: "", data } as LabEvent<"kinds">;
}
