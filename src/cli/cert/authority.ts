// An authority of one's own, kept in a folder, and what it signs.
// Invariant: nothing that is there and still good is replaced; what is there and no longer good, only if that was asked for.

import { generateKeyPairSync, type KeyObject, randomBytes, X509Certificate } from "node:crypto";

import { UsageError } from "../../index.js";
import { certificate, type Subject } from "./certificate.js";
import { type Pair, type PairPaths, pairPaths, readPair, writePair } from "./files.js";
import type { CertificateName } from "./names.js";

export interface Now {
  readonly now: Date;
  /** What is there may be replaced. */
  readonly renew: boolean;
}

export interface LeafRequest extends Now {
  readonly use: "server" | "client";
  readonly commonName: string;
  readonly names: readonly CertificateName[];
  readonly days: number;
}

const dayMs = 86_400_000;
const authorityDays = 3_650;
/** Other clocks may be behind ours. */
const earlyMs = 3_600_000;

/** The one in `folder`, or a new one. @throws UsageError: what is there is none, or has expired. */
export function authorityIn(folder: string, { now, renew }: Now): Pair {
  const paths = pairPaths(folder, "ca");
  const there = readPair(paths);
  if (there === undefined || (renew && isOver(there.certificate, now)))
    return newAuthority(paths, now, renew);
  const { certificate: held, privateKey } = there;
  if (isOver(held, now)) {
    const advice = "make a new one with --renew, and have it trusted instead";
    throw new UsageError(`the authority in ${paths.cert} has expired (${held.validTo})`, { advice });
  }
  if (!held.ca || privateKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw noAuthority(paths);
  return there;
}

function noAuthority({ cert, key }: PairPaths): UsageError {
  const advice = "choose another --folder, or move both away";
  return new UsageError(`${cert} and ${key} are no authority that holdfast cert has made`, { advice });
}

function newAuthority(paths: PairPaths, now: Date, renew: boolean): Pair {
  const subject = {
    organization: "Holdfast development authority",
    // Several of them may be trusted on one machine, and are told apart by it.
    commonName: `Holdfast development authority ${randomBytes(3).toString("hex")}`,
  };
  const { publicKey, privateKey } = newKeys();
  const issuer = { subject, publicKey, privateKey };
  const period = periodOf(now, authorityDays);
  const cert = certificate({ subject, publicKey, issuer, ...period, use: "authority", names: [] });
  return writePair(paths, cert, privateKey, renew);
}

/** Signed by `authority`, unless what is there is so already and fits. @throws UsageError: it does not, and may not be replaced. */
export function leafIn(paths: PairPaths, authority: Pair, request: LeafRequest): Pair {
  const there = request.renew ? undefined : readPair(paths);
  if (there !== undefined) {
    const misfit = misfitOf(there.certificate, authority, request);
    if (misfit === undefined) return there;
    throw new UsageError(`${paths.cert} is there already, and ${misfit}`, {
      advice: "replace it with --renew",
    });
  }
  const { publicKey, privateKey } = newKeys();
  const { now, days, renew, use, commonName, names } = request;
  const cert = certificate({
    subject: { organization: "Holdfast development certificate", commonName },
    publicKey,
    issuer: {
      subject: subjectOf(authority.certificate),
      publicKey: authority.certificate.publicKey,
      privateKey: authority.privateKey,
    },
    ...periodOf(now, days),
    use,
    names,
  });
  // Of another making, its name may be written otherwise than we do.
  if (misfitOf(new X509Certificate(cert), authority, request) !== undefined)
    throw noAuthority(authority.paths);
  return writePair(paths, cert, privateKey, renew);
}

/** Why it is not what was asked for; undefined if it is. */
function misfitOf(held: X509Certificate, authority: Pair, request: LeafRequest): string | undefined {
  if (isOver(held, request.now)) return `has expired (${held.validTo})`;
  const issuer = authority.certificate;
  if (!held.checkIssued(issuer) || !held.verify(issuer.publicKey))
    return `${authority.paths.cert} has not signed it`;
  const unnamed = request.names.find(({ kind, text }) =>
    kind === "ip"
      ? held.checkIP(text) === undefined
      : held.checkHost(text.replace(/^\*/, "any")) === undefined,
  );
  return unnamed === undefined ? undefined : `is not for ${unnamed.text}`;
}

function isOver(held: X509Certificate, now: Date): boolean {
  return Date.parse(held.validTo) <= now.getTime();
}

function periodOf(now: Date, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const start = now.getTime() - earlyMs;
  return { notBefore: new Date(start), notAfter: new Date(start + days * dayMs) };
}

/** P-256: what every TLS library takes, and quick to make. */
function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

/** As we wrote it. */
function subjectOf(held: X509Certificate): Subject {
  const { O: organization = "", CN: commonName = "" } = held.toLegacyObject().subject as {
    O?: string;
    CN?: string;
  };
  return { organization, commonName };
}
