// A certificate and its key as two files of a folder.
// Invariant: a key is readable by its owner alone from its first byte on; a file is there whole or not at all, and is
// replaced only by somebody who says so.

import { createPrivateKey, type KeyObject, randomUUID, X509Certificate } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { UsageError } from "../../index.js";

export interface PairPaths {
  readonly cert: string;
  readonly key: string;
}

/** A certificate and its key, as they are in their files. */
export interface Pair {
  readonly paths: PairPaths;
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
  /** This run has made it. */
  readonly isNew: boolean;
}

export function pairPaths(folder: string, name: string): PairPaths {
  return { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
}

/** Made if it is missing; then nothing in it goes into a repository, since there are keys in it. */
export function prepareFolder(folder: string): void {
  if (mkdirSync(folder, { recursive: true }) !== undefined) writeFileSync(join(folder, ".gitignore"), "*\n");
}

/** Undefined if neither file is there. @throws UsageError: one is missing, or they are not what they should be. */
export function readPair(paths: PairPaths): Pair | undefined {
  const missing = [paths.cert, paths.key].filter((path) => !existsSync(path));
  if (missing.length === 2) return undefined;
  const advice = `move ${paths.cert} and ${paths.key} away to have them made anew`;
  if (missing.length === 1)
    throw new UsageError(`${missing[0]} is missing, and its other half is there`, { advice });
  try {
    const certificate = new X509Certificate(readFileSync(paths.cert));
    const privateKey = createPrivateKey(readFileSync(paths.key));
    if (!certificate.checkPrivateKey(privateKey)) throw new Error("the key belongs to another certificate");
    return { paths, certificate, privateKey, isNew: false };
  } catch (cause) {
    throw new UsageError(`${paths.cert} and ${paths.key}: ${(cause as Error).message}`, { advice, cause });
  }
}

/** @param mayReplace False: whatever is there stays. @throws UsageError: there is something. */
export function writePair(paths: PairPaths, cert: string, privateKey: KeyObject, mayReplace: boolean): Pair {
  // The key first: a server that watches the certificate then finds both.
  writeWhole(paths.key, String(privateKey.export({ type: "pkcs8", format: "pem" })), 0o600, mayReplace);
  writeWhole(paths.cert, cert, 0o644, mayReplace);
  return { paths, certificate: new X509Certificate(cert), privateKey, isNew: true };
}

function writeWhole(path: string, text: string, mode: number, mayReplace: boolean): void {
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, text, { mode, flag: "wx", flush: true });
    // A link, unlike a rename, fails where something has come meanwhile.
    if (mayReplace) renameSync(draft, path);
    else linkSync(draft, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw new UsageError(`${path} is there already`, { advice: "replace it with --renew", cause });
  } finally {
    rmSync(draft, { force: true });
  }
}
