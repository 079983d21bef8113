// The hub's page in Chromium, as somebody who looks at it uses it: what it shows is read, what it offers is pressed.
// Invariant: waiting is for what is shown, never for time; a request to anywhere but the hub, and whatever the page's
// policy (CSP) has stopped, fails the test.

import assert from "node:assert/strict";
import axe from "axe-core";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import type { Chromium } from "./chromium.js";

export class HubPage {
  readonly page: Page;
  readonly #elsewhere: string[] = [];
  readonly #complaints: string[] = [];

  private constructor(page: Page, origin: string) {
    this.page = page;
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (host !== new URL(origin).host && protocol !== "data:") this.#elsewhere.push(request.url());
    });
    page.on("console", (message) => {
      if (/Content.Security.Policy/i.test(message.text())) this.#complaints.push(message.text());
    });
  }

  /** Once it has a link. @param url the hub's, with a tab: `http://127.0.0.1:1/#live`. */
  static async open(chromium: Chromium, url: string, options?: BrowserContextOptions): Promise<HubPage> {
    const page = new HubPage(await chromium.page(options), url);
    await page.page.goto(url);
    await page.link("open").waitFor();
    return page;
  }

  /** The badge, when the link is as wanted. */
  link(state: "opening" | "open" | "resuming"): Locator {
    return this.page.locator(`.badge[data-link="${state}"]`);
  }

  async show(tab: "talk" | "live" | "lab"): Promise<void> {
    await this.page.locator(`#main-tab-${tab}`).click();
    await this.page.locator(`#main-panel-${tab}`).waitFor();
  }

  async say(text: string): Promise<void> {
    await this.page.locator("#say").fill(text);
    await this.page.locator("#say").press("Enter");
  }

  /** Presses the button, and waits until that was seen. */
  async cut(times = 1): Promise<void> {
    await this.page.getByRole("button", { name: "Cut the link" }).click();
    await this.page.locator(".account", { hasText: new RegExp(`\\b${times} cuts?\\b`) }).waitFor();
  }

  /** A line of the room. */
  line(text: string): Locator {
    return this.page.locator(".lines p", { hasText: text });
  }

  /** Waits until that is the account. */
  async counts(wanted: {
    readonly sent: number;
    readonly arrived: number;
    readonly lost: number;
  }): Promise<void> {
    for (const [name, value] of Object.entries(wanted)) {
      await this.page.locator(`[data-count="${name}"] dd`, { hasText: new RegExp(`^${value}$`) }).waitFor();
    }
  }

  /** What was said in the room and is shown, in order. */
  async said(): Promise<string[]> {
    return this.page.locator(".line .text").allTextContents();
  }

  /** What axe-core finds wrong with what is shown now. */
  async violations(): Promise<string[]> {
    const found = await this.page.evaluate(`${axe.source};
      axe.run(document).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => id + " " + target.join(" ") + ": " + failureSummary)))`);
    return found as string[];
  }

  /** How far the page is wider than its window. */
  async overflow(): Promise<number> {
    return this.page.evaluate("document.documentElement.scrollWidth - innerWidth") as Promise<number>;
  }

  /** To be called at the end of a test. */
  check(): void {
    assert.deepEqual(this.#elsewhere, [], "asked for something elsewhere");
    assert.deepEqual(this.#complaints, [], "against the page's own policy");
  }
}
