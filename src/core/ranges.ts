// Ranges of addresses: whom to trust. A list of addresses, of ranges with a prefix (RFC 4632), and of a few names.
// Invariant: nothing that is not written is in it; `0.0.0.0/0` holds no IPv6 address, and `::/0` no IPv4 one.

import { addressBytes } from "./address.js";
import { hostOf } from "./endpoint.js";
import { UsageError } from "./errors.js";

/** What a name stands for: RFC 1122 and RFC 4291; RFC 1918 and RFC 4193. */
const names: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", ["127.0.0.0/8", "::1"]],
  ["private", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]],
]);
/** Peers at Unix sockets, which have no address. */
const unix = "unix";
const advice = "write 192.0.2.7, 10.0.0.0/8, 2001:db8::/32, loopback, private or unix";

interface Range {
  readonly bytes: Uint8Array;
  readonly prefixBits: number;
}

export class Ranges {
  readonly #ranges: readonly Range[];
  readonly #hasUnix: boolean;

  /**
   * @param written An IPv4-mapped range (`::ffff:10.0.0.0/104`) is the IPv4 range it holds.
   * @param option What the caller calls it, for the error.
   * @throws UsageError for what is no range, or has bits beyond its prefix.
   */
  constructor(written: readonly string[], option: string) {
    if (!Array.isArray(written))
      throw new UsageError(`${option} is no list`, { advice: 'write ["10.0.0.0/8"]' });
    this.#hasUnix = written.includes(unix);
    this.#ranges = written
      .filter((text) => text !== unix)
      .flatMap((text) => names.get(text) ?? [text])
      .map((text) => rangeOf(text, option));
  }

  /** Whether the address is in one of them; a name never is. */
  has(address: string): boolean {
    const bytes = addressBytes(address);
    return bytes !== undefined && this.#ranges.some((range) => isIn(bytes, range));
  }

  /** The same for a peer as sockets name it: `tcp://10.0.0.1:2345`, `unix:`. */
  hasPeer(remote: string): boolean {
    const host = hostOf(remote);
    return host === undefined ? this.#hasUnix && remote.startsWith("unix:") : this.has(host);
  }
}

function rangeOf(text: string, option: string): Range {
  const wrong = (reason: string, what = advice) => new UsageError(`${option}: ${reason}`, { advice: what });
  if (typeof text !== "string") throw wrong(`${String(text)} is no text`);
  const [address = "", prefix, ...more] = text.split("/");
  const bytes = addressBytes(address);
  if (bytes === undefined || more.length > 0 || address.includes("%"))
    throw wrong(`"${text}" is no range of addresses`);
  // Written as IPv6: its prefix counts from there.
  const mappedBits = address.includes(":") ? 128 - 8 * bytes.length : 0;
  const bits = 8 * bytes.length;
  const prefixBits = prefix === undefined ? bits : Number(prefix) - mappedBits;
  if (prefix !== undefined && (!/^(?:0|[1-9]\d{0,2})$/.test(prefix) || prefixBits < 0 || prefixBits > bits)) {
    throw wrong(`"/${prefix}" is no prefix of ${address}`, `use ${mappedBits} to ${mappedBits + bits}`);
  }
  const isExact = bytes.every((byte, index) => (byte & (0xff >> clamp(prefixBits - 8 * index))) === 0);
  if (!isExact) {
    throw wrong(
      `"${text}" has bits beyond its prefix`,
      "set them to zero, or leave out the prefix for one address",
    );
  }
  return { bytes, prefixBits };
}

function isIn(bytes: Uint8Array, range: Range): boolean {
  return (
    bytes.length === range.bytes.length &&
    bytes.every(
      (byte, index) => (byte ^ (range.bytes[index] ?? 0)) >> (8 - clamp(range.prefixBits - 8 * index)) === 0,
    )
  );
}

/** How many bits of one byte a prefix covers. */
function clamp(bits: number): number {
  return Math.max(0, Math.min(8, bits));
}
