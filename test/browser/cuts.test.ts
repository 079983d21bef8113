// A session between a page in Chromium and a server, while its links are cut in every way that there is.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { certificates } from "../support/certificates.js";
import { needsChromium, useChromium } from "../support/chromium.js";
import { Counting, cutOften, hasty } from "../support/counting.js";
import { begin, count, cutInPage, finish, stop } from "./in-page.js";
import { load, openScene } from "./scene.js";

suite("a session of a page", needsChromium, () => {
  const chromium = useChromium();

  for (const scheme of ["ws", "wss"] as const) {
    test(`over ${scheme}:// loses nothing, doubles nothing and changes no order over 100 cuts`, async (t) => {
      const certificate = scheme === "wss" ? (await certificates()).server : undefined;
      await using scene = await openScene({ heartbeat: hasty, ...(certificate && { certificate }) });
      const page = await chromium.page({ ignoreHTTPSErrors: true });
      await load(page, scene.url);
      const [served] = await Promise.all([
        scene.next(),
        page.evaluate(begin, { endpoint: scene.endpoint, heartbeat: hasty }),
      ]);

      const there = new Counting(served);
      const pageCounting = page.evaluate(count);
      await cutOften(100, scene.relay, served, () => page.evaluate(cutInPage));
      await page.evaluate(stop);
      await Promise.all([there.finish(), pageCounting]);
      const here = await page.evaluate(finish);
      const { links } = served.stats;
      t.diagnostic(`${there.sent} to the page and ${here.sent} from it, over ${links} links`);
      assert.deepEqual([here.wrong, there.wrong], [[], []]);
      assert.deepEqual([here.received, there.received], [there.sent, here.sent]);
      assert.ok(links > 100, `${links} links`);
    });
  }
});
