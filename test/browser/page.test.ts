// The hub's page as a newcomer meets it: open it, talk with whoever is there, cut the link, and nothing is lost.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createHub, type Hub, type HubOptions } from "holdfast/hub";
import { Authority } from "../support/certificates.js";
import { needsChromium, useChromium } from "../support/chromium.js";
import { HubPage } from "../support/hub-page.js";
import { holdfast, Program } from "../support/program.js";
import { Relay } from "../support/relay.js";
import { needs } from "../support/require.js";

const doors = {
  plain: "tcp://127.0.0.1:0",
  endpoints: ["tcp://127.0.0.1:0"],
  http: "http://127.0.0.1:0",
} as const;
const openHub = (options: HubOptions = {}): Promise<Hub> => createHub({ ...doors, ...options });
const portOf = (url: string) => Number(new URL(url).port);
const phone = { viewport: { width: 360, height: 740 } } as const;
/** A name that leads to this machine, in Chromium alone. */
const otherName = "hub.example";

suite("a newcomer", needsChromium, () => {
  const chromium = useChromium([`--host-resolver-rules=MAP ${otherName} 127.0.0.1`]);

  test(
    "talks with nc and holdfast chat, cuts the link again and again, and nothing is lost",
    needs({ commands: ["ncat"] }),
    async () => {
      await using hub = await openHub();
      await using nc = new Program("ncat", ["127.0.0.1", new URL(hub.plain).port]);
      await nc.sees(/you are guest-1/);
      await using chat = holdfast(["chat", hub.endpoints[0] ?? "", "--name", "bob"]);
      await nc.sees(/is now bob/);
      const page = await HubPage.open(chromium, hub.http);
      await page.page.locator("#name").fill("ada");
      await page.page.getByRole("button", { name: "Change" }).click();
      await nc.sees(/is now ada/);

      const cuts = 5;
      const own: string[] = [];
      for (let cut = 1; cut <= cuts; cut += 1) {
        nc.write(`nc says ${cut}\n`);
        chat.write(`chat says ${cut}\n`);
        own.push(`page says ${cut} before`, `page says ${cut} after`);
        await page.say(own.at(-2) ?? "");
        await page.cut(cut);
        await page.say(own.at(-1) ?? "");
      }
      await page.counts({ sent: 2 * cuts, arrived: 2 * cuts, lost: 0 });
      for (const name of ["nc", "chat"]) await page.line(`${name} says ${cuts}`).first().waitFor();
      await page.page.locator(".account", { hasText: "0 holes, 0 doubles" }).waitFor();

      // As the others heard it: each once, in order; and as the page did.
      await nc.sees(new RegExp(`page says ${cuts} after`));
      await chat.sees(new RegExp(`page says ${cuts} after`));
      for (const { stdout } of [nc, chat]) {
        assert.deepEqual(stdout.match(/(?<=^ada: )page says \d before|(?<=^ada: )page says \d after/gm), own);
      }
      const said = await page.said();
      assert.equal(said.length, 4 * cuts);
      assert.deepEqual(
        said.filter((text) => text.startsWith("page")),
        own,
      );
      for (const name of ["nc", "chat"]) {
        const numbers = said.filter((text) => text.startsWith(name)).map((text) => text.split(" ").at(-1));
        assert.deepEqual(numbers, ["1", "2", "3", "4", "5"]);
      }
      page.check();
    },
  );

  test("writes while the link is down: it waits, and arrives when there is a link again", async () => {
    await using hub = await openHub();
    await using relay = await Relay.to(portOf(hub.http));
    const page = await HubPage.open(chromium, `http://127.0.0.1:${relay.port}/`);
    relay.isDown = true;
    relay.cut();
    await page.link("resuming").waitFor();
    await page.page.locator(".link-words", { hasText: "The link is down" }).waitFor();
    assert.equal(await page.page.getByRole("button", { name: "Cut the link" }).isDisabled(), true);
    await page.say("are you there?");
    await page.page.locator('.line[data-pending="true"]', { hasText: "on the way" }).waitFor();
    await page.counts({ sent: 1, arrived: 0, lost: 0 });
    relay.isDown = false;
    await page.counts({ sent: 1, arrived: 1, lost: 0 });
    await page.line("the same session, 0 lost").waitFor();
    assert.equal(await page.page.locator('.line[data-pending="true"]').count(), 0);
  });

  test("is told when the session has expired, what it does not know to have arrived, and may say it again", async () => {
    await using hub = await openHub({ sessionTtlMs: 1_000 });
    await using relay = await Relay.to(portOf(hub.http));
    const page = await HubPage.open(chromium, `http://127.0.0.1:${relay.port}/`);
    await page.say("heard");
    await page.counts({ sent: 1, arrived: 1, lost: 0 });
    relay.isDown = true;
    relay.cut();
    await page.say("into the void");
    await page.line("The session has ended.").waitFor();
    await page.counts({ sent: 2, arrived: 1, lost: 1 });
    relay.isDown = false;
    await page.line("A new session has begun.").waitFor();
    await page.page.getByRole("button", { name: "Say it again" }).click();
    await page.counts({ sent: 3, arrived: 2, lost: 1 });
    await page.page.locator(".account", { hasText: "0 holes, 0 doubles" }).waitFor();
  });

  test("leaves the room when the page is closed or loaded again, and is not awaited there", async () => {
    await using hub = await openHub();
    await using chat = holdfast(["chat", hub.endpoints[0] ?? ""]);
    await chat.sees(/you are guest-1/);
    const { page } = await HubPage.open(chromium, hub.http);
    await chat.sees(/\* guest-2 joined/);
    await page.reload();
    await chat.sees(/\* guest-2 left: .*the page was closed/);
    await page.close({ runBeforeUnload: true });
    await chat.sees(/\* guest-3 left: .*the page was closed/);
  });

  test("sees text from others as text, whatever is in it", async () => {
    await using hub = await openHub();
    await using chat = holdfast(["chat", hub.endpoints[0] ?? ""]);
    const page = await HubPage.open(chromium, hub.http);
    const markup = '<img src=x onerror="document.title=1"><b>bold</b> &amp; %s';
    chat.write(`${markup}\n\u202eturned round\n`);
    await page.line("turned round").waitFor();
    const [first, second = ""] = await page.said();
    assert.equal(first, markup);
    assert.match(second, /^\\u\{202e\}turned round$/);
    assert.equal(await page.page.locator(".lines img, .lines b").count(), 0);
    page.check();
  });

  test("on a phone over https, with a certificate of the hub's own", async () => {
    const authority = await Authority.create();
    const { cert, key } = await authority.issue("hub");
    await using hub = await openHub({ http: "https://127.0.0.1:0", tls: { cert, key } });
    const page = await HubPage.open(chromium, hub.http, { ...phone, ignoreHTTPSErrors: true });
    assert.match(await page.page.evaluate("String(isSecureContext)"), /true/);
    await talkAndCut(page);
  });

  test("over clear HTTP, on a name other than localhost", async () => {
    await using hub = await openHub({ hosts: [otherName] });
    const page = await HubPage.open(chromium, `http://${otherName}:${portOf(hub.http)}/`);
    // There the browser has no crypto.subtle.
    assert.match(await page.page.evaluate("String(isSecureContext)"), /false/);
    await talkAndCut(page);
  });

  async function talkAndCut(page: HubPage): Promise<void> {
    await page.say("before");
    await page.cut();
    await page.say("after");
    await page.counts({ sent: 2, arrived: 2, lost: 0 });
    assert.equal(await page.overflow(), 0);
    page.check();
  }
});

