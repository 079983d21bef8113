// Live in Chromium: who comes, goes and is sent away is seen on the page, as the hub's sockets have it.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { connect, lines } from "holdfast";
import { createHub } from "holdfast/hub";
import type { Locator } from "playwright-core";
import { needsChromium, useChromium } from "../support/chromium.js";
import { HubPage } from "../support/hub-page.js";
import { Program } from "../support/program.js";
import { needs } from "../support/require.js";

const adminCode = "a code of 22 characters";
const openHub = () => createHub({ plain: "tcp://127.0.0.1:0", http: "http://127.0.0.1:0", adminCode });

suite("Live", needsChromium, () => {
  const chromium = useChromium();

  test(
    "shows the connection of an nc, its life cycle, and why it closed",
    needs({ commands: ["ncat"] }),
    async () => {
      await using hub = await openHub();
      const live = await HubPage.open(chromium, `${hub.http}/#live`);
      const { page } = live;
      await using nc = new Program("ncat", ["127.0.0.1", new URL(hub.plain).port]);
      await nc.sees(/you are guest/);
      const row = page.locator("tr[data-socket]", { hasText: "connection · plain door" });
      await row.waitFor();
      const remote = (await row.locator(".unfold").innerText()).trim();
      assert.match(remote, /^tcp:\/\/127\.0\.0\.1:\d+$/);
      await row.locator(".unfold").click();
      const steps = page.locator(".detail .timeline li");
      await steps.first().waitFor();
      assert.deepEqual(await steps.locator(".step-name").allInnerTexts(), ["accepted", "open"]);
      await page.getByText("2 members in the room").waitFor();

      nc.end();
      await nc.exit;
      const closed = page.locator(".closed li", { hasText: remote });
      await closed.waitFor();
      assert.match(await closed.innerText(), /by the peer/);
      await row.waitFor({ state: "detached" });
      live.check();
    },
  );

  test("lets anybody cut their own link, and nothing else without the admin code", async () => {
    await using hub = await openHub();
    const live = await HubPage.open(chromium, `${hub.http}/#live`);
    const { page } = live;
    await using guest = await connect(hub.plain, { framing: lines() });
    const own = page.locator('tr[data-you="true"]', { hasText: "session" });
    const theirs = page.locator("tr[data-socket]", { hasText: "connection · plain door" });
    const orders = page.locator(".detail .orders button");
    const press = (name: string) => page.getByRole("button", { name, exact: true });

    await own.locator(".unfold").click();
    await orders.first().waitFor();
    assert.deepEqual(await enabled(orders), [true, false, false]);
    await press("Cut").click();
    await page.getByText("The link is cut.").waitFor();
    await own.locator(".unfold").click();

    await theirs.locator(".unfold").click();
    await orders.first().waitFor();
    assert.deepEqual(await enabled(orders), [false, false, false]);
    await page.locator("#code").fill("not the code");
    await press("Unlock").click();
    await page.locator(".answer", { hasText: "Refused" }).waitFor();
    assert.equal(await page.locator("#code").inputValue(), "");
    await page.locator("#code").fill(adminCode);
    await press("Unlock").click();
    await page.locator(".answer", { hasText: "Unlocked" }).waitFor();

    await press("Slow down").click();
    await page.locator('.state[data-state="slowed"]').waitFor();
    await press("Disconnect").click();
    await page.locator(".closed li", { hasText: guest.local }).waitFor();
    // What it was sent before is still there for it.
    for await (const line of guest) assert.match(line, /^\*|^guide: /);
    assert.equal(
      await page.evaluate("JSON.stringify([localStorage.length, sessionStorage.length])"),
      "[0,0]",
    );
    live.check();
  });

  test("sorts by any column, and keeps the focus and what is unfolded while it is drawn anew", async () => {
    await using hub = await openHub();
    const live = await HubPage.open(chromium, `${hub.http}/#live`);
    const { page } = live;
    await using one = await connect(hub.plain, { framing: lines() });
    await using two = await connect(hub.plain, { framing: lines() });
    await using three = await connect(hub.plain, { framing: lines() });
    const guests = [one, two, three];
    const rows = page.locator("tr[data-socket]", { hasText: "connection · plain door" });
    await rows.nth(2).waitFor();
    const peers = async () => (await rows.locator(".unfold").allInnerTexts()).map((text) => text.trim());
    const expected = guests
      .map(({ local }) => local)
      .sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
    const peer = page.getByRole("columnheader", { name: "Peer" });
    await peer.getByRole("button").click();
    assert.equal(await peer.getAttribute("aria-sort"), "ascending");
    assert.deepEqual(await peers(), expected);
    await peer.getByRole("button").click();
    assert.equal(await peer.getAttribute("aria-sort"), "descending");
    assert.deepEqual(await peers(), expected.toReversed());

    await rows.nth(1).locator(".unfold").press("Enter");
    await page.locator(".detail .timeline").waitFor();
    const age = await rows.nth(1).locator('[data-title="Age"]').innerText();
    await rows.nth(1).locator('[data-title="Age"]', { hasNotText: age }).waitFor();
    const focused = await page.evaluate("document.activeElement.innerText.trim()");
    assert.equal(focused, expected[1]);
    assert.equal(await page.locator(".detail").count(), 1);
    live.check();
  });

  test("draws what is going on: messages, bytes and connections", async () => {
    await using hub = await openHub();
    const live = await HubPage.open(chromium, `${hub.http}/#live`);
    const { page } = live;
    await using guest = await connect(hub.plain, { framing: lines() });
    const plots = page.getByRole("img", { name: /the last two minutes/ });
    await plots.nth(2).waitFor();
    assert.equal(await page.locator(".plot canvas").count(), 3);
    await page.getByRole("img", { name: /^Open now.*connections 2, sessions 1$/ }).waitFor();
    await guest.send("something to count");
    await page.getByRole("img", { name: /^Messages\/s.*now in 1,|^Messages\/s.*now in 0\.\d,/ }).waitFor();
    live.check();
  });
});

async function enabled(buttons: Locator): Promise<boolean[]> {
  return Promise.all((await buttons.all()).map((button) => button.isEnabled()));
}
