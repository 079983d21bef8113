// A certificate (RFC 5280) of an elliptic key, signed by another one or by itself. Only the writing is here: keys and
// signatures are the platform's.
// Invariant: it has all that today's strictest readers ask for: OpenSSL's -x509_strict, Python 3.13 and Chromium.

import { createHash, type KeyObject, randomBytes, sign } from "node:crypto";

import { bits, identifier, integer, octets, sequence, set, tagged, time, utf8, yes } from "./der.js";
import type { CertificateName } from "./names.js";

/** Whose it is. */
export interface Subject {
  readonly organization: string;
  readonly commonName: string;
}

export interface CertificateRequest {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  /** Who signs; the subject itself where an authority begins. */
  readonly issuer: {
    readonly subject: Subject;
    readonly publicKey: KeyObject;
    readonly privateKey: KeyObject;
  };
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** An authority signs others; what is for `client` cannot serve, nor the other way round. */
  readonly use: "authority" | "server" | "client";
  /** What a server may be asked for as. */
  readonly names: readonly CertificateName[];
}

/** The certificate as PEM. */
export function certificate(request: CertificateRequest): string {
  const { issuer, subject, publicKey, notBefore, notAfter } = request;
  const signed = sequence(
    tagged(0xa0, integer(new Uint8Array([2]))),
    integer(serialNumber()),
    ecdsaWithSha256,
    nameOf(issuer.subject),
    sequence(time(notBefore), time(notAfter)),
    nameOf(subject),
    publicKeyInfo(publicKey),
    tagged(0xa3, sequence(...extensionsOf(request))),
  );
  const whole = sequence(signed, ecdsaWithSha256, bits(sign("sha256", signed, issuer.privateKey)));
  const lines =
    Buffer.from(whole)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

const ecdsaWithSha256 = sequence(identifier("1.2.840.10045.4.3.2"));

/** 127 bits of chance, positive and without a leading zero (section 4.1.2.2 takes 20 bytes at most). */
function serialNumber(): Uint8Array {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

/** The organization stands alone where the name is longer than the 64 characters that a common name may have. */
function nameOf({ organization, commonName }: Subject): Uint8Array {
  const parts: (readonly [kind: string, text: string])[] = [["2.5.4.10", organization]];
  if (commonName.length <= 64) parts.push(["2.5.4.3", commonName]);
  return sequence(...parts.map(([kind, text]) => set(sequence(identifier(kind), utf8(text)))));
}

function publicKeyInfo(key: KeyObject): Uint8Array {
  return key.export({ type: "spki", format: "der" });
}

function extensionsOf({ use, names, publicKey, issuer }: CertificateRequest): Uint8Array[] {
  const isAuthority = use === "authority";
  // An authority signs certificates, and nobody below it is one.
  const constraints = isAuthority ? sequence(yes, integer(new Uint8Array([0]))) : sequence();
  const usage = isAuthority ? bits(new Uint8Array([0b0000_0110]), 1) : bits(new Uint8Array([0b1000_0000]), 7);
  const found = [
    extension("2.5.29.19", constraints, true),
    extension("2.5.29.15", usage, true),
    extension("2.5.29.14", octets(keyIdentifier(publicKey))),
    extension("2.5.29.35", sequence(tagged(0x80, keyIdentifier(issuer.publicKey)))),
  ];
  if (!isAuthority) {
    const purpose = use === "server" ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2";
    found.push(extension("2.5.29.37", sequence(identifier(purpose))));
  }
  if (names.length > 0) {
    const alternatives = names.map(({ kind, value }) => tagged(kind === "dns" ? 0x82 : 0x87, value));
    found.push(extension("2.5.29.17", sequence(...alternatives)));
  }
  return found;
}

function extension(kind: string, value: Uint8Array, isCritical = false): Uint8Array {
  return sequence(identifier(kind), ...(isCritical ? [yes] : []), octets(value));
}

/** SHA-1 of the key's bits, as a name and not for security (section 4.2.1.2). */
function keyIdentifier(key: KeyObject): Uint8Array {
  // The point on P-256 ends the structure: 04, then two numbers of 32 bytes (RFC 5480 section 2.2).
  return createHash("sha1").update(publicKeyInfo(key).subarray(-65)).digest();
}
