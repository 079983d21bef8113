import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  became,
  begun,
  ended,
  linkBadge,
  linkWords,
  opening,
  pageEndpoint,
  refused,
} from "../../../src/page/link/link-state.js";

test("the page's session is where the page came from", () => {
  const at = (url: string) => pageEndpoint(new URL(url));
  assert.equal(at("http://127.0.0.1:12380/"), "ws://127.0.0.1:12380/page");
  assert.equal(at("https://hub.example/index.html#lab"), "wss://hub.example/page");
  assert.equal(at("https://example.com/our/hub/"), "wss://example.com/our/hub/page");
});

suite("a link in plain words", () => {
  const open = begun(opening(0), 100);

  test("before it is there", () => {
    assert.equal(linkWords(opening(0), 50), "Connecting to the hub…");
    assert.equal(linkBadge(opening(0), 50), "connecting");
  });

  test("while it is there", () => {
    assert.equal(linkWords(open, 200), "Linked to the hub.");
    assert.equal(linkBadge(open, 200), "linked");
  });

  test("while it is down, with the time that it has been", () => {
    const down = became(open, { name: "resuming", why: "cut here" }, 1_000);
    assert.match(linkWords(down, 3_300), /^The link is down for 2\.3 s\. What you write waits here/);
    assert.equal(linkBadge(down, 3_300), "down 2.3 s");
    assert.equal(down.breaks, 1);
    const still = became(down, { name: "resuming", why: "unreachable" }, 2_000);
    assert.deepEqual([still.breaks, still.since, still.why], [1, 1_000, "unreachable"]);
  });

  test("once it is back: the same session", () => {
    const down = became(open, { name: "resuming" }, 1_000);
    const back = became(down, { name: "open" }, 1_012);
    assert.equal(back.lastDownMs, 12);
    assert.equal(linkWords(back, 5_000), "Linked again, 12 ms after the cut. The same session goes on.");
  });

  test("when the hub is about to close", () => {
    const draining = became(open, { name: "draining" }, 300);
    assert.equal(linkWords(draining, 300), "The hub is about to close.");
    assert.equal(linkBadge(draining, 300), "closing");
  });

  test("when the session has expired, and another one begins", () => {
    const over = ended(became(open, { name: "closed" }, 5_000), "expired", 5_000);
    assert.equal(linkWords(over, 6_000), "The session has ended. Opening a new one…");
    const next = begun(over, 7_000);
    assert.equal(next.sessions, 2);
    assert.equal(linkWords(next, 7_000), "Linked, by a new session.");
  });

  test("when the hub does not want it", () => {
    const no = refused(opening(0), "too many", 10);
    assert.equal(linkWords(no, 10), "The hub refuses this page: too many");
    assert.equal(linkBadge(no, 10), "refused");
  });
});
