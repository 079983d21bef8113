// The lab in Chromium: what each experiment shows is what its sockets did. The witnesses are Node's own sockets, which the
// hub of these tests has in this very process, and the kernel's own table of them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { createHub, type LabName } from "holdfast/hub";
import type { Locator } from "playwright-core";
import { needsChromium, useChromium } from "../support/chromium.js";
import { HubPage } from "../support/hub-page.js";
import { Wiretap } from "../support/wiretap.js";

const openHub = () => createHub({ http: "http://127.0.0.1:0" });

suite("the lab", needsChromium, () => {
  const chromium = useChromium();

  /** The page at an experiment. */
  async function at(url: string, name: LabName): Promise<{ readonly lab: HubPage; readonly panel: Locator }> {
    const lab = await HubPage.open(chromium, `${url}/#lab/${name}`);
    return { lab, panel: lab.page.locator(`#lab-panel-${name}`) };
  }

  test("Bytes: three sends, and the chunks that receive really saw", async () => {
    await using hub = await openHub();
    const { lab, panel } = await at(hub.http, "bytes");
    const messages = ["Hello", "wörld", "how are you?"];
    const wire = Buffer.from(messages.join(""));
    const bytes = panel.locator('[data-reader="bytes"]');
    for (const [place, readBytes] of [
      ["Home", 1],
      ["End", 1_024],
    ] as const) {
      using tap = new Wiretap();
      await panel.getByLabel("Read at most").press(place);
      await panel.getByRole("button", { name: /^Send/ }).click();
      await seen(panel.locator('[data-reader="text"] .message'), messages.join(""));
      assert.deepEqual(Buffer.concat(tap.dialled[0]?.writes ?? []), wire);
      assert.deepEqual(await hexOf(bytes.locator('[data-blocks="sends"] .block')), messages.map(hex));
      const chunks = await hexOf(bytes.locator('[data-blocks="chunks"] .block'));
      assert.equal(chunks.join(""), wire.toString("hex"));
      assert.ok(chunks.every((chunk) => chunk.length <= 2 * readBytes));
      // The ö is of two bytes.
      assert.equal(await bytes.locator('.chunk[data-cut="true"]').count(), readBytes === 1 ? 2 : 0);
    }
    assert.deepEqual(await attributesOf(bytes.locator('[data-blocks="sends"] .cell'), "data-message"), [
      ...Array(5).fill("0"),
      ...Array(6).fill("1"),
      ...Array(12).fill("2"),
    ]);
    lab.check();
  });

  test("Bytes: an emoji cut in half, and whole with a framing", async () => {
    await using hub = await openHub();
    const { lab, panel } = await at(hub.http, "bytes");
    await panel.getByRole("button", { name: "Cut an emoji in half" }).click();
    await panel.locator('[data-reader="text"] .message').first().waitFor();
    const chunks = panel.locator('[data-reader="bytes"] .chunk');
    assert.deepEqual(await hexOf(chunks.locator(".block")), ["4869f09f", "a68a21"]);
    assert.deepEqual(await chunks.locator(".chunk-error bdi").allTextContents(), [
      "Hi\ufffd",
      "\ufffd\ufffd!",
    ]);
    for (const [framing, onWire] of [
      ["length first", "00000002486900000004f09fa68a0000000121"],
      ["lines", "48690af09fa68a0a210a"],
    ] as const) {
      using tap = new Wiretap();
      await panel.getByLabel(framing).check();
      await panel.getByRole("button", { name: "Send again" }).click();
      const framed = panel.locator('[data-reader="framed"] .message');
      await framed.nth(2).waitFor();
      assert.deepEqual(await framed.allTextContents(), ["Hi", "🦊", "!"]);
      assert.equal(Buffer.concat(tap.dialled[0]?.writes ?? []).toString("hex"), onWire);
      assert.equal((await hexOf(panel.locator('[data-reader="bytes"] .chunk .block'))).join(""), onWire);
    }
    lab.check();
  });

  test("Life: each step by hand changes the states side by side, as the kernel has them", async () => {
    await using hub = await openHub();
    const { lab, panel } = await at(hub.http, "life");
    const machine = (side: string) => panel.locator(`[data-side="${side}"]`);
    const step = async (name: string, states: { readonly [side: string]: string }) => {
      await panel.getByRole("button", { name, exact: true }).click();
      for (const [side, state] of Object.entries(states)) {
        await panel.locator(`[data-side="${side}"][data-state="${state}"]`).waitFor();
      }
    };
    /** What the page says that the kernel says, and what it says to us. */
    const kernel = async (side: string) => {
      const text = await machine(side).locator(".kernel").innerText();
      const [, state, port] = /says (\w+) tcp:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? [];
      return { shown: state, actual: kernelStates(Number(port)) };
    };

    await step("Client: connect", { client: "none" });
    await panel.locator(".start .note", { hasText: "nobody listens yet" }).waitFor();
    await step("Server: listen", { listener: "listening", client: "none", server: "none" });
    await step("Client: connect", { client: "open" });
    await step("Server: accept", { client: "open", server: "open" });
    await step("Client: send", {});
    await step("Server: reply", {});
    await step("Client: end", { client: "ended-here", server: "ended-there" });
    // The end is acknowledged a little later than it is heard.
    for (const [side, state] of [
      ["client", /^FIN_WAIT[12]$/],
      ["server", /^CLOSE_WAIT$/],
    ] as const) {
      const { shown, actual } = await kernel(side);
      assert.match(shown ?? "", state);
      assert.ok(
        actual.some((one) => state.test(one)),
        `${side}: ${actual}`,
      );
    }
    await step("Server: reply", {});
    await step("Server: end", { client: "closed", server: "closed" });
    lab.check();
  });

  test("Life: a backlog lets in who is not accepted, up to a bound", async () => {
    await using hub = await openHub();
    const { lab, panel } = await at(hub.http, "life");
    await panel.getByRole("button", { name: "Fill a backlog" }).click();
    const backlog = panel.locator(".backlog");
    await backlog.waitFor();
    const text = await backlog.innerText();
    const [, , tried, open, unanswered] =
      /backlog of (\d+).* of (\d+) clients (\d+) were connected.* and (\d+) had no answer/s.exec(text) ?? [];
    assert.equal(Number(open) + Number(unanswered), Number(tried));
    assert.ok(Number(open) > 0 && Number(unanswered) > 0, text);
    assert.match(text, new RegExp(`The kernel says: .*${open} ESTABLISHED`));
    lab.check();
  });

  for (const how of ["reset", "close", "half-open"] as const) {
    test(`Cut, ${how}: the session loses nothing, and the outbox and the numbers say why`, async () => {
      await using hub = await openHub();
      const { lab, panel } = await at(hub.http, "cut");
      using tap = new Wiretap();
      await panel.getByLabel(how, { exact: true }).check();
      await panel.getByLabel("Messages each way").press("Home");
      for (let more = 0; more < 40; more += 1)
        await panel.getByLabel("Messages each way").press("ArrowRight");
      await panel.getByRole("button", { name: /^Send and cut/ }).click();
      const [session, plain] = [panel.locator('[data-road="session"]'), panel.locator('[data-road="plain"]')];
      await session.locator(".result").waitFor();
      const [kept, lost] = [await resultOf(session), await resultOf(plain)];
      assert.deepEqual(kept, { lost: 0, doubled: 0, arrived: 100 });
      assert.equal(lost.lost + lost.arrived, 100);
      for (const end of ["client", "server"]) {
        const fact = async (road: Locator, name: string) =>
          Number(await road.locator(`[data-end="${end}"] [data-fact="${name}"] dd`).innerText());
        assert.equal(await fact(session, "sent"), 50);
        assert.equal(await fact(session, "arrived"), 50);
        assert.equal(await fact(session, "link"), 2);
        assert.equal(await fact(session, "acknowledged"), await fact(session, "last seq sent"));
        assert.equal(
          await session.locator(`[data-end="${end}"] .fact-outbox dd`).innerText(),
          "0 messages, 0 B",
        );
        assert.equal(await fact(plain, "sent"), 50);
      }
      // Each link is dialled to the relay, and by it.
      const dialled = tap.dialled.length;
      const links = await panel.locator(".result").allInnerTexts();
      const counted = links.reduce((sum, text) => sum + Number(/over (\d+) link/.exec(text)?.[1]), 0);
      assert.equal(dialled, 2 * counted);
      lab.check();
    });
  }

  test("Two kinds: the same numbers, as they came over TCP and over UDP", async () => {
    await using hub = await openHub();
    const { lab, panel } = await at(hub.http, "kinds");
    using tap = new Wiretap();
    await panel.getByLabel("Messages").press("Home");
    for (let more = 0; more < 30; more += 1) await panel.getByLabel("Messages").press("ArrowRight");
    await panel.getByLabel("Datagrams lost").press("Home");
    for (let more = 0; more < 30; more += 1) await panel.getByLabel("Datagrams lost").press("ArrowRight");
    await panel.getByRole("button", { name: /^Send over both/ }).click();
    await panel.locator('.diary [data-event="result"]').waitFor();

    const upTo40 = Array.from({ length: 40 }, (_, index) => index + 1);
    const tcp = await numbersOf(panel.locator('[data-kind="tcp"]'));
    assert.deepEqual(
      tcp,
      upTo40.map((number) => `${number} arrived`),
    );
    const [client, , server] = tap.datagrams;
    const came = (server?.received ?? []).map((data) => Number(data.toString()));
    assert.equal(client?.sent.length, 40);
    const udp = await numbersOf(panel.locator('[data-kind="udp"]'));
    const shown = udp.filter((cell) => !cell.endsWith("missing"));
    const isLate = (number: number, index: number) =>
      came.slice(0, index).some((earlier) => earlier > number);
    assert.deepEqual(
      shown,
      came.map((number, index) => `${number} ${isLate(number, index) ? "late" : "arrived"}`),
    );
    assert.deepEqual(
      udp.filter((cell) => cell.endsWith("missing")),
      upTo40.filter((number) => !came.includes(number)).map((number) => `${number} missing`),
    );
    lab.check();
  });

  test("one experiment after the other, without waiting for its end", async () => {
    await using hub = await openHub();
    const { lab, panel } = await at(hub.http, "life");
    await panel.getByRole("button", { name: "A whole call" }).click();
    await lab.page.locator("#lab-tab-bytes").click();
    const bytes = lab.page.locator("#lab-panel-bytes");
    await bytes.getByRole("button", { name: "Send", exact: true }).click();
    await bytes.locator('[data-reader="text"] .message').first().waitFor();
    lab.check();
  });

  test("each lesson leads to a chapter of the guide", async () => {
    await using hub = await openHub();
    const viewport = { width: 360, height: 740 };
    const lab = await HubPage.open(chromium, `${hub.http}/#lab`, { viewport });
    const { page } = lab;
    const links = await attributesOf(page.locator(".lesson a"), "href");
    assert.equal(links.length, 4);
    for (const link of links) {
      await page.goto(new URL(link, hub.http).href);
      await page.locator(`.guide [id="${new URL(link, hub.http).hash.slice(1)}"]`).waitFor();
    }
    assert.equal(await lab.overflow(), 0);
    assert.deepEqual(await lab.violations(), []);
    lab.check();
  });
});

