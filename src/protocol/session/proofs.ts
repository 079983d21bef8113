// What proves that a side knows a session's secret: docs/PROTOCOL.md sections 2 and 11.
// Invariant: what is compared with a proof is compared in constant time.

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

export const idBytes = 16;
export const secretBytes = 32;
export const proofBytes = 32;

/** What a RESUME proves with. @param binding Empty where the session is not bound to TLS. */
export function resumeProof(secret: Uint8Array, binding: Uint8Array, json: Uint8Array): Uint8Array {
  return mac(secret, resumeLabel, binding, json);
}

/** What a RESUMED proves with. @param proof That of the RESUME which it answers. */
export function resumedProof(secret: Uint8Array, proof: Uint8Array, json: Uint8Array): Uint8Array {
  return mac(secret, resumedLabel, proof, json);
}

/** What HELLO says of the TLS connection it is sent on. @param exporter 32 bytes of RFC 8446 section 7.5. */
export function exporterHash(exporter: Uint8Array): string {
  return bytesToHex(sha256(exporter));
}

/** As long for any bytes of one length: no early end tells how many were right. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at += 1) difference |= (one[at] ?? 0) ^ (other[at] ?? 0);
  return difference === 0;
}

/** RESUME and RESUMED end with their proof. @param payload Of at least `proofBytes`. */
export function splitProof(payload: Uint8Array): { readonly json: Uint8Array; readonly proof: Uint8Array } {
  const at = payload.length - proofBytes;
  return { json: payload.subarray(0, at), proof: payload.subarray(at) };
}

/** What is said of a link in a RESUME's proof; undefined if the session is bound to TLS and the link has none. */
export function bindingOf(
  session: { readonly bound: boolean },
  exporter: Uint8Array | undefined,
): Uint8Array | undefined {
  return session.bound ? exporter : none;
}

const none = new Uint8Array(0);
const resumeLabel = new TextEncoder().encode("holdfast/1 resume");
const resumedLabel = new TextEncoder().encode("holdfast/1 resumed");

function mac(secret: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = hmac.create(sha256, secret);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
