// The policy of the browser's client: small, without anything of Node, and with the same names as Node's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const path = "dist/client.browser.js";
const bundle = readFileSync(path);
/**
 * As servers send it. It should grow only on purpose, and shrink where it can: the aim is 20,000. What weighs is the
 * session itself: the machine 12 kB, the I/O around it 8, @noble/hashes 3, encodings 2.
 */
const gzippedBytesMax = 31_500;

test("the client is small, as a page loads it", (t) => {
  const { length } = gzipSync(bundle, { level: 9 });
  t.diagnostic(`${path} is ${bundle.length} bytes, gzipped ${length}`);
  assert.ok(length <= gzippedBytesMax, `${length} bytes are more than ${gzippedBytesMax}`);
});

test("it is one module that imports nothing, and names nothing of Node", () => {
  const text = bundle.toString();
  assert.deepEqual(text.match(/\bfrom\s*["'`]|\bimport\s*["'`(]|\bnode:\w+|\brequire\(/g), null);
});

test("both builds of holdfast/client export the same names", async () => {
  const namesOf = async (file: string) =>
    Object.keys((await import(pathToFileURL(resolve(file)).href)) as object).sort();
  assert.deepEqual(await namesOf(path), await namesOf("build/src/client.js"));
});

test("its source map leads back to the source", () => {
  const map = JSON.parse(readFileSync(`${path}.map`, "utf8")) as {
    sources: string[];
    sourcesContent: string[];
  };
  assert.ok(map.sources.some((source) => source.endsWith("src/session/session.ts")));
  assert.equal(map.sources.length, map.sourcesContent.length);
});