const hex = (text: string) => Buffer.from(text).toString("hex");

/** What a block of bytes is drawn from. */
function hexOf(blocks: Locator): Promise<string[]> {
  return attributesOf(blocks, "data-hex");
}

function attributesOf(elements: Locator, name: string): Promise<string[]> {
  return elements.evaluateAll(
    (all, wanted) => (all as unknown as InPage[]).map((one) => one.getAttribute(wanted) ?? ""),
    name,
  );
}

/** As much of an element as is used within the page. */
interface InPage {
  getAttribute(name: string): string | null;
}

/** Waits until the texts, one behind the other, are that. */
async function seen(elements: Locator, text: string): Promise<void> {
  await elements.first().waitFor();
  assert.equal((await elements.allTextContents()).join(""), text);
}

/** `7 arrived`, `9 missing`, … */
async function numbersOf(kind: Locator): Promise<string[]> {
  const cells = kind.locator(".number");
  const [texts, hows] = [await cells.allTextContents(), await attributesOf(cells, "data-how")];
  return texts.map((text, index) => `${Number.parseInt(text, 10)} ${hows[index]}`);
}

async function resultOf(road: Locator): Promise<{ lost: number; doubled: number; arrived: number }> {
  const one = async (name: string) => Number(await road.locator(".result").getAttribute(`data-${name}`));
  return { lost: await one("lost"), doubled: await one("doubled"), arrived: await one("arrived") };
}

/** The states of the sockets at this port that do not listen, as Linux lists them (proc(5)). */
function kernelStates(port: number): string[] {
  const names: { readonly [code: string]: string } = {
    "01": "ESTABLISHED",
    "04": "FIN_WAIT1",
    "05": "FIN_WAIT2",
    "08": "CLOSE_WAIT",
  };
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address]) => address?.endsWith(local))
    .map(([, , , code = ""]) => names[code] ?? code);
}
