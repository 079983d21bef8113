// Builds the page: src/page → dist/page, which the hub finds by URL and nothing imports.
// Invariant: no script and no style is inline and nothing is loaded from elsewhere, as the hub's CSP demands.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { guidePage } from "./guide.js";

const root = fileURLToPath(new URL("../../src/page/", import.meta.url));
const outDir = fileURLToPath(new URL("../../dist/page/", import.meta.url));
/** What the lab's lessons lead to. */
const guide = new URL("../../docs/guides/first-socket.md", import.meta.url);

/** @returns {Promise<void>} rejects with what is wrong in the source */
export async function buildPage() {
  await build({
    configFile: false,
    root,
    // The page stands at / of a hub, or below a proxy's prefix.
    base: "./",
    logLevel: "warn",
    plugins: [guideBesideThePage],
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2022",
      // An asset as a data: URL would be more in the script than the CSP allows.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      // How long plug-ins took says nothing of the page.
      rolldownOptions: { checks: { pluginTimings: false } },
    },
  });
}

/** @type {import("vite").Plugin} */
const guideBesideThePage = {
  name: "guide-beside-the-page",
  generateBundle(_options, bundle) {
    const stylesheet = Object.keys(bundle).find((name) => name.endsWith(".css"));
    const source = guidePage(readFileSync(guide, "utf8"), `./${stylesheet}`);
    this.emitFile({ type: "asset", fileName: "guide.html", source });
  },
};
