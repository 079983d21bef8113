// IP addresses as bytes and as text.
// Invariant: an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) is the IPv4 address it holds, wherever it comes from.

import { isIpv4, isIpv6 } from "./endpoint.js";

/** The 4 or 16 bytes of an address, without its zone; undefined if it is none. */
export function addressBytes(text: string): Uint8Array | undefined {
  if (isIpv4(text)) return Uint8Array.from(text.split("."), Number);
  if (!isIpv6(text)) return undefined;
  const [address = ""] = text.split("%");
  const [before = "", after] = address.split("::");
  const head = groupsOf(before);
  const tail = after === undefined ? [] : groupsOf(after);
  const bytes = new Uint8Array(16);
  bytes.set(head);
  bytes.set(tail, 16 - tail.length);
  return plain(bytes);
}

/** An address as text, in its canonical form (RFC 5952 section 4). @param bytes 4 or 16. */
export function addressText(bytes: Uint8Array): string {
  const address = plain(bytes);
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((address[2 * index] ?? 0) << 8) | (address[2 * index + 1] ?? 0)).toString(16),
  );
  const all = groups.join(":");
  // The longest run of zeros, the first of several; never a single one.
  let longest = "";
  for (const [run] of all.matchAll(/\b0(?::0)+\b/g)) if (run.length > longest.length) longest = run;
  if (longest === "") return all;
  const start = all.search(new RegExp(`\\b${longest}\\b`));
  return `${all.slice(0, start).replace(/:$/, "")}::${all.slice(start + longest.length).replace(/^:/, "")}`;
}

/** IPv4 and IPv6 as one length: 16 bytes. */
export function mapped(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 16) return bytes;
  return Uint8Array.of(...mappedPrefix, ...bytes);
}

const mappedPrefix: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function plain(bytes: Uint8Array): Uint8Array {
  const isMapped = bytes.length === 16 && mappedPrefix.every((byte, index) => bytes[index] === byte);
  return isMapped ? bytes.subarray(12) : bytes;
}

/** One side of `::`, as bytes. */
function groupsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
