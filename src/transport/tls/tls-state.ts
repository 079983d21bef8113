// What a handshake came to, read once from Node's socket.

import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

import type { TlsCertificate, TlsState } from "./state.js";

/** docs/PROTOCOL.md section 11. */
const exporterLabel = "EXPORTER-holdfast-session";

/** @param serverName What the client asked for. */
export function stateOf(
  socket: TLSSocket,
  serverName: string | undefined,
  isVerified: boolean,
  chain: readonly TlsCertificate[],
): TlsState {
  const version = socket.getProtocol() ?? "unknown";
  const { alpnProtocol } = socket;
  return {
    version,
    cipher: socket.getCipher().standardName,
    // Node says false or null for none.
    alpn: typeof alpnProtocol === "string" ? alpnProtocol : undefined,
    serverName,
    isResumed: socket.isSessionReused(),
    isVerified,
    chain,
    exporter: exporterOf(socket, version),
  };
}

/**
 * In TLS 1.2 it is bound to the connection only with RFC 7627, of which Node does not tell whether it was agreed on: then
 * two connections could be made to have the same (the triple handshake).
 */
function exporterOf(socket: TLSSocket, version: string): Uint8Array | undefined {
  if (version !== "TLSv1.3") return undefined;
  // A context that is empty and none at all are one in TLS 1.3.
  return new Uint8Array(socket.exportKeyingMaterial(32, exporterLabel, Buffer.alloc(0)));
}

/** What the peer showed in this handshake, its own first. A client is shown nothing when a session is continued. */
export function chainOf(socket: TLSSocket): TlsCertificate[] {
  const chain: TlsCertificate[] = [];
  let next = socket.getPeerX509Certificate();
  // An authority has signed itself; nobody sends so many in honesty.
  while (next !== undefined && chain.length < 16) {
    const fingerprint = fingerprintOf(next);
    if (chain.some((known) => known.fingerprint === fingerprint)) break;
    chain.push(certificateOf(next, fingerprint));
    next = next.issuerCertificate;
  }
  return chain;
}

function certificateOf(certificate: X509Certificate, fingerprint: string): TlsCertificate {
  const { subject, issuer, subjectAltName, validFrom, validTo } = certificate;
  return {
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    names: namesIn(subjectAltName),
    notBeforeMs: Date.parse(validFrom),
    notAfterMs: Date.parse(validTo),
    fingerprint,
  };
}

function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(":", "").toLowerCase();
}

function oneLine(name: string | undefined): string {
  return (name ?? "").replaceAll("\n", ", ");
}

/** `DNS:localhost, IP Address:127.0.0.1`; a name with a comma in it is quoted as in JSON. */
function namesIn(text: string | undefined): string[] {
  const names = (text ?? "").matchAll(/(?:^|, )[^:,"]+:("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...names].map(([, name = ""]) => (name.startsWith('"') ? (JSON.parse(name) as string) : name));
}
