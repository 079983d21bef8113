// Builds the browser's `holdfast/client`: one minified ES module, dist/client.browser.js, with all that it needs in it.
// Invariant: whatever of Node it would reach fails the build, instead of a page.

import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** @type {import("vite").Plugin} */
const nothingOfNode = {
  name: "nothing-of-node",
  enforce: "pre",
  resolveId(id, importer) {
    if (id.startsWith("node:")) throw new Error(`${importer} imports ${id}, and browsers have no Node`);
  },
};

/** @returns {Promise<void>} */
export async function buildClient() {
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: "warn",
    plugins: [nothingOfNode],
    build: {
      target: "es2022",
      outDir: "dist",
      emptyOutDir: false,
      sourcemap: true,
      modulePreload: false,
      // Not as `lib`, whose modules keep their white space for other bundlers.
      rolldownOptions: {
        input: "src/client-browser.ts",
        preserveEntrySignatures: "strict",
        output: { entryFileNames: "client.browser.js", codeSplitting: false },
      },
    },
  });
}
