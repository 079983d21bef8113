// The policy of bounds: each one is documented with its value, its reason and its worst case, and they fit together.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { type LimitName, limits } from "../../src/core/limits.js";

/** The rows of every table in docs/LIMITS.md whose first cell is a name in code marks. */
const rows = readFileSync("docs/LIMITS.md", "utf8")
  .split("\n")
  .map((line) => /^\| `(\w+)` \|(.*)\|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, name = "", rest = ""]) => ({ name, cells: rest.split("|").map((cell) => cell.trim()) }));

suite("docs/LIMITS.md", () => {
  test("has one row for each limit, in the order of the source, and no other", () => {
    assert.deepEqual(
      rows.map((row) => row.name),
      Object.keys(limits),
    );
  });

  for (const { name, cells } of rows) {
    test(`gives ${name} with its value, its reason and its worst case`, () => {
      const [value = "", reason = "", worstCase = ""] = cells;
      const [number = ""] = /^[\d,]+/.exec(value) ?? [];
      assert.equal(Number(number.replaceAll(",", "")), limits[name as LimitName]);
      assert.match(value, name.endsWith("Ms") ? / ms\b/ : /^[\d,]+/);
      assert.ok(reason.length >= 20, `a reason is a sentence, not "${reason}"`);
      assert.ok(worstCase.length > 0, "what it costs at worst");
    });
  }
});

suite("the limits fit together", () => {
  const relations: [name: string, holds: boolean][] = [
    ["a frame's length fits a four-byte prefix", limits.frameBytesMax < 2 ** 32],
    ["a datagram fits UDP's two-byte length", limits.datagramBytesMax <= 2 ** 16],
    ["retries begin no slower than they end", limits.retryBaseMs <= limits.retryMaxMs],
    ["one read does not overfill what may wait unread", limits.readBytesMax <= limits.receiveBufferBytes],
    [
      "the datagram queue holds at least one datagram of any size",
      limits.datagramBytesMax <= limits.datagramQueueBytes,
    ],
    ["a second address gets its chance within one attempt", limits.addressDelayMs < limits.timeoutMs],
    ["a drain gives the last connection time to linger", limits.lingerMs <= limits.drainMs],
    ["the reserve is small beside the connections", limits.descriptorReserve < limits.connectionsMax],
    ["the kernel takes the backlog as it is", limits.backlog < 2 ** 16],
    [
      "timers take every time",
      Object.entries(limits).every(([name, value]) => !name.endsWith("Ms") || value < 2 ** 31),
    ],
  ];
  for (const [name, holds] of relations) test(name, () => assert.ok(holds));
});

/** Where 0 is the default and means "no bound": the reasons stand in docs/LIMITS.md. */
const off = ["connectionsPerAddressMax", "idleTimeoutMs"];

test("every limit is a whole number, bounds something unless it says why not, and has its unit last", () => {
  for (const [name, value] of Object.entries(limits)) {
    assert.ok(Number.isSafeInteger(value) && (value > 0 || off.includes(name)), name);
    assert.match(name, /(?:Bytes|BytesMax|Ms|Max|Reserve|backlog)$/);
  }
});