suite("the page is for everyone", needsChromium, () => {
  const chromium = useChromium();
  const looks = (["light", "dark"] as const).flatMap((colorScheme) => [
    { name: `${colorScheme}`, options: { colorScheme } },
    { name: `${colorScheme}, on a phone`, options: { colorScheme, ...phone } },
  ]);

  for (const { name, options } of looks) {
    test(`axe-core finds nothing wrong with any tab: ${name}`, async () => {
      await using hub = await openHub();
      const page = await HubPage.open(chromium, hub.http, options);
      await page.say("hello");
      await page.cut();
      await page.counts({ sent: 1, arrived: 1, lost: 0 });
      await wellMade(page, "talk");
      await page.show("live");
      await page.page.locator(".unfold").first().click();
      await page.page.locator(".timeline").first().waitFor();
      await wellMade(page, "live");
      await page.show("lab");
      for (const [experiment, button] of experiments) {
        await page.page.locator(`#lab-tab-${experiment}`).click();
        await page.page.getByRole("button", { name: button, exact: true }).click();
        await page.page.locator(`#lab-panel-${experiment} .diary li`).first().waitFor();
        await wellMade(page, experiment);
      }
      page.check();
    });
  }

  const experiments = [
    ["bytes", "Cut an emoji in half"],
    ["life", "A whole call"],
    ["cut", "Send and cut"],
    ["kinds", "Send over both"],
  ] as const;

  async function wellMade(page: HubPage, where: string): Promise<void> {
    assert.deepEqual(await page.violations(), [], where);
    assert.equal(await page.overflow(), 0, `${where} is wider than its window`);
  }

  test("everything is reached with the keyboard alone", async () => {
    await using hub = await openHub();
    const { page } = await HubPage.open(chromium, hub.http);
    const focused = () =>
      page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "main-tab-talk");
    await page.keyboard.press("ArrowRight");
    assert.equal(await focused(), "main-tab-live");
    await page.locator("#main-panel-live").waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "say");
    await page.keyboard.type("typed");
    await page.keyboard.press("Enter");
    await page.locator('[data-mine="true"] .mark-arrived').waitFor({ state: "attached" });
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Cut the link");
    await page.keyboard.press("Enter");
    await page.locator(".account", { hasText: "1 cut." }).waitFor();
    await page.goBack();
    await page.locator("#main-panel-live").waitFor();
  });
});
