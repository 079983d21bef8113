// What a terminal is told to type next.

import assert from "node:assert/strict";
import { test } from "node:test";
import { invitation } from "../../../../src/cli/commands/hub/invitation.js";

test("a TCP door is reached by nc, by holdfast connect and by a line of Python", () => {
  const text = invitation("tcp://127.0.0.1:4711");
  assert.match(text, /^ {2}nc 127\.0\.0\.1 4711$/m);
  assert.match(text, /^ {2}npx holdfast connect 127\.0\.0\.1 4711$/m);
  assert.match(text, /^ {2}python3 -c ".*\('127\.0\.0\.1', 4711\).*"$/m);
});

test("a door on every interface is reached by loopback from here", () => {
  assert.match(invitation("tcp://*:4711"), /^ {2}nc 127\.0\.0\.1 4711$/m);
  assert.match(invitation("tcp://0.0.0.0:4711"), /^ {2}nc 127\.0\.0\.1 4711$/m);
});

test("a Unix door is reached by its path, and one in memory from nowhere else", () => {
  assert.match(invitation("unix:/tmp/room"), /^ {2}nc -U \/tmp\/room$/m);
  assert.doesNotMatch(invitation("memory:room"), /nc|connect/);
});
