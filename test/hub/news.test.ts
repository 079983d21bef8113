// What members are told, in both of its forms.

import assert from "node:assert/strict";
import { test } from "node:test";
import { News } from "../../src/hub/news.js";

test("news has whole lines, and the same as JSON", () => {
  const news = new News({ type: "note", text: "one\ntwo" }, ["guide: one", "guide: two"]);
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(decode(news.lines), "guide: one\nguide: two\n");
  assert.deepEqual(JSON.parse(decode(news.json)), { type: "note", text: "one\ntwo" });
});

test("each form is encoded once", () => {
  const news = new News({ type: "note", text: "one" }, ["one"]);
  assert.equal(news.lines, news.lines);
  assert.equal(news.json, news.json);
});
