// A session between a page in Chromium and a server, while its links are cut in every way that there is.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { certificates } from "../support/certificates.js";
import { needsChromium, useChromium } from "../support/chromium.js";
import { begin, count, cutInPage, finish, stop } from "./in-page.js";
import { load, openScene } from "./scene.js";

/** Half-open links are noticed soon, so that many fit in a test. */
const heartbeat = { pingAfterMs: 150, deadAfterMs: 600 };

suite("a session of a page", needsChromium, () => {
  const chromium = useChromium();

  for (const scheme of ["ws", "wss"] as const) {
    test(`over ${scheme}:// loses nothing, doubles nothing and changes no order over 100 cuts`, async (t) => {
      const certificate = scheme === "wss" ? (await certificates()).server : undefined;
      await using scene = await openScene({ heartbeat, ...(certificate && { certificate }) });
      const page = await chromium.page({ ignoreHTTPSErrors: true });
      await load(page, scene.url);
      const [served] = await Promise.all([
        scene.next(),
        page.evaluate(begin, { endpoint: scene.endpoint, heartbeat }),
      ]);

      const heard = { received: 0, wrong: [] as string[] };
      const listening = (async () => {
        for await (const number of served) {
          if (number < 0) return;
          if (number !== heard.received) heard.wrong.push(`${number} instead of ${heard.received}`);
          heard.received += 1;
        }
      })();
      let sent = 0;
      let isOver = false;
      const counting = (async () => {
        while (!isOver) {
          for (let few = 0; few < 3; few += 1, sent += 1) await served.send(sent);
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        await served.send(-1);
      })();
      const pageCounting = page.evaluate(count);

      const ways = [() => scene.relay.cut(), () => served.cutLink(), () => page.evaluate(cutInPage)];
      for (let cut = 1; cut <= 100; cut += 1) {
        const { links } = served.stats;
        if (cut % 10 === 0) scene.relay.silence();
        else await ways[cut % ways.length]?.();
        for await (const { name } of served.states())
          if (name === "open" && served.stats.links > links) break;
      }
      isOver = true;
      await page.evaluate(stop);
      await Promise.all([counting, pageCounting, listening]);
      const there = await page.evaluate(finish);
      const { links } = served.stats;
      t.diagnostic(`${sent} to the page and ${there.sent} from it, over ${links} links`);
      assert.deepEqual([there.wrong, heard.wrong], [[], []]);
      assert.deepEqual([there.received, heard.received], [sent, there.sent]);
      assert.ok(links > 100, `${links} links`);
    });
  }
});
