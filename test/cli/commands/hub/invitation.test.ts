// What a terminal is told to type next.

import assert from "node:assert/strict";
import { test } from "node:test";
import { invitation } from "../../../../src/cli/commands/hub/invitation.js";

const plainly = (plain: string) => invitation({ plain, endpoints: [], http: "" });
const bySession = (...endpoints: string[]) => invitation({ plain: "", endpoints, http: "" });

test("a TCP door is reached by nc, by holdfast connect and by a line of Python", () => {
  const text = plainly("tcp://127.0.0.1:4711");
  assert.match(text, /^ {2}nc 127\.0\.0\.1 4711$/m);
  assert.match(text, /^ {2}npx holdfast connect 127\.0\.0\.1 4711$/m);
  assert.match(text, /^ {2}python3 -c ".*\('127\.0\.0\.1', 4711\).*"$/m);
  assert.doesNotMatch(text, /chat/);
});

test("a door on every interface is reached by loopback from here", () => {
  assert.match(plainly("tcp://*:4711"), /^ {2}nc 127\.0\.0\.1 4711$/m);
  assert.match(plainly("tcp://0.0.0.0:4711"), /^ {2}nc 127\.0\.0\.1 4711$/m);
  assert.match(bySession("tcp://*:4711"), /^ {2}npx holdfast chat tcp:\/\/127\.0\.0\.1:4711$/m);
});

test("a Unix door is reached by its path, and one in memory from nowhere else", () => {
  assert.match(plainly("unix:/tmp/room"), /^ {2}nc -U \/tmp\/room$/m);
  assert.doesNotMatch(plainly("memory:room"), /nc|connect/);
});

test("a door for sessions is reached by holdfast chat, which knows the usual one", () => {
  assert.match(bySession("tcp://127.0.0.1:12346"), /^ {2}npx holdfast chat$/m);
  assert.match(bySession("unix:/tmp/a", "unix:/tmp/b"), /^ {2}npx holdfast chat unix:\/tmp\/a$/m);
  assert.match(bySession("tcp://[::1]:4711"), /^ {2}npx holdfast chat tcp:\/\/\[::1\]:4711$/m);
});

test("a browser's door is a URL, and the admin code stands beside it if it was made for this run", () => {
  const text = invitation({ plain: "", endpoints: [], http: "http://*:4711" }, "made-up-code-of-16");
  assert.match(text, /^ {2}http:\/\/127\.0\.0\.1:4711$/m);
  assert.match(text, /admin code.*: made-up-code-of-16$/m);
  assert.doesNotMatch(text, /terminal/);
  assert.doesNotMatch(invitation({ plain: "", endpoints: [], http: "http://127.0.0.1:1" }), /admin/);
});

test("the page comes first, since it shows most for least", () => {
  const text = invitation({ plain: "tcp://127.0.0.1:1", endpoints: [], http: "http://127.0.0.1:2" });
  assert.ok(text.indexOf("http://127.0.0.1:2") < text.indexOf("nc 127.0.0.1 1"));
});
