import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, Failures } from "../../src/session/failures.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";

test("each address may fail so often at once, and so often a second, and costs no other anything", () => {
  const clock = new VirtualClock();
  const failures = new Failures(clock);
  const answered = (address: string, times: number) =>
    Array.from({ length: times }, () => failures.count(address)).filter(Boolean).length;
  assert.equal(answered("one", 100), 64);
  assert.equal(answered("other", 10), 10);
  clock.advance(1_000);
  assert.equal(answered("one", 100), 7, "eight came back, of which the last refusal had used one");
  clock.advance(3_600_000);
  assert.equal(answered("one", 100), 64);
});

test("what is kept of strangers is bounded: the oldest is forgotten", () => {
  const failures = new Failures(new VirtualClock());
  for (let count = 0; count < 64; count += 1) failures.count("first");
  assert.equal(failures.count("first"), false);
  for (let count = 0; count < 4_096; count += 1) failures.count(`address ${count}`);
  assert.equal(failures.count("first"), true);
});

test("an address is a host, whichever port it has and whatever it speaks", () => {
  for (const scheme of ["tcp", "tls", "ws", "wss"]) {
    assert.equal(addressOf(`${scheme}://10.0.0.1:5000`), "10.0.0.1");
    assert.equal(addressOf(`${scheme}://[::1]:5000`), "::1");
  }
  assert.equal(addressOf("unix:/tmp/a.sock"), "unix:/tmp/a.sock");
});
