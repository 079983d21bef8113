// What a page can count on: errors that say what a browser knows, clear HTTP, and wakes.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Page } from "playwright-core";
import type * as client from "../../src/client-browser.js";
import { needsChromium, useChromium } from "../support/chromium.js";
import { begin, finish } from "./in-page.js";
import { load, type NumberSession, openScene, type Scene } from "./scene.js";

declare const holdfast: typeof client;

/** So rare that nothing but a wake finds a dead link. */
const rarely = { pingAfterMs: 600_000, deadAfterMs: 6_000_000 };

async function started(page: Page, scene: Scene, heartbeat = rarely): Promise<NumberSession> {
  await load(page, scene.url);
  const { endpoint } = scene;
  const [served] = await Promise.all([scene.next(), page.evaluate(begin, { endpoint, heartbeat })]);
  return served;
}

suite("a page", needsChromium, () => {
  const chromium = useChromium(["--host-resolver-rules=MAP hub.test 127.0.0.1"]);

  test("is told by class and code what went wrong, as far as a browser knows", async () => {
    await using scene = await openScene();
    const page = await chromium.page();
    await load(page, scene.url);
    const failures = await page.evaluate(async () => {
      const failure = async (endpoint: string, options = {}) => {
        try {
          await holdfast.openSession(endpoint, options);
          return "opened";
        } catch (error) {
          const { name, code } = error as { name: string; code: string };
          return `${name} ${code} ${error instanceof holdfast.SocketError}`;
        }
      };
      return [
        await failure("tcp://127.0.0.1:1"),
        await failure("ws://127.0.0.1:1/session"),
        await failure("ws://"),
        await failure("ws://127.0.0.1:1/", { tls: {} }),
        await failure("ws://127.0.0.1:1/", { webSocket: { subprotocols: ["not one"] } }),
      ];
    });
    assert.deepEqual(failures, [
      "UsageError ERR_ENDPOINT true",
      "DisconnectedError ERR_UNREACHABLE true",
      "UsageError ERR_ENDPOINT true",
      "UsageError ERR_USAGE true",
      "UsageError ERR_USAGE true",
    ]);
  });

  test("over clear HTTP on a name of its own, where there is no crypto.subtle, resumes all the same", async () => {
    await using scene = await openScene({ host: "hub.test" });
    const page = await chromium.page();
    const served = await started(page, scene);
    assert.deepEqual(await page.evaluate("[isSecureContext, typeof crypto.subtle]"), [false, "undefined"]);
    await served.send(0);
    scene.relay.cut();
    await served.send(1);
    await served.send(-1);
    const { received, wrong } = await page.evaluate(finish);
    assert.deepEqual([received, wrong], [2, []]);
    assert.equal(served.stats.links, 2);
  });

  test("that comes back online asks at once whether its link lives, and replaces a dead one", async () => {
    await using scene = await openScene({ heartbeat: rarely });
    const page = await chromium.page();
    const served = await started(page, scene);
    scene.relay.silence();
    await page.evaluate("dispatchEvent(new Event('online'))");
    await served.send(0);
    await served.send(-1);
    assert.deepEqual((await page.evaluate(finish)).received, 1);
    assert.equal(served.stats.links, 2);
  });
});
