// The built page as files.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { pageFolder, readAssets } from "../../../src/hub/http/assets.js";

function folderOf(t: { after(step: () => void): void }, files: { readonly [path: string]: string }): URL {
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return pathToFileURL(`${folder}/`);
}

test("files have the paths of their folder, and the page is at /", (t) => {
  const folder = folderOf(t, {
    "index.html": "<!doctype html>",
    "icon.svg": "<svg/>",
    "assets/index-DiwrgTda.js": "1",
    "assets/index-B2_x-9fA.css": "a{}",
    "assets/plain.js": "2",
    "index.js.map": "{}",
    ".secret": "no",
  });
  const assets = readAssets(folder);
  const seen = [...assets].map(([path, { type, isHashed }]) => [path, type, isHashed]);
  assert.deepEqual(
    seen.sort(([one], [other]) => String(one).localeCompare(String(other), "en")),
    [
      ["/", "text/html; charset=utf-8", false],
      ["/assets/index-B2_x-9fA.css", "text/css; charset=utf-8", true],
      ["/assets/index-DiwrgTda.js", "text/javascript; charset=utf-8", true],
      ["/assets/plain.js", "text/javascript; charset=utf-8", false],
      ["/icon.svg", "image/svg+xml", false],
    ],
  );
  assert.equal(new TextDecoder().decode(assets.get("/icon.svg")?.bytes), "<svg/>");
});

test("without the page itself there is nothing", (t) => {
  assert.equal(readAssets(folderOf(t, { "main.js": "1" })).size, 0);
  assert.equal(readAssets(new URL("nowhere/", folderOf(t, {}))).size, 0);
});

test("it is found beside the hub's own code", () => {
  assert.match(pageFolder.pathname, /\/page\/$/);
});
