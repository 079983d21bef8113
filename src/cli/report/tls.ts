// What a TLS handshake came to, for -v and --json.
// Invariant: the exporter, which only the two ends may know, is never told.

import type { TlsCertificate, TlsState } from "../../index.js";
import { visible } from "../talk/visible.js";

/** `TLSv1.3, TLS_AES_128_GCM_SHA256, ALPN h2, verified`, then a line for each certificate. */
export function tlsSentences(tls: TlsState): string[] {
  const { version, cipher, alpn, serverName, isResumed, isVerified, chain } = tls;
  const parts = [
    version,
    cipher,
    ...(alpn === undefined ? [] : [`ALPN ${alpn}`]),
    ...(serverName === undefined ? [] : [`for ${serverName}`]),
    ...(isResumed ? ["resumed"] : []),
    chain.length === 0 ? "the peer showed no certificate" : isVerified ? "verified" : "not verified",
  ];
  return [parts.join(", "), ...chain.map(certificateSentence)];
}

/** The fields of an event. */
export function tlsRecord({ exporter: _, chain, ...tls }: TlsState): object {
  return { ...tls, chain: chain.map(certificateRecord) };
}

function certificateSentence(certificate: TlsCertificate): string {
  const { names, notAfterMs, subject, issuer } = certificate;
  const whose = names.length === 0 ? oneLine(subject) : names.map(oneLine).join(", ");
  return `certificate: ${whose}; issued by ${oneLine(issuer)}; until ${dateOf(notAfterMs)}`;
}

function certificateRecord({ notBeforeMs, notAfterMs, ...rest }: TlsCertificate): object {
  return { ...rest, notBefore: dateOf(notBeforeMs), notAfter: dateOf(notAfterMs) };
}

function dateOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : "an unknown date";
}

/** A peer chooses what its certificate says. */
function oneLine(text: string): string {
  return visible(text.replaceAll("\n", ", "));
}
