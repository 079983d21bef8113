// The built page: its files, read once, and handed out by the very paths that they have.
// Invariant: no path leads anywhere but to a file that was there when the hub began, so there is nothing to traverse.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";

export interface Asset {
  readonly bytes: Uint8Array;
  readonly type: string;
  /** Its name changes with its content. */
  readonly isHashed: boolean;
}

/** By the path in a URL; the page itself is `/`. */
export type Assets = ReadonlyMap<string, Asset>;

const types: { readonly [extension: string]: string } = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** Where the build puts the page: beside this file's own folder, once both are built. */
export const pageFolder: URL = new URL("../../page/", import.meta.url);

/** @returns nothing if the page was not built. */
export function readAssets(folder: URL): Assets {
  const assets = new Map<string, Asset>();
  // What a compiler leaves of the page's sources is no page.
  if (!existsSync(new URL("index.html", folder))) return assets;
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = entry.replaceAll("\\", "/");
    const type = types[extname(path)];
    if (type === undefined) continue;
    const bytes = new Uint8Array(readFileSync(new URL(path, folder)));
    assets.set(path === "index.html" ? "/" : `/${path}`, { bytes, type, isHashed: isHashed(path) });
  }
  return assets;
}

/** `assets/index-DiwrgTda.js`, as the page's build names its files. */
function isHashed(path: string): boolean {
  return /^assets\/.+-[\w-]{8}\.\w+$/.test(path);
}
