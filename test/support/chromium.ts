// Debian's Chromium for tests: one browser for a suite, a fresh profile for each page.
// Invariant: what a suite opened is closed behind its last test, whatever became of the tests; and a page in which a
// script failed unseen fails its test.

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { needs, pathOf } from "./require.js";

/** For `suite`: skipped aloud where there is no Chromium. */
export const needsChromium: { skip: false | string } = needs({ commands: ["chromium"] });

export interface Chromium {
  /** A page in a profile of its own, which is closed when the test ends. */
  page(options?: BrowserContextOptions): Promise<Page>;
}

/** To be called inside a suite: the browser that its tests use. @param args Chromium's own, as `--host-resolver-rules=…`. */
export function useChromium(args: readonly string[] = []): Chromium {
  let browser: Browser | undefined;
  const mistakes: string[] = [];
  before(async () => {
    browser = await chromium.launch({
      executablePath: pathOf("chromium") ?? "chromium",
      args: [...chromiumArgs(), ...args],
    });
  });
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
    assert.deepEqual(mistakes.splice(0), [], "a script of the page failed");
  });
  after(() => browser?.close());
  return {
    async page(options) {
      assert.ok(browser !== undefined, "page() is called within a test");
      const context = await browser.newContext(options);
      const page = await context.newPage();
      page.on("pageerror", (error) => mistakes.push(error.stack ?? String(error)));
      return page;
    },
  };
}

/** Chromium's sandbox takes no root, which tests in a container often are. */
export function chromiumArgs(): readonly string[] {
  return process.getuid?.() === 0 ? ["--no-sandbox"] : [];
}
