// The browser that the other files here use, and what they rely on.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsChromium, useChromium } from "../support/chromium.js";

suite("Chromium", needsChromium, () => {
  const chromium = useChromium();

  test("runs scripts in a page", async () => {
    const page = await chromium.page();
    assert.equal(await page.evaluate(() => typeof WebSocket), "function");
  });

  test("gives each page a profile of its own, and closes it behind its test", async () => {
    const [one, other] = [await chromium.page(), await chromium.page()];
    assert.notEqual(one.context(), other.context());
  });
});
