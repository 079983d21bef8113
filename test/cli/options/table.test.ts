import assert from "node:assert/strict";
import { test } from "node:test";

import { commandNames } from "../../../src/cli/commands.js";
import type { Option } from "../../../src/cli/options/option.js";
import { options, optionsOf } from "../../../src/cli/options/table.js";
import { formatValue, parseValue } from "../../../src/cli/options/values.js";
import { limits } from "../../../src/index.js";

const rows = Object.entries<Option>(options);

test("no two options of a command share a letter", () => {
  for (const command of commandNames) {
    const letters = optionsOf(command).flatMap(([, { short }]) => (short === undefined ? [] : [short]));
    assert.equal(new Set(letters).size, letters.length, command);
    assert.ok(!letters.includes("h") && !letters.includes("V"), `${command} hides -h or -V`);
  }
});

test("every default is a value of its own kind", () => {
  for (const [name, option] of rows) {
    if (option.default === undefined) continue;
    assert.deepEqual(parseValue(option, formatValue(option, option.default)), option.default, name);
  }
});

test("a default that the library has too is the library's own", () => {
  const { plainQuiet, plainGreeting, lineMax, history, pace, sendBuffer, drain } = options;
  assert.equal(plainQuiet.default, limits.plainQuietMs);
  assert.equal(plainGreeting.default, limits.plainGreetingMs);
  assert.equal(lineMax.default, limits.plainLineBytesMax);
  assert.equal(history.default, limits.roomHistoryMax);
  assert.equal(pace.default, limits.roomPaceBytes);
  assert.equal(sendBuffer.default, limits.sendBufferBytes);
  assert.equal(drain.default, limits.drainMs);
  assert.equal(options.connectionsMax.default, limits.connectionsMax);
  assert.equal(options.connectionsPerAddressMax.default, limits.connectionsPerAddressMax);
  assert.ok(options.timeout.says.endsWith(`(default ${formatValue(options.timeout, limits.timeoutMs)})`));
});

test("every option says what it is for in one line, and serves a command", () => {
  for (const [name, { says, commands, kind, choices }] of rows) {
    assert.match(says, /^[a-z0-9].*[^.]$/, name);
    assert.ok(commands.length > 0, name);
    assert.equal(kind === "choice", choices !== undefined, name);
  }
});

test("a command's options come in the order of the table", () => {
  assert.deepEqual(
    optionsOf("demo").map(([name]) => name),
    ["for", "seed", "json"],
  );
});
