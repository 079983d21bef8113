// What a page can count on: errors that say what a browser knows, clear HTTP, frozen pages, and sessions that follow on.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { CDPSession, Page } from "playwright-core";
import type * as client from "../../src/client-browser.js";
import { needsChromium, useChromium } from "../support/chromium.js";
import { begin, finish } from "./in-page.js";
import { load, type NumberSession, openScene, type Scene } from "./scene.js";

declare const holdfast: typeof client;
declare const seen: { previous: (string | undefined)[]; numbers: number[] };

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

  test("frozen for 30 s has every message once it is thawed", async () => {
    await using scene = await openScene();
    const page = await chromium.page();
    const served = await started(page, scene, { pingAfterMs: 5_000, deadAfterMs: 15_000 });
    const devtools = await frozen(page);
    // The one wait for its own sake: the server gives the link up meanwhile, after 15 s.
    for (let second = 0; second < 30; second += 1) {
      await served.send(second);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    assert.equal(served.state.name, "resuming");
    await served.send(-1);
    await thaw(devtools);
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
    const devtools = await frozen(page);
    await first.send(2);
    const { error, unacknowledged } = await first.closed;
    assert.equal((error as { code?: string } | undefined)?.code, "ERR_SESSION_EXPIRED");
    assert.equal(unacknowledged.messages, 1);
    await thaw(devtools);
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

async function frozen(page: Page): Promise<CDPSession> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
  return devtools;
}

async function thaw(devtools: CDPSession): Promise<void> {
  await devtools.send("Page.setWebLifecycleState", { state: "active" });
}
