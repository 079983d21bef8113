// The names that a certificate is for: host names, wildcards and IP addresses.
// Invariant: what passes is something that a client can ask for, so that no certificate is made which fits nothing.

import { domainToASCII } from "node:url";

import { UsageError } from "../../index.js";

export interface CertificateName {
  readonly kind: "dns" | "ip";
  /** As a client shows it. */
  readonly text: string;
  /** As a certificate has it: a name's ASCII, an address's 4 or 16 bytes. */
  readonly value: Uint8Array;
}

/** @throws UsageError: neither a host name nor an address. */
export function certificateName(written: string): CertificateName {
  const address = addressOf(written);
  if (address !== undefined) return { kind: "ip", text: written.toLowerCase(), value: address };
  const wildcard = written.startsWith("*.") ? "*." : "";
  const host = domainToASCII(written.slice(wildcard.length));
  const isHost =
    /^(?=.{1,253}$)[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?(\.[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?)*$/.test(host);
  // What looks like a path or an escape is left out, or undone, on the way to ASCII.
  const isPlain = !/[\s/\\?#%]/.test(written);
  // Text of digits and dots that is no address would be read as a part of one.
  if (!isHost || !isPlain || /^[\d.]+$/.test(host)) throw wrong(written);
  const text = wildcard + host;
  return { kind: "dns", text, value: new TextEncoder().encode(text) };
}

function addressOf(text: string): Uint8Array | undefined {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) {
    const parts = text.split(".").map(Number);
    return parts.every((part) => part < 256) ? new Uint8Array(parts) : undefined;
  }
  if (!text.includes(":") || !/^[\da-f:.]+$/i.test(text) || !URL.canParse(`http://[${text}]/`))
    return undefined;
  // The URL has it in one form, without dots: groups of hex, `::` for the longest run of zeros.
  const plain = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [before = [], after = []] = plain.split("::").map((half) =>
    half
      .split(":")
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16)),
  );
  const groups = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
  return new Uint8Array(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function wrong(written: string): UsageError {
  const isEndpoint = /:\/\/|^[^:]*:\d+$/.test(written);
  const advice = isEndpoint
    ? "give the host alone, without scheme, port and path"
    : "give host names such as app.test, addresses such as 192.0.2.1, or wildcards such as *.app.test";
  return new UsageError(`"${written}" is neither a host name nor an IP address`, { advice });
}
