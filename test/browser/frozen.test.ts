// A page that the browser freezes, as it does with tabs that nobody looks at: nothing in it runs, not even a PONG.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type * as client from "../../src/client-browser.js";
import { freeze, useBareChromium } from "../support/bare-chromium.js";
import { needsChromium } from "../support/chromium.js";
import { begin, finish } from "./in-page.js";
import { load, openScene } from "./scene.js";

declare const holdfast: typeof client;
declare const seen: { previous: (string | null)[]; numbers: number[] };

suite("a page that is", needsChromium, () => {
  const chromium = useBareChromium();

  test("frozen for 30 s has every message once it is thawed", async () => {
    await using scene = await openScene();
    const page = await chromium.page();
    await load(page, scene.url);
    const { endpoint } = scene;
    const [served] = await Promise.all([scene.next(), page.evaluate(begin, { endpoint })]);
    const { thaw } = await freeze(page);
    // The one wait for its own sake: the server gives the link up meanwhile, after 15 s.
    for (let second = 0; second < 30; second += 1) {
      await served.send(second);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    assert.equal(served.state.name, "resuming");
    await served.send(-1);
    await thaw();
    const { received, wrong } = await page.evaluate(finish);
    assert.deepEqual([received, wrong], [30, []]);
    assert.equal(served.stats.links, 2);
  });

  test("frozen for longer than its session is kept goes on with the next, and says what became of the one before", async () => {
    await using scene = await openScene({
      sessionTtlMs: 2_000,
      heartbeat: { pingAfterMs: 200, deadAfterMs: 800 },
    });
    const page = await chromium.page();
    await load(page, scene.url);
    await page.evaluate(keep, scene.endpoint);
    const first = await scene.next();
    await first.send(1);
    await first.flush();
    const { thaw } = await freeze(page);
    await first.send(2);
    const { error, unacknowledged } = await first.closed;
    assert.equal((error as { code?: string } | undefined)?.code, "ERR_SESSION_EXPIRED");
    assert.equal(unacknowledged.messages, 1);
    await thaw();
    const second = await scene.next();
    await second.send(3);
    await second.flush();
    await page.waitForFunction("seen.numbers.includes(3)");
    const { previous, numbers } = await page.evaluate(() => seen);
    assert.deepEqual(previous.slice(0, 1), [null]);
    assert.match(String(previous[1]), /^ERR_SESSION_(?:LOST|EXPIRED)$/);
    assert.ok(numbers.includes(1));
  });
});

/** Notes in `seen` what comes, over one session after the other. */
function keep(endpoint: string): void {
  const seen: { previous: (string | null)[]; numbers: number[] } = { previous: [], numbers: [] };
  Object.assign(globalThis, { seen });
  (async () => {
    const encoding = holdfast.json<number>();
    for await (const { session, previous } of holdfast.keepSession(endpoint, { encoding })) {
      seen.previous.push((previous?.error as { code?: string } | undefined)?.code ?? null);
      try {
        for await (const number of session) seen.numbers.push(number);
      } catch {
        // It is lost: the next one follows.
      }
    }
  })();
}
