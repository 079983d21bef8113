// Chromium as a user has it, for what Playwright's own browser never does: hide and freeze a page.
// Invariant: process and profile are gone behind the suite.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before } from "node:test";
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";
import { chromiumArgs } from "./chromium.js";

export interface BareChromium {
  /** A page, closed when the test ends. */
  page(): Promise<Page>;
}

/** To be called inside a suite: the browser that its tests use. */
export function useBareChromium(): BareChromium {
  const profile = mkdtempSync(join(tmpdir(), "holdfast-chromium-"));
  let child: ChildProcess | undefined;
  let browser: Browser | undefined;
  const pages: Page[] = [];
  before(async () => {
    const options = ["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
    child = spawn("chromium", [...options, ...chromiumArgs(), "about:blank"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    browser = await chromium.connectOverCDP(await doorOf(child), { noDefaults: true });
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
  });
  after(async () => {
    await browser?.close();
    if (child !== undefined && child.exitCode === null && child.kill()) await once(child, "exit");
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  });
  return {
    async page() {
      const [context] = browser?.contexts() ?? [];
      assert.ok(context !== undefined, "page() is called within a test");
      const page = await context.newPage();
      pages.push(page);
      return page;
    },
  };
}

/** Where DevTools may reach it: it says so on stderr. */
async function doorOf({ stderr }: ChildProcess): Promise<string> {
  let said = "";
  assert.ok(stderr !== null);
  for await (const text of stderr.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    said += text;
    const [, door] = /listening on (ws:\S+)/.exec(said) ?? [];
    if (door === undefined) continue;
    stderr.resume();
    return door;
  }
  throw new Error(`Chromium ended: ${said}`);
}

/** Hides the page, and stops everything in it, as a browser does with a tab that nobody looks at. */
export async function freeze(page: Page): Promise<{ thaw(): Promise<void> }> {
  const devtools: CDPSession = await page.context().newCDPSession(page);
  await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
  return {
    async thaw() {
      await devtools.send("Page.setWebLifecycleState", { state: "active" });
    },
  };
}
